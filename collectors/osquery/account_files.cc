// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/account_files.h"

#include <limits>
#include <optional>

#include "base/text.h"

namespace sallyport {
namespace {

bool IsSkipped(std::string_view line) {
  return Trim(line).empty() || line[0] == '#' || line[0] == '+' || line[0] == '-';
}

// uid_t has 32 bits.
std::optional<int64_t> ParseId(std::string_view text) {
  const auto number = ParseInt(text);
  if (!number || *number < 0 || *number > std::numeric_limits<uint32_t>::max()) {
    return std::nullopt;
  }
  return number;
}

tl::unexpected<Error> Malformed(const char* file, std::string_view line) {
  return Fail(Code::kMalformed, std::string(file) + ": " + Excerpt(line.substr(0, line.find(':'))));
}

}  // namespace

// root:x:0:0:root:/root:/bin/bash
Result<std::vector<Account>> ParsePasswd(std::string_view text) {
  std::vector<Account> out;
  for (const std::string_view line : Lines(text)) {
    if (IsSkipped(line)) continue;
    const std::vector<std::string_view> fields = Split(line, ':');
    if (fields.size() != 7 || fields[0].empty()) return Malformed("passwd", line);
    const auto uid = ParseId(fields[2]);
    const auto gid = ParseId(fields[3]);
    if (!uid || !gid) return Malformed("passwd", line);
    out.push_back({std::string(fields[0]), *uid, *gid, std::string(fields[4]),
                   std::string(fields[5]), std::string(fields[6])});
  }
  return out;
}

// sudo:x:27:alice,bob
Result<std::vector<AccountGroup>> ParseGroup(std::string_view text) {
  std::vector<AccountGroup> out;
  for (const std::string_view line : Lines(text)) {
    if (IsSkipped(line)) continue;
    const std::vector<std::string_view> fields = Split(line, ':');
    const auto gid = fields.size() == 4 ? ParseId(fields[2]) : std::nullopt;
    if (!gid || fields[0].empty()) return Malformed("group", line);
    AccountGroup group{std::string(fields[0]), *gid, {}};
    for (const std::string_view member : Split(fields[3], ',')) {
      if (!Trim(member).empty()) group.members.emplace_back(Trim(member));
    }
    out.push_back(std::move(group));
  }
  return out;
}

}  // namespace sallyport
