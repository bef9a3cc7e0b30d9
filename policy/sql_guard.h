// SPDX-License-Identifier: Apache-2.0
// What stands between a policy's SQL and the process: an authorizer, limits of SQLite, a budget on
// work and memory, and our own forms of the functions that none of these can stop.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/engine.h"

namespace sallyport {

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// One value of SQL, cells of evidence included. Within one step of SQLite nothing else stops
// instr(), replace() and the like, whose work is the product of two lengths.
inline constexpr int kMaxValueBytes = 64 << 10;

// An empty database in memory, for one thread, with limits set, the collation `version` and our
// functions registered. kInternal when SQLite's memory accounting is off (SQLITE_CONFIG_MEMSTATUS):
// the budget cannot be kept without it.
Result<Database> OpenGuarded();

// Stops a run that goes over. One per engine; the handler lives as long as it.
class WorkBudget {
 public:
  WorkBudget(sqlite3* db, const EngineLimits& limits);

  void Begin();
  // Which limit stopped the run; empty when none did.
  std::string Exceeded(int result_code) const;

 private:
  static int Progress(void* self);
  bool Spend();

  EngineLimits limits_;
  int ops_ = 0;
  int64_t memory_before_ = 0;
  std::chrono::steady_clock::time_point started_;
  const char* over_ = nullptr;
};

// Learns what a statement may read while SQLite compiles it, and refuses everything that is not
// reading evidence. Installed once and before the first statement, since installing one makes
// SQLite compile all statements again; it outlives them. Lets all pass until the first Watch().
class Authorizer {
 public:
  using OnRead = std::function<bool(const char* table, const char* column)>;  // false: refuse
  explicit Authorizer(sqlite3* db);
  Authorizer(const Authorizer&) = delete;
  Authorizer& operator=(const Authorizer&) = delete;

  void Watch(OnRead on_read);           // the next statement begins
  void Close() { on_read_ = nullptr; }  // from now on nothing compiles any more
  const std::string& refused() const { return refused_; }
  bool reads_clock() const { return reads_clock_; }  // may: date('now') and its like

 private:
  static int Check(void* self, int action, const char* a, const char* b, const char* database,
                   const char* trigger);
  bool MayRead(const std::string& table, const std::string& column) const;
  int Refuse(std::string what);

  bool watching_ = false;
  OnRead on_read_;
  std::string refused_;
  bool reads_clock_ = false;
  int calls_ = 0;
};

// While it lives the heap of all of the process's SQLite may grow by this much and no more: SQLite
// has no other stop for a statement that explodes while it is compiled (a chain of CTEs that each
// name the one before twice). One at a time; others wait.
class CompileHeapLimit {
 public:
  explicit CompileHeapLimit(size_t growth);
  ~CompileHeapLimit();
  CompileHeapLimit(const CompileHeapLimit&) = delete;
  CompileHeapLimit& operator=(const CompileHeapLimit&) = delete;

 private:
  int64_t soft_before_ = 0;
  int64_t hard_before_ = 0;
};

// True when nothing but blanks, comments and semicolons is left.
bool IsOnlyComments(std::string_view sql);

}  // namespace sallyport
