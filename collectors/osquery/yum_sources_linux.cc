// SPDX-License-Identifier: Apache-2.0
// yum.conf(5), dnf.conf(5).
#include <map>

#include "base/text.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

constexpr char kConf[] = "/etc/yum.conf";
constexpr size_t kMaxBytes = 4 << 20;

using Options = std::map<std::string, std::string>;
struct Section {
  std::string name;
  Options options;
};

// A line that begins with a blank goes on with the value before it.
Result<std::vector<Section>> ParseIni(std::string_view text, const std::string& path) {
  std::vector<Section> out;
  std::string* value = nullptr;
  for (const std::string_view whole : Lines(text)) {
    const std::string_view line = Trim(whole);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (value != nullptr && (whole[0] == ' ' || whole[0] == '\t')) {
      *value += " " + std::string(line);
      continue;
    }
    if (line[0] == '[' && line.ends_with(']')) {
      out.push_back({std::string(line.substr(1, line.size() - 2)), {}});
      value = nullptr;
      continue;
    }
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos || out.empty()) {
      return Fail(Code::kMalformed, path + ": " + Excerpt(line));
    }
    value = &out.back().options[std::string(Trim(line.substr(0, equals)))];
    *value = Trim(line.substr(equals + 1));
  }
  return out;
}

Status AddFile(const Host& host, const std::string& path, std::string* folder, TableRows* rows) {
  const auto text = host.ReadFile(path, kMaxBytes);
  if (!text) return text.error().code == Code::kNotFound ? Status() : tl::unexpected(text.error());
  const auto sections = ParseIni(*text, path);
  if (!sections) return tl::unexpected(sections.error());
  for (const Section& section : *sections) {
    const auto option = [&](const char* name) {
      const auto found = section.options.find(name);
      return found == section.options.end() ? Cell(std::nullopt)
                                            : Cell(WithoutUserInfo(found->second));
    };
    if (section.name == "main") {
      const auto reposdir = section.options.find("reposdir");
      if (reposdir != section.options.end()) *folder = reposdir->second;
      continue;
    }
    rows->Add({{"name", option("name")},
               {"source", Cell(path)},
               {"baseurl", option("baseurl")},
               {"mirrorlist", option("mirrorlist")},
               {"metalink", option("metalink")},
               {"enabled", option("enabled")},
               {"gpgcheck", option("gpgcheck")},
               {"gpgkey", option("gpgkey")}});
  }
  return {};
}

}  // namespace

Result<Rows> YumSourcesLinux(const Host& host, const Keys& keys) {
  TableRows rows(kYumSources);
  std::string folder = "/etc/yum.repos.d";
  if (const Status ok = AddFile(host, kConf, &folder, &rows); !ok) {
    return tl::unexpected(ok.error());
  }
  const auto entries = host.ListDir(folder);
  if (!entries) return tl::unexpected(entries.error());
  for (const DirEntry& entry : *entries) {
    if (!entry.name.ends_with(".repo")) continue;
    std::string elsewhere;  // a repository cannot move the others
    const Status ok = AddFile(host, folder + "/" + entry.name, &elsewhere, &rows);
    if (!ok) return tl::unexpected(ok.error());
  }
  return rows.Take(keys);
}

}  // namespace sallyport
