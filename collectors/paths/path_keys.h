// SPDX-License-Identifier: Apache-2.0
// Which files a table's keys ask for.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "platform/host.h"

namespace sallyport {

struct AskedPath {
  std::string path;
  std::string directory;  // the key's, where a folder was asked for; else the path's own
  bool by_name = false;   // named by the key itself, not found by a pattern or in a folder

  friend bool operator==(const AskedPath&, const AskedPath&) = default;
};

// By the key `path`, or else by the key `directory`, whose folder's entries are asked for, hidden
// ones too. What a key names is asked for whether or not it is there. kInvalidArgument when no key
// says which: the table cannot be read as a whole. Errors of a folder that cannot be listed name
// the key's value.
Result<std::vector<AskedPath>> AskedPaths(const Host& host, const Schema& schema, const Keys& keys);

// As boost::filesystem splits them, whose words are osquery's: "/a/b" is "/a" and "b", "/a/" is
// "/a" and ".", "/" is "" and "/".
std::string DirectoryOf(const Host& host, const std::string& path);
std::string FilenameOf(const Host& host, const std::string& path);

// A row of cells by their columns' names; all others are NULL.
class RowOf {
 public:
  explicit RowOf(const Schema& schema) : schema_(schema), row_(schema.columns.size()) {}

  // `column` is one of the schema.
  RowOf& Set(std::string_view column, Value value) {
    row_.at(static_cast<size_t>(schema_.IndexOf(column))) = std::move(value);
    return *this;
  }
  Row Take() { return std::move(row_); }

 private:
  const Schema& schema_;
  Row row_;
};

// The contents of the files that are asked for, each at most `max_bytes` and together, too.
// Folders that a pattern found, and what went while it was looked at, are left out; any other
// error is that of them all, so that one file that is refused does not hide among others.
struct AskedContent {
  std::string path;
  std::string bytes;
};
Result<std::vector<AskedContent>> AskedContents(const Host& host, const Schema& schema,
                                                const Keys& keys, size_t max_bytes);

}  // namespace sallyport
