// SPDX-License-Identifier: Apache-2.0
#include "collectors/installed_software.h"

#include <array>

#include "collectors/answers.h"
#include "collectors/windows_registry.h"

namespace sallyport {
namespace {

constexpr char kCimv2[] = R"(root\CIMV2)";
constexpr char kUninstall[] = R"(Microsoft\Windows\CurrentVersion\Uninstall)";

// Windows Installer names its keys by the product's GUID.
Value GuidOrNull(const std::string& name) {
  return name.size() == 38 && name.starts_with('{') && name.ends_with('}') ? Cell(name)
                                                                           : Cell(std::nullopt);
}

// A number, too, as Language is.
Value TextCell(const Host& host, const std::string& key, const char* name) {
  const Result<Value> value = host.ReadRegistry(key, name);
  if (value && std::holds_alternative<int64_t>(*value)) return Cell(ToText(*value));
  return TextOrNull(RegistryText(host, key, name));
}

Status AppendPrograms(const Host& host, const std::string& folder, Rows& rows) {
  const auto names = host.ListRegistry(folder);
  if (!names) {
    if (names.error().code == Code::kNotFound) return {};
    return tl::unexpected(names.error());
  }
  for (const std::string& name : *names) {
    const std::string key = folder + "\\" + name;
    const Value display_name = TextCell(host, key, "DisplayName");
    if (IsNull(display_name)) continue;
    rows.push_back({display_name, TextCell(host, key, "DisplayVersion"),
                    TextCell(host, key, "InstallLocation"), TextCell(host, key, "InstallSource"),
                    TextCell(host, key, "Language"), TextCell(host, key, "Publisher"),
                    TextCell(host, key, "UninstallString"), TextCell(host, key, "InstallDate"),
                    GuidOrNull(name), Cell(std::nullopt), Unknown{}});
  }
  return {};
}

}  // namespace

Result<Rows> PatchesWindows(const Host& host, const Keys&) {
  return host.QueryWmi(kCimv2,
                       "SELECT CSName, HotFixID, Caption, Description, FixComments, InstalledBy, "
                       "InstallDate, InstalledOn FROM Win32_QuickFixEngineering");
}

Result<Rows> ProgramsWindows(const Host& host, const Keys&) {
  const std::string machine = R"(HKEY_LOCAL_MACHINE\SOFTWARE\)";
  std::vector<std::string> folders = {machine + kUninstall,
                                      machine + R"(WOW6432Node\)" + kUninstall};
  const auto users = host.ListRegistry("HKEY_USERS");
  if (!users) return tl::unexpected(users.error());
  for (const std::string& sid : *users) {
    if (sid.ends_with("_Classes")) continue;
    folders.push_back("HKEY_USERS\\" + sid + "\\Software\\" + kUninstall);
  }
  Rows rows;
  for (const std::string& folder : folders) {
    const Status read = AppendPrograms(host, folder, rows);
    if (!read) return tl::unexpected(read.error());
  }
  return rows;
}

// InstallState of Win32_OptionalFeature.
Result<Rows> OptionalFeaturesWindows(const Host& host, const Keys&) {
  const auto features =
      host.QueryWmi(kCimv2, "SELECT Name, Caption, InstallState FROM Win32_OptionalFeature");
  if (!features) return tl::unexpected(features.error());
  constexpr std::array<const char*, 4> kWords = {"", "Enabled", "Disabled", "Absent"};
  Rows rows;
  for (const Row& feature : *features) {
    const auto* state = std::get_if<int64_t>(&feature.at(2));
    const bool known = state != nullptr && *state >= 1 && *state <= 3;
    rows.push_back({feature.at(0), feature.at(1), known ? feature.at(2) : Cell(Unknown{}),
                    known ? Cell(kWords[static_cast<size_t>(*state)]) : Cell(Unknown{})});
  }
  return rows;
}

}  // namespace sallyport
