// SPDX-License-Identifier: Apache-2.0
// SQLite as values: a connection that keeps its statements prepared, and rows read by column.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sallyport {

struct Blob {
  std::string_view bytes;
};
using SqlArg = std::variant<int64_t, std::string_view, Blob>;
inline SqlArg Arg(int64_t v) { return v; }
inline SqlArg Arg(uint64_t v) { return static_cast<int64_t>(v); }  // the bits; see SqlRow::U64
inline SqlArg Arg(int v) { return static_cast<int64_t>(v); }
inline SqlArg Arg(std::string_view v) { return v; }
inline SqlArg Arg(Blob v) { return v; }

// The current row of a running statement; valid inside the callback only.
class SqlRow {
 public:
  explicit SqlRow(sqlite3_stmt* statement) : statement_(statement) {}
  int64_t Int(int column) const;
  uint64_t U64(int column) const { return static_cast<uint64_t>(Int(column)); }
  std::string Text(int column) const;  // of text and blobs alike

 private:
  sqlite3_stmt* statement_;
};

// One connection; used by one thread at a time. SQL texts must be literals: statements are cached
// by their address.
class Database {
 public:
  // The file is made, with mode 0600, when it is not there.
  static Result<Database> Open(const std::string& path);
  Database(Database&&) noexcept = default;
  Database& operator=(Database&&) noexcept = default;

  Status Execute(const char* script);  // several statements, no arguments
  Status Run(const char* sql, const std::vector<SqlArg>& args = {});
  Status Each(const char* sql, const std::vector<SqlArg>& args,
              const std::function<void(const SqlRow&)>& on_row);
  int64_t changes() const;  // rows that the last Run changed

 private:
  struct CloseDb {
    void operator()(sqlite3* db) const;
  };
  struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Database(sqlite3* db) : db_(db) {}
  Result<sqlite3_stmt*> Prepare(const char* sql, const std::vector<SqlArg>& args);
  tl::unexpected<Error> LastError(const char* what) const;

  std::unique_ptr<sqlite3, CloseDb> db_;  // before the statements: they go first
  std::unordered_map<const char*, std::unique_ptr<sqlite3_stmt, FinalizeStatement>> statements_;
};

}  // namespace sallyport
