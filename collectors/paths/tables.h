// SPDX-License-Identifier: Apache-2.0
// The path-addressed tables: each is read for one path, pattern or key at a time, on all systems
// alike. Their columns are osquery's and Fleet's (collectors/osquery).
#pragma once

#include "base/table.h"
#include "collectors/collector.h"
#include "collectors/osquery/extension.h"
#include "collectors/osquery/paths.h"
#include "collectors/osquery/users.h"

namespace sallyport {

// Of all of them: what a key names and is not there is no row; what is refused is kDenied; what a
// pattern matches is refused as a whole when one of the matches is. Keys that do not name a path
// are kInvalidArgument. Bounds, kTooLarge: the pattern's (path_pattern.h), and those below.

// lstat and stat of a path; contents are not read. Links that lead to nothing are a row of type
// `unknown`.
Result<Rows> FileTable(const Host& host, const Keys& keys);

// Of regular files; anything else is no row. At most 50 MiB a file and 256 MiB a key.
Result<Rows> HashTable(const Host& host, const Keys& keys);

// A line that is not UTF-8, or has a NUL in it, is an unknown cell. At most 4 MiB and 100,000
// lines a key.
Result<Rows> FileLinesTable(const Host& host, const Keys& keys);

// A row for each scalar of the file: fullkey "a/0/b", parent "a/0", key "b", as Fleet flattens
// them. At most 16 MiB read, 50,000 rows and 8 MiB of text a key.
Result<Rows> ParseJsonTable(const Host& host, const Keys& keys);
Result<Rows> ParseJsonlTable(const Host& host, const Keys& keys);
Result<Rows> ParseIniTable(const Host& host, const Keys& keys);

// A row for each scalar of a property list, XML or binary. Bounds as above.
Result<Rows> PlistTable(const Host& host, const Keys& keys);

// Certificates of files, PEM or DER; without a path those of the system's bundle (Linux; elsewhere
// kUnsupported). A file without a certificate is no row, a damaged one kMalformed. At most 8 MiB.
Result<Rows> CertificatesTable(const Host& host, const Keys& keys);

// Windows, by `key` or `path`. Values and subkeys of the key; the path of a key is that key's value
// or subkey of this name. At most 50,000 rows and 8 MiB a key.
Result<Rows> RegistryTable(const Host& host, const Keys& keys);

// Private keys in the .ssh folders of users, told by the head of the file. Of the key itself
// nothing is told.
Result<Rows> UserSshKeysLinux(const Host& host, const Keys& keys);
Result<Rows> UserSshKeysMacos(const Host& host, const Keys& keys);

// What was looked at is watched.
inline constexpr Trigger kPathTableTriggers[] = {{.kind = Trigger::Kind::kReadPaths}};

}  // namespace sallyport
