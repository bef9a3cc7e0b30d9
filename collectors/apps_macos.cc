// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "collectors/macos_management.h"
#include "collectors/osquery/software.h"
#include "collectors/plist_reader.h"

namespace sallyport {
namespace {

// Where applications are for all; those of a person lie in that person's home.
constexpr const char* kFolders[] = {"/Applications", "/Applications/Utilities",
                                    "/System/Applications", "/System/Applications/Utilities"};
constexpr const char* kKeys[] = {"CFBundleExecutable",
                                 "CFBundleIdentifier",
                                 "CFBundleName",
                                 "CFBundleShortVersionString",
                                 "CFBundleVersion",
                                 "CFBundlePackageType",
                                 "LSEnvironment",
                                 "LSUIElement",
                                 "DTCompiler",
                                 "CFBundleDevelopmentRegion",
                                 "CFBundleDisplayName",
                                 "CFBundleGetInfoString",
                                 "LSMinimumSystemVersion",
                                 "LSApplicationCategoryType",
                                 "NSAppleScriptEnabled",
                                 "NSHumanReadableCopyright"};

// Empty text for what an application does not say of itself, as osquery has it.
Value TextAt(const Plist& info, const char* key) {
  const Plist* const found = info.Find(key);
  if (found == nullptr) return Cell("");
  if (found->kind == Plist::Kind::kText) return Cell(found->text);
  const bool number = found->kind == Plist::Kind::kInteger || found->kind == Plist::Kind::kBoolean;
  return number ? Cell(std::to_string(found->number)) : Cell(Unknown{});
}

// One whose description may not be read, or is broken, is there all the same.
Row RowOf(const Host& host, const std::string& name, const std::string& path) {
  Row row(kApps.columns.size(), Unknown{});  // when it was opened last, Spotlight knows
  row[0] = Cell(name);
  row[1] = Cell(path);
  const auto info = ReadPlist(host, path + "/Contents/Info.plist");
  if (!info) return row;
  for (size_t i = 0; i < std::size(kKeys); ++i) row[i + 2] = TextAt(*info, kKeys[i]);
  return row;
}

}  // namespace

Result<Rows> AppsMacos(const Host& host, const Keys&) {
  Rows rows;
  for (const char* folder : kFolders) {
    const auto entries = host.ListDir(folder);
    if (!entries && entries.error().code == Code::kNotFound) continue;
    if (!entries) return tl::unexpected(entries.error());
    for (const DirEntry& entry : *entries) {
      if (!entry.name.ends_with(".app")) continue;
      rows.push_back(RowOf(host, entry.name, std::string(folder) + "/" + entry.name));
    }
  }
  return rows;
}

}  // namespace sallyport
