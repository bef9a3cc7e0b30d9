// SPDX-License-Identifier: Apache-2.0
#include "service/sqlite.h"

#include <sqlite3.h>
#include <sys/stat.h>

namespace sallyport {
namespace {

Code CodeOf(int result) {
  switch (result & 0xff) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return Code::kExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Code::kMalformed;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Code::kTimeout;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      return Code::kUnavailable;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return Code::kDenied;
    case SQLITE_CONSTRAINT:
      return Code::kConflict;
    default:
      return Code::kInternal;
  }
}

int BindOne(sqlite3_stmt* statement, int at, const SqlArg& arg) {
  if (const auto* number = std::get_if<int64_t>(&arg)) {
    return sqlite3_bind_int64(statement, at, *number);
  }
  // A null data pointer would bind NULL instead of an empty value.
  if (const auto* text = std::get_if<std::string_view>(&arg)) {
    return sqlite3_bind_text64(statement, at, text->data() ? text->data() : "", text->size(),
                               SQLITE_STATIC, SQLITE_UTF8);
  }
  const std::string_view bytes = std::get<Blob>(arg).bytes;
  return sqlite3_bind_blob64(statement, at, bytes.data() ? bytes.data() : "", bytes.size(),
                             SQLITE_STATIC);
}

}  // namespace

int64_t SqlRow::Int(int column) const { return sqlite3_column_int64(statement_, column); }

std::string SqlRow::Text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  if (bytes == nullptr) return {};
  return std::string(static_cast<const char*>(bytes), static_cast<size_t>(size));
}

void Database::CloseDb::operator()(sqlite3* db) const { sqlite3_close_v2(db); }
void Database::FinalizeStatement::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Result<Database> Database::Open(const std::string& path) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(
      path.c_str(), &raw,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  Database database(raw);
  if (opened != SQLITE_OK) {
    return Fail(CodeOf(opened), "store " + path + ": " + sqlite3_errstr(opened));
  }
  chmod(path.c_str(), 0600);
  sqlite3_busy_timeout(raw, 5000);
  return database;
}

tl::unexpected<Error> Database::LastError(const char* what) const {
  return Fail(CodeOf(sqlite3_extended_errcode(db_.get())),
              std::string("store: ") + sqlite3_errmsg(db_.get()) + ": " + what);
}

Status Database::Execute(const char* script) {
  if (sqlite3_exec(db_.get(), script, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return LastError(script);
  }
  return {};
}

Result<sqlite3_stmt*> Database::Prepare(const char* sql, const std::vector<SqlArg>& args) {
  auto& slot = statements_[sql];
  if (!slot) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v3(db_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr) !=
        SQLITE_OK) {
      statements_.erase(sql);
      return LastError(sql);
    }
    slot.reset(made);
  }
  for (size_t i = 0; i < args.size(); ++i) {
    if (BindOne(slot.get(), static_cast<int>(i) + 1, args[i]) != SQLITE_OK) return LastError(sql);
  }
  return slot.get();
}

Status Database::Run(const char* sql, const std::vector<SqlArg>& args) {
  return Each(sql, args, [](const SqlRow&) {});
}

Status Database::Each(const char* sql, const std::vector<SqlArg>& args,
                      const std::function<void(const SqlRow&)>& on_row) {
  const Result<sqlite3_stmt*> statement = Prepare(sql, args);
  if (!statement) return tl::unexpected(statement.error());
  int step = sqlite3_step(*statement);
  for (; step == SQLITE_ROW; step = sqlite3_step(*statement)) on_row(SqlRow(*statement));
  Status outcome;
  if (step != SQLITE_DONE) outcome = LastError(sql);
  sqlite3_reset(*statement);
  sqlite3_clear_bindings(*statement);
  return outcome;
}

int64_t Database::changes() const { return sqlite3_changes64(db_.get()); }

}  // namespace sallyport
