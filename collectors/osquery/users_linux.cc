// SPDX-License-Identifier: Apache-2.0
// Tables users, groups, user_groups and shadow.
#include <map>
#include <set>

#include "base/text.h"
#include "collectors/osquery/account_files.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

Value SignedId(int64_t id) { return Cell(static_cast<int64_t>(static_cast<int32_t>(id))); }

Result<std::vector<Account>> ReadPasswd(const Host& host) {
  const Result<std::string> text = host.ReadFile("/etc/passwd");
  if (!text) return tl::unexpected(text.error());
  return ParsePasswd(*text);
}

Result<std::vector<AccountGroup>> ReadGroup(const Host& host) {
  const Result<std::string> text = host.ReadFile("/etc/group");
  if (!text) return tl::unexpected(text.error());
  return ParseGroup(*text);
}

// crypt(5): what a hash begins with.
constexpr std::pair<std::string_view, const char*> kHashes[] = {
    {"$y$", "yescrypt"},  {"$gy$", "gost-yescrypt"}, {"$7$", "scrypt"},
    {"$2a$", "blowfish"}, {"$2b$", "blowfish"},      {"$2x$", "blowfish"},
    {"$2y$", "blowfish"}, {"$6$", "sha512"},         {"$5$", "sha256"},
    {"$1$", "md5"},
};

// shadow(5): "!" and "*" begin what no password can match.
const char* PasswordStatus(std::string_view hash) {
  if (hash.empty()) return "empty";
  if (hash == "*" || hash == "!" || hash == "!!" || hash == "!*" || hash == "x") return "not_set";
  return hash[0] == '!' || hash[0] == '*' ? "locked" : "active";
}

Value HashAlgorithm(std::string_view hash) {
  while (hash.starts_with('!')) hash.remove_prefix(1);
  for (const auto& [prefix, name] : kHashes) {
    if (hash.starts_with(prefix)) return Cell(name);
  }
  return Cell(std::nullopt);
}

Value NumberOrNull(std::string_view text) {
  if (text.empty()) return Cell(std::nullopt);
  const auto number = ParseInt(text);
  return number ? Cell(*number) : Cell(Unknown{});
}

}  // namespace

Result<Rows> UsersLinux(const Host& host, const Keys& keys) {
  const auto accounts = ReadPasswd(host);
  if (!accounts) return tl::unexpected(accounts.error());
  TableRows rows(kUsers);
  for (const Account& account : *accounts) {
    rows.Add({{"uid", Cell(account.uid)},
              {"gid", Cell(account.gid)},
              {"uid_signed", SignedId(account.uid)},
              {"gid_signed", SignedId(account.gid)},
              {"username", Cell(account.name)},
              {"description", Cell(account.description)},
              {"directory", Cell(account.home)},
              {"shell", Cell(account.shell)}});
  }
  return rows.Take(keys);
}

Result<Rows> GroupsLinux(const Host& host, const Keys& keys) {
  const auto groups = ReadGroup(host);
  if (!groups) return tl::unexpected(groups.error());
  TableRows rows(kGroups);
  for (const AccountGroup& group : *groups) {
    rows.Add({{"gid", Cell(group.gid)},
              {"gid_signed", SignedId(group.gid)},
              {"groupname", Cell(group.name)}});
  }
  return rows.Take(keys);
}

// The group of the account itself, and those that list it: initgroups(3).
Result<Rows> UserGroupsLinux(const Host& host, const Keys& keys) {
  const auto accounts = ReadPasswd(host);
  if (!accounts) return tl::unexpected(accounts.error());
  const auto groups = ReadGroup(host);
  if (!groups) return tl::unexpected(groups.error());
  std::multimap<std::string, int64_t> groups_of;
  for (const AccountGroup& group : *groups) {
    for (const std::string& member : group.members) groups_of.emplace(member, group.gid);
  }
  std::set<std::pair<int64_t, int64_t>> pairs;
  size_t steps = 0;
  for (const Account& account : *accounts) {
    pairs.emplace(account.uid, account.gid);
    const auto [begin, end] = groups_of.equal_range(account.name);
    for (auto group = begin; group != end; ++group) {
      // Steps, not pairs: of lines that say the same there may be as many.
      if (++steps > kMaxTableRows) return Fail(Code::kTooLarge, "/etc/group: too many members");
      pairs.emplace(account.uid, group->second);
    }
  }
  TableRows rows(kUserGroups);
  for (const auto& [uid, gid] : pairs) rows.Add({{"uid", Cell(uid)}, {"gid", Cell(gid)}});
  return rows.Take(keys);
}

// alice:$y$j9T$...:19700:0:99999:7:::
Result<Rows> ShadowLinux(const Host& host, const Keys& keys) {
  const Result<std::string> text = host.ReadFile("/etc/shadow");
  if (!text) return tl::unexpected(text.error());
  TableRows rows(kShadow);
  for (const std::string_view line : Lines(*text)) {
    if (Trim(line).empty()) continue;
    const std::vector<std::string_view> fields = Split(line, ':');
    if (fields.size() != 9)
      return Fail(Code::kMalformed, "/etc/shadow: a line without nine fields");
    rows.Add({{"password_status", Cell(PasswordStatus(fields[1]))},
              {"hash_alg", HashAlgorithm(fields[1])},
              {"last_change", NumberOrNull(fields[2])},
              {"min", NumberOrNull(fields[3])},
              {"max", NumberOrNull(fields[4])},
              {"warning", NumberOrNull(fields[5])},
              {"inactive", NumberOrNull(fields[6])},
              {"expire", NumberOrNull(fields[7])},
              {"flag", NumberOrNull(fields[8])},
              {"username", Cell(fields[0])}});
  }
  return rows.Take(keys);
}

}  // namespace sallyport
