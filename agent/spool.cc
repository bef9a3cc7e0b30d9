// SPDX-License-Identifier: Apache-2.0
#include "agent/spool.h"

#include <sqlite3.h>

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/utf8_path.h"

namespace sallyport {
namespace {

constexpr const char* kSchema =
    "PRAGMA journal_mode = WAL;"
    "CREATE TABLE IF NOT EXISTS spool ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  epoch INTEGER NOT NULL,"
    "  carried INTEGER NOT NULL,"
    "  envelope BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS dropped (one INTEGER PRIMARY KEY CHECK (one = 1),"
    "  count INTEGER NOT NULL);"
    "INSERT OR IGNORE INTO dropped VALUES (1, 0);";

tl::unexpected<Error> Failed(sqlite3* db, const char* what) {
  const int code = sqlite3_errcode(db);
  const bool broken = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
  const bool full = code == SQLITE_FULL;
  return Fail(broken ? Code::kMalformed
              : full ? Code::kExhausted
                     : Code::kUnavailable,
              std::string("spool: ") + what + ": " + sqlite3_errmsg(db));
}

Status Exec(sqlite3* db, const char* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return Failed(db, sql);
  return {};
}

// One prepared statement; its arguments are bound in order.
class Statement {
 public:
  Statement(sqlite3* db, const char* sql) : db_(db), sql_(sql) {
    sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& Bind(int64_t value) {
    sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
  }
  Statement& Bind(std::string_view blob) {
    sqlite3_bind_blob64(statement_, ++bound_, blob.data(), blob.size(), SQLITE_STATIC);
    return *this;
  }
  // True: a row is there.
  Result<bool> Step() {
    const int code = statement_ == nullptr ? SQLITE_ERROR : sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return Failed(db_, sql_);
  }
  Status Run() {
    const Result<bool> row = Step();
    if (!row) return tl::unexpected(row.error());
    return {};
  }
  int64_t Integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string_view Blob(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return {bytes, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  sqlite3* db_;
  const char* sql_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

}  // namespace

void Spool::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

Status Spool::OpenDatabase() {
  sqlite3* raw = nullptr;
  const int opened =
      sqlite3_open_v2(path_.c_str(), &raw,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<sqlite3, Close> db(raw);
  if (opened != SQLITE_OK) return Failed(raw, path_.c_str());
  if (const Status made = Exec(raw, kSchema); !made) return made;
  db_ = std::move(db);
  return Recount();
}

Result<Spool> Spool::Open(const std::string& path, const Limits& limits) {
  Spool spool(path, limits);
  std::error_code error;
  if (!std::filesystem::exists(PathOf(path), error)) {
    if (std::filesystem::is_directory(PathOf(path).parent_path(), error)) {
      return spool;
    }
    return Fail(Code::kUnavailable, "spool: " + path + ": no such folder");
  }
  const Status opened = spool.OpenDatabase();
  if (opened) return spool;
  if (opened.error().code != Code::kMalformed) return tl::unexpected(opened.error());

  std::filesystem::remove(PathOf(path + "-wal"), error);
  std::filesystem::remove(PathOf(path + "-shm"), error);
  std::filesystem::rename(PathOf(path), PathOf(path + ".bad"), error);
  if (error) return tl::unexpected(opened.error());
  Status anew = spool.OpenDatabase();
  if (anew) anew = Exec(spool.db_.get(), "UPDATE dropped SET count = 1");
  if (!anew) return tl::unexpected(anew.error());
  spool.dropped_ = 1;
  return spool;
}

Status Spool::Append(const v1::Envelope& envelope, uint64_t epoch, uint64_t carried) {
  const std::string bytes = envelope.SerializeAsString();
  if (bytes.size() > limits_.bytes || limits_.evidences == 0) {
    return Fail(Code::kTooLarge, "spool: one evidence of " + std::to_string(bytes.size()) +
                                     " bytes is over the bound");
  }
  if (db_ == nullptr) {
    if (const Status opened = OpenDatabase(); !opened) return opened;
  }
  if (const Status begun = Exec(db_.get(), "PRAGMA synchronous = FULL; BEGIN IMMEDIATE"); !begun) {
    return begun;
  }
  Status done = MakeRoom(epoch, bytes.size());
  if (done) {
    done = Statement(db_.get(), "INSERT INTO spool (epoch, carried, envelope) VALUES (?, ?, ?)")
               .Bind(static_cast<int64_t>(epoch))
               .Bind(static_cast<int64_t>(carried))
               .Bind(bytes)
               .Run();
  }
  if (done) {
    done = Statement(db_.get(), "UPDATE dropped SET count = max(count - ?, 0)")
               .Bind(static_cast<int64_t>(carried))
               .Run();
  }
  return InTransaction(done);
}

// Older epochs go first, each as a whole. Only when the epoch being written fills the spool alone
// does its own beginning go: its rest is then a gap to the service and ends as dropped, too.
Status Spool::MakeRoom(uint64_t epoch, uint64_t bytes) {
  while (size_ >= limits_.evidences || bytes_ + bytes > limits_.bytes) {
    Statement oldest(db_.get(), "SELECT id, epoch FROM spool ORDER BY id LIMIT 1");
    const Result<bool> found = oldest.Step();
    if (!found) return tl::unexpected(found.error());
    if (!*found) return {};
    const bool older = static_cast<uint64_t>(oldest.Integer(1)) != epoch;
    const Status gone = older ? DeleteCounting("epoch = ?", oldest.Integer(1))
                              : DeleteCounting("id = ?", oldest.Integer(0));
    if (!gone) return gone;
  }
  return {};
}

// What a dropped evidence carried was not told to anybody either.
Status Spool::DeleteCounting(const char* where, int64_t argument) {
  const std::string count =
      std::string(
          "UPDATE dropped SET count = count + (SELECT coalesce(sum(1 + carried), 0) FROM "
          "spool WHERE ") +
      where + ")";
  Status done = Statement(db_.get(), count.c_str()).Bind(argument).Run();
  if (!done) return done;
  const std::string remove = std::string("DELETE FROM spool WHERE ") + where;
  done = Statement(db_.get(), remove.c_str()).Bind(argument).Run();
  if (!done) return done;
  return Recount();
}

Status Spool::InTransaction(const Status& done) {
  const Status ended = Exec(db_.get(), done ? "COMMIT" : "ROLLBACK");
  const Status counted = Recount();
  if (!done) return done;
  return ended ? counted : ended;
}

Result<std::optional<Spool::Item>> Spool::Front() const {
  if (size_ == 0) return std::optional<Item>();
  Statement front(db_.get(), "SELECT id, epoch, carried, envelope FROM spool ORDER BY id LIMIT 1");
  const Result<bool> found = front.Step();
  if (!found) return tl::unexpected(found.error());
  if (!*found) return std::optional<Item>();
  Item item;
  item.id = front.Integer(0);
  item.epoch = static_cast<uint64_t>(front.Integer(1));
  item.carried = static_cast<uint64_t>(front.Integer(2));
  const std::string_view bytes = front.Blob(3);
  if (!item.envelope.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    item.envelope.Clear();  // the service refuses it, and it is dropped and counted
  }
  return std::optional<Item>(std::move(item));
}

Status Spool::Remove(int64_t id) {
  if (db_ == nullptr) return {};
  // Not worth a sync: sent once more after a power cut, it gets the same answer.
  if (const Status set = Exec(db_.get(), "PRAGMA synchronous = NORMAL"); !set) return set;
  Statement gone(db_.get(), "DELETE FROM spool WHERE id = ? RETURNING length(envelope)");
  const Result<bool> found = gone.Bind(id).Step();
  if (!found) return tl::unexpected(found.error());
  if (!*found) return {};
  --size_;
  bytes_ -= static_cast<uint64_t>(gone.Integer(0));
  return {};
}

Status Spool::DropEpoch(uint64_t epoch) {
  if (db_ == nullptr) return {};
  if (const Status begun = Exec(db_.get(), "BEGIN IMMEDIATE"); !begun) return begun;
  return InTransaction(DeleteCounting("epoch = ?", static_cast<int64_t>(epoch)));
}

Status Spool::TellDropped(uint64_t count) {
  if (count == 0 || db_ == nullptr) return {};
  const Status told = Statement(db_.get(), "UPDATE dropped SET count = max(count - ?, 0)")
                          .Bind(static_cast<int64_t>(count))
                          .Run();
  if (!told) return told;
  return Recount();
}

Status Spool::Recount() {
  Statement counts(db_.get(),
                   "SELECT (SELECT count(*) FROM spool),"
                   " (SELECT coalesce(sum(length(envelope)), 0) FROM spool),"
                   " (SELECT count FROM dropped)");
  const Result<bool> found = counts.Step();
  if (!found) return tl::unexpected(found.error());
  size_ = static_cast<uint64_t>(counts.Integer(0));
  bytes_ = static_cast<uint64_t>(counts.Integer(1));
  dropped_ = static_cast<uint64_t>(counts.Integer(2));
  return {};
}

}  // namespace sallyport
