// SPDX-License-Identifier: Apache-2.0
// A kind of file that is as simple as can be, and a pack for it:
//   conn NAME psk|cert|?      a connection; "?" could not be understood
//   include PATH              relative to the file
#pragma once

#include <array>
#include <string>
#include <vector>

#include "agent/lint/config_lint.h"
#include "base/text.h"
#include "tests/support/fake_host.h"

namespace sallyport {

inline constexpr Column kToyColumns[] = {
    {"name", Type::kText, ""}, {"psk", Type::kInteger, ""}, {"source", Type::kText, ""}};
inline constexpr Schema kToySchemas[] = {{"toy", kToyColumns}};

inline TableResult EmptyToy() {
  TableResult out;
  out.table = "toy";
  out.columns = {"name", "psk", "source"};
  return out;
}

inline Status AddToy(const Host& host, const std::string& path, TableResult* out) {
  const Result<std::string> text = host.ReadFile(path);
  if (!text) return tl::unexpected(text.error());
  int line = 0;
  for (std::string_view each : Lines(*text)) {
    const std::string source = path + ":" + std::to_string(++line);
    const auto words = Fields(each);
    if (words.empty() || words[0].starts_with('#')) continue;
    if (words[0] == "conn" && words.size() >= 3) {
      const Value psk = words[2] == "?" ? Value(Unknown{}) : Cell(words[2] == "psk");
      out->rows.push_back({Cell(words[1]), psk, Cell(source)});
    } else if (words[0] == "include" && words.size() == 2) {
      const std::string folder = path.substr(0, path.rfind('/') + 1);
      const std::string to =
          words[1].starts_with('/') ? std::string(words[1]) : folder + std::string(words[1]);
      if (Status done = AddToy(host, to, out); !done) return Wrap(done.error(), source);
    } else {
      return Fail(Code::kMalformed, source + ": no statement");
    }
  }
  return {};
}

inline Result<std::vector<TableResult>> ReadToy(const Host& host, const std::string& path) {
  TableResult out = EmptyToy();
  if (Status done = AddToy(host, path, &out); !done) return tl::unexpected(done.error());
  return std::vector<TableResult>{out};
}

inline constexpr FileKind kToyKinds[] = {
    {"toy.conf", Os::kLinux, [](std::string_view path) { return path.ends_with("/toy.conf"); },
     [](std::string_view text) { return text.starts_with("conn "); }, ReadToy},
    {"later.conf", Os::kLinux, [](std::string_view path) { return path.ends_with("/later.conf"); },
     nullptr, nullptr}};

inline constexpr char kToyPack[] = R"(
- name: no-psk
  description: No connection relies on a pre-shared key.
  query: SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM toy WHERE psk IS NOT 0);
  resolution: Use a certificate.
  sallyport:
    mode: warn
    expected: psk=0
    observe: SELECT name, psk, source FROM toy WHERE psk IS NOT 0;
)";

inline constexpr Millis kToyNow{1'795'000'000'000};  // 2026-11-18

inline ConfigReport LintToy(const Host& host, std::vector<std::string> paths = {"repo"},
                            TreeLimits limits = {}) {
  auto judge = PackJudge::Make(kToyPack, "toy.yml", kToySchemas);
  EXPECT_TRUE(judge) << judge.error().message;
  const auto report = LintPaths(host,
                                {.paths = std::move(paths),
                                 .folder = "/home",
                                 .kinds = kToyKinds,
                                 .limits = limits,
                                 .now_wall = kToyNow},
                                &*judge);
  EXPECT_TRUE(report) << report.error().message;
  return report.value_or(ConfigReport{});
}

// "repo/toy.conf:3 fail no-psk corp: psk=1"
inline std::vector<std::string> Told(const ConfigReport& report) {
  std::vector<std::string> out;
  for (const ConfigFinding& finding : report.findings) {
    out.push_back(finding.path + ":" + std::to_string(finding.line) + " " +
                  FindingKindName(finding.kind) + " " + finding.rule + " " + finding.observed);
  }
  return out;
}

// "repo/toy.conf: why"
inline std::vector<std::string> ToldUnread(const ConfigReport& report) {
  std::vector<std::string> out;
  for (const UnreadFile& unread : report.files_unread) {
    out.push_back(unread.path + " | " + unread.why);
  }
  return out;
}

inline std::vector<std::string> ToldRead(const ConfigReport& report) {
  std::vector<std::string> out;
  for (const ReadFile& file : report.files_read) {
    out.push_back(file.path + (file.included_by.empty() ? "" : " < " + file.included_by));
  }
  return out;
}

}  // namespace sallyport
