// SPDX-License-Identifier: Apache-2.0
// Tables as values: what a collector returns, evidence carries and SQL reads.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sallyport {

enum class Os { kLinux, kMacos, kWindows };
const char* OsName(Os os);  // "linux", "darwin", "windows": osquery's platform words
std::optional<Os> OsFromName(std::string_view name);

// A set of systems, e.g. the ones that a collector serves.
class OsSet {
 public:
  constexpr OsSet(std::initializer_list<Os> list) {
    for (Os os : list) bits_ |= 1u << static_cast<unsigned>(os);
  }
  constexpr bool contains(Os os) const { return (bits_ >> static_cast<unsigned>(os)) & 1u; }
  constexpr bool contains(OsSet all) const { return (bits_ & all.bits_) == all.bits_; }
  constexpr void add(Os os) { bits_ |= 1u << static_cast<unsigned>(os); }
  constexpr void add(OsSet more) { bits_ |= more.bits_; }

 private:
  unsigned bits_ = 0;
};

// Could not be told. NULL in SQL, but marked: a policy that reads it is `unknown`, never `pass`.
struct Unknown {
  friend bool operator==(const Unknown&, const Unknown&) = default;
};

// monostate is NULL: the question does not apply to this row.
using Value = std::variant<std::monostate, Unknown, int64_t, double, std::string>;
using Row = std::vector<Value>;  // one cell per column of the schema, in its order
using Rows = std::vector<Row>;

bool IsUnknown(const Value& value);
bool IsNull(const Value& value);         // monostate only
std::string ToText(const Value& value);  // for people: "unknown", "null", 42, "text"

// Cells without ceremony: Cell(3), Cell("x"), Cell(true), Cell(std::optional<...>).
inline Value Cell(int64_t v) { return v; }
inline Value Cell(int v) { return static_cast<int64_t>(v); }
inline Value Cell(uint32_t v) { return static_cast<int64_t>(v); }
inline Value Cell(uint64_t v) { return static_cast<int64_t>(v); }
inline Value Cell(bool v) { return static_cast<int64_t>(v ? 1 : 0); }
inline Value Cell(double v) { return v; }
inline Value Cell(std::string v) { return Value(std::move(v)); }
inline Value Cell(std::string_view v) { return std::string(v); }
inline Value Cell(const char* v) { return std::string(v); }
inline Value Cell(Unknown) { return Unknown{}; }
inline Value Cell(std::nullopt_t) { return std::monostate{}; }

// osquery's column types; the SQL declaration uses the same words.
enum class Type { kText, kInteger, kBigint, kDouble };
const char* TypeName(Type type);  // "TEXT", "INTEGER", "BIGINT", "DOUBLE"

// What a column is for the table's keys, as osquery's table specifications say it.
enum class Role {
  kPlain,
  kRequired,  // a query must fix one of the required columns by = or LIKE: else there is no answer
  kIndex,     // where a query fixes it, the table can be collected for that value alone
  kAdditional,  // where a query fixes it, the rows are others than without: a key like kRequired
};

struct Column {
  std::string_view name;
  Type type = Type::kText;
  std::string_view about;      // one line for `sallyport tables` and the docs
  std::string_view collation;  // "" or an SQLite collation: "nocase", "version", ...
  Role role = Role::kPlain;
  bool hidden = false;  // not in SELECT *

  constexpr Column(std::string_view n, Type t, std::string_view a, std::string_view c = "",
                   Role r = Role::kPlain, bool h = false)
      : name(n), type(t), about(a), collation(c), role(r), hidden(h) {}
};

struct Schema {
  std::string_view name;
  std::span<const Column> columns;
  std::string_view about = "";
  std::string_view alias = "";  // osquery's second name for the table; "": none

  // Index of a column, or -1.
  int IndexOf(std::string_view column) const;
};

// How a table (or one of its keys) came out. `value` with no rows means: looked, and there is none.
enum class State { kValue, kAbsent, kUnsupported, kDenied, kTimeout, kError, kSuppressed };
const char* StateName(State state);
std::optional<State> StateFromName(std::string_view name);

// A constraint that a table was collected for: {"path", "/etc/hosts"}. With `like` the value is a
// pattern as osquery's path-addressed tables have it: % is anything within one component, %% at the
// end anything below.
struct Key {
  std::string column;
  std::string value;
  bool like = false;

  friend bool operator==(const Key&, const Key&) = default;
  friend auto operator<=>(const Key&, const Key&) = default;
};
using Keys = std::vector<Key>;       // all of them hold; empty: the whole table
std::string ToText(const Key& key);  // for people: "path=/etc/hosts", "path LIKE /etc/%"

struct TableResult {
  std::string table;
  std::vector<std::string> columns;  // names, in the order of the cells
  Keys keys;                         // what the rows cover; empty: the whole table
  State state = State::kValue;
  Rows rows;
  std::string error;  // for people; empty when state is kValue
  std::chrono::milliseconds age{
      0};  // monotonic, at signing time (or at judging time in the service)
  std::chrono::microseconds took{0};
  std::string source;  // what was read: "/proc/self/mountinfo, sysfs"

  friend bool operator==(const TableResult&, const TableResult&) = default;
};

}  // namespace sallyport
