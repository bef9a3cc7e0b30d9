// SPDX-License-Identifier: Apache-2.0
// Table user_ssh_keys.
#include <algorithm>

#include "base/text.h"
#include "collectors/osquery/account_files.h"
#include "collectors/osquery/users.h"
#include "collectors/paths/path_keys.h"
#include "collectors/paths/ssh_key_head.h"
#include "collectors/paths/tables.h"

namespace sallyport {
namespace {

constexpr size_t kHeadBytes = 2048;  // holds the public key of RSA with 8192 bits

struct Home {
  int64_t uid = 0;
  std::string folder;
};

Value OrUnknown(const auto& answer) { return answer ? Cell(*answer) : Cell(Unknown{}); }

Status AppendKeys(const Host& host, const Home& home, Rows* rows) {
  const std::string folder = (home.folder == "/" ? "" : home.folder) + "/.ssh";
  const auto there = host.Stat(folder);
  if (!there && there.error().code == Code::kNotFound) return {};
  const auto entries = host.ListDir(folder);
  if (!entries) return tl::unexpected(entries.error());
  for (const DirEntry& entry : *entries) {
    const std::string path = folder + "/" + entry.name;
    const auto stat = host.Stat(path);
    if (stat && stat->type != FileType::kFile) continue;
    const auto head =
        stat ? host.ReadHead(path, kHeadBytes) : Result<std::string>(tl::unexpected(stat.error()));
    if (!head && head.error().code == Code::kNotFound) continue;
    if (!head) return tl::unexpected(head.error());
    const auto key = ReadSshKeyHead(*head);
    if (!key) continue;
    const bool plain = key->key_type && *key->key_type != "ec";
    rows->push_back(RowOf(kUserSshKeys)
                        .Set("uid", home.uid)
                        .Set("path", path)
                        .Set("encrypted", OrUnknown(key->encrypted))
                        .Set("key_type", OrUnknown(key->key_type))
                        .Set("key_group_name", plain ? Cell(std::nullopt) : OrUnknown(key->group))
                        .Set("key_length", OrUnknown(key->bits))
                        .Set("key_security_bits", Unknown{})
                        .Take());
  }
  return {};
}

// All users, or the one whose uid a key names. Homes that several users share are read for each.
Result<Rows> OfHomes(const Host& host, const std::vector<Home>& homes, const Keys& keys) {
  const auto uid = std::ranges::find(keys, "uid", &Key::column);
  Rows rows;
  for (const Home& home : homes) {
    if (uid != keys.end() && uid->value != std::to_string(home.uid)) continue;
    if (!home.folder.starts_with('/')) continue;
    if (const Status ok = AppendKeys(host, home, &rows); !ok) return tl::unexpected(ok.error());
  }
  return rows;
}

}  // namespace

Result<Rows> UserSshKeysLinux(const Host& host, const Keys& keys) {
  const auto text = host.ReadFile("/etc/passwd");
  if (!text) return tl::unexpected(text.error());
  const auto accounts = ParsePasswd(*text);
  if (!accounts) return tl::unexpected(accounts.error());
  std::vector<Home> homes;
  for (const Account& account : *accounts) homes.push_back({account.uid, account.home});
  return OfHomes(host, homes, keys);
}

// Whose a home is, its owner says; root's is not below /Users.
Result<Rows> UserSshKeysMacos(const Host& host, const Keys& keys) {
  const auto folders = host.ListDir("/Users");
  if (!folders) return tl::unexpected(folders.error());
  std::vector<Home> homes{{0, "/var/root"}};
  for (const DirEntry& folder : *folders) {
    if (folder.type != FileType::kDirectory || folder.name == "Shared") continue;
    const auto stat = host.Stat("/Users/" + folder.name);
    if (!stat) return tl::unexpected(stat.error());
    homes.push_back({stat->uid, "/Users/" + folder.name});
  }
  return OfHomes(host, homes, keys);
}

}  // namespace sallyport
