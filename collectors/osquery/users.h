// SPDX-License-Identifier: Apache-2.0
// Declarations of osquery's tables: accounts, groups and their keys.
#pragma once

#include "base/table.h"

namespace sallyport {

inline constexpr Column kUsersColumns[] = {
    {"uid", Type::kBigint, "number of the user", "", Role::kIndex},
    {"gid", Type::kBigint, "number of the first group"},
    {"uid_signed", Type::kBigint, "the same, signed"},
    {"gid_signed", Type::kBigint, "the same, signed"},
    {"username", Type::kText, "login name", "", Role::kAdditional},
    {"description", Type::kText, "full name or remark"},
    {"directory", Type::kText, "home"},
    {"shell", Type::kText, "login shell"},
    {"uuid", Type::kText, "UUID or SID", "nocase", Role::kIndex},
    {"type", Type::kText, "Windows: local, roaming or special"},
    {"is_hidden", Type::kInteger, "macOS: 1: not shown at login"},
};
inline constexpr Schema kUsers{"users", kUsersColumns, "accounts"};

inline constexpr Column kGroupsColumns[] = {
    {"gid", Type::kBigint, "number of the group", "", Role::kIndex},
    {"gid_signed", Type::kBigint, "the same, signed"},
    {"groupname", Type::kText, "name"},
    {"group_sid", Type::kText, "Windows: SID", "", Role::kIndex},
    {"comment", Type::kText, "Windows: remark"},
    {"is_hidden", Type::kInteger, "macOS: 1: not shown"},
};
inline constexpr Schema kGroups{"groups", kGroupsColumns, "groups"};

inline constexpr Column kUserGroupsColumns[] = {
    {"uid", Type::kBigint, "user", "", Role::kIndex},
    {"gid", Type::kBigint, "group", "", Role::kIndex},
};
inline constexpr Schema kUserGroups{"user_groups", kUserGroupsColumns, "who is in which group"};

// osquery says "additional" of uid: without it, it looks at the user that it runs as. Asked whole
// this is the table of all users, and so `users JOIN user_ssh_keys USING (uid)` can be answered.
inline constexpr Column kUserSshKeysColumns[] = {
    {"uid", Type::kBigint, "owner", "", Role::kIndex},
    {"path", Type::kText, "file", "", Role::kIndex},
    {"encrypted", Type::kInteger, "1: a passphrase protects it; 0: none does; -1: not told"},
    {"key_type", Type::kText, "rsa, ed25519 and the like"},
    {"key_group_name", Type::kText, "of the curve or group"},
    {"key_length", Type::kInteger, "bits"},
    {"key_security_bits", Type::kInteger, "strength in bits"},
};
inline constexpr Schema kUserSshKeys{"user_ssh_keys", kUserSshKeysColumns,
                                     "private keys in users' .ssh folders; never their content"};

inline constexpr Column kShadowColumns[] = {
    {"password_status", Type::kText, "active, locked, empty or not_set"},
    {"hash_alg", Type::kText, "of the hash"},
    {"last_change", Type::kBigint, "days since 1970"},
    {"min", Type::kBigint, "days before it may be changed"},
    {"max", Type::kBigint, "days after which it must be changed"},
    {"warning", Type::kBigint, "days before that of warning"},
    {"inactive", Type::kBigint, "days after that until the account is locked"},
    {"expire", Type::kBigint, "days since 1970, when the account ends"},
    {"flag", Type::kBigint, "reserved"},
    {"username", Type::kText, "login name", "", Role::kIndex},
};
inline constexpr Schema kShadow{"shadow", kShadowColumns,
                                "how passwords of accounts are kept; never the hashes"};

}  // namespace sallyport
