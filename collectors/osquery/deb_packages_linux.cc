// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "base/text.h"
#include "collectors/dpkg_status.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

constexpr std::string_view kAdmindir = "/var/lib/dpkg";
// Journal entries that dpkg leaves behind when it is killed; it takes them up when it runs again.
constexpr size_t kMaxJournal = 10'000;

struct Stanza {
  std::string_view name, version, source, size, arch, status, maintainer, section, priority;
};

// One pass over the lines: StanzaField would make nine.
Stanza ParseStanza(std::string_view text) {
  Stanza out;
  const std::pair<std::string_view, std::string_view*> fields[] = {
      {"Package", &out.name},          {"Version", &out.version},   {"Source", &out.source},
      {"Installed-Size", &out.size},   {"Architecture", &out.arch}, {"Status", &out.status},
      {"Maintainer", &out.maintainer}, {"Section", &out.section},   {"Priority", &out.priority},
  };
  for (const std::string_view line : Lines(text)) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || line[0] == ' ' || line[0] == '\t') continue;
    for (const auto& [field, value] : fields) {
      if (line.substr(0, colon) == field) *value = Trim(line.substr(colon + 1));
    }
  }
  return out;
}

Value TextCell(std::string_view text) { return text.empty() ? Cell(std::nullopt) : Cell(text); }

Value SizeCell(std::string_view size) {
  if (size.empty()) return Cell(std::nullopt);
  const std::optional<int64_t> kilobytes = ParseInt(size);
  return kilobytes ? Cell(*kilobytes) : Cell(Unknown{});
}

// deb-version(7): the revision follows the last hyphen.
Value RevisionCell(std::string_view version) {
  const size_t hyphen = version.rfind('-');
  if (hyphen == std::string_view::npos) return Cell(std::nullopt);
  return Cell(version.substr(hyphen + 1));
}

using Packages = std::map<std::pair<std::string, std::string>, Stanza>;  // by name, architecture

Status AddStanzas(std::string_view text, const std::string& path, Packages* packages) {
  std::string malformed;
  ForEachStanza(text, [&](std::string_view one) {
    const Stanza stanza = ParseStanza(one);
    // Want, flag, state: dpkg(1).
    const bool whole = !stanza.name.empty() && Fields(stanza.status).size() == 3;
    if (!whole && malformed.empty()) malformed = Excerpt(one, 60);
    if (!whole || packages->size() > kMaxTableRows) return;
    packages->insert_or_assign({std::string(stanza.name), std::string(stanza.arch)}, stanza);
  });
  if (malformed.empty()) return {};
  return Fail(Code::kMalformed, path + ": " + malformed);
}

// Names of digits alone, in their order: "0000", "0001".
Result<std::vector<std::string>> ReadJournal(const Host& host, const std::string& folder) {
  std::vector<std::string> texts;
  const auto entries = host.ListDir(folder);
  if (!entries) {
    if (entries.error().code == Code::kNotFound) return texts;
    return tl::unexpected(entries.error());
  }
  if (entries->size() > kMaxJournal) return Fail(Code::kTooLarge, folder + ": too many files");
  for (const DirEntry& entry : *entries) {
    if (entry.name.find_first_not_of("0123456789") != std::string::npos) continue;
    Result<std::string> text = host.ReadFile(folder + "/" + entry.name);
    if (!text) return tl::unexpected(text.error());
    texts.push_back(std::move(*text));
  }
  return texts;
}

}  // namespace

Result<Rows> DebPackagesLinux(const Host& host, const Keys& keys) {
  const std::string admindir = FixedBy(keys, "admindir").value_or(std::string(kAdmindir));
  const std::string path = admindir + "/status";
  const Result<std::string> status = host.ReadFile(path, kMaxDpkgStatusBytes);
  if (!status) return tl::unexpected(status.error());
  const auto journal = ReadJournal(host, admindir + "/updates");
  if (!journal) return tl::unexpected(journal.error());

  Packages packages;
  if (const Status ok = AddStanzas(*status, path, &packages); !ok) {
    return tl::unexpected(ok.error());
  }
  for (const std::string& text : *journal) {
    const Status ok = AddStanzas(text, admindir + "/updates", &packages);
    if (!ok) return tl::unexpected(ok.error());
  }
  TableRows rows(kDebPackages);
  for (const auto& [name, package] : packages) {
    if (package.status.ends_with(" not-installed")) continue;
    rows.Add({{"name", Cell(package.name)},
              {"version", TextCell(package.version)},
              {"source", TextCell(package.source)},
              {"size", SizeCell(package.size)},
              {"arch", TextCell(package.arch)},
              {"revision", RevisionCell(package.version)},
              {"status", Cell(package.status)},
              {"maintainer", TextCell(package.maintainer)},
              {"section", TextCell(package.section)},
              {"priority", TextCell(package.priority)},
              {"admindir", Cell(admindir)}});
  }
  return rows.Take(keys);
}

}  // namespace sallyport
