// SPDX-License-Identifier: Apache-2.0
#include "policy/statement_shape.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.h"

namespace sallyport {
namespace {

struct Instruction {
  std::string name;
  int p1 = 0;
  int p2 = 0;
  int p3 = 0;
  std::string p4;
};

// Those that go on at p2 or at the next one.
constexpr std::string_view kBranches[] = {
    "DecrJumpZero",  "ElseEq",     "Eq",         "Filter",     "FkIfZero",
    "Found",         "Ge",         "Gt",         "IdxGE",      "IdxGT",
    "IdxLE",         "IdxLT",      "If",         "IfEmpty",    "IfNoHope",
    "IfNot",         "IfNotOpen",  "IfNotZero",  "IfNullRow",  "IfPos",
    "IfSizeBetween", "IfSmaller",  "IncrVacuum", "IsNull",     "IsType",
    "Last",          "Le",         "Lt",         "MustBeInt",  "Ne",
    "Next",          "NoConflict", "NotExists",  "NotFound",   "NotNull",
    "Once",          "Prev",       "Rewind",     "RowSetRead", "RowSetTest",
    "SeekGE",        "SeekGT",     "SeekLE",     "SeekLT",     "SeekRowid",
    "SeekScan",      "Sort",       "SorterNext", "SorterSort", "VFilter",
    "VNext",         "Yield"};
constexpr std::string_view kOrders[] = {"Lt", "Le", "Gt", "Ge"};
constexpr std::string_view kEqualities[] = {"Eq", "Ne"};
// Those that leave in p3 what they make of p1 and p2.
constexpr std::string_view kComputed[] = {"Add",        "BitAnd",   "BitOr",     "Concat",
                                          "Divide",     "Multiply", "Remainder", "ShiftLeft",
                                          "ShiftRight", "Subtract"};
constexpr std::string_view kFunctions[] = {"Function", "PureFunc"};

bool IsAmong(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// "10", "14.1.2": what a person means as a number.
bool SpellsNumber(std::string_view text) {
  const auto part = [](std::string_view digits) {
    return !digits.empty() &&
           std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  };
  return !text.empty() && std::ranges::all_of(Split(text, '.'), part);
}

std::string TextOf(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return text == nullptr ? "" : text;
}

std::string Quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

}  // namespace

struct ShapeReader::Program {
  // What a register holds, as far as its last writer tells.
  struct Holds {
    std::optional<ColumnName> column;
    bool is_text = false;    // the column's type
    bool versioned = false;  // its collation orders numbers within
    std::optional<std::string> constant;
    bool is_number = false;  // the constant is one
  };

  std::vector<Instruction> code;
  std::map<int, const Table*> cursors;

  Holds Before(size_t at, int reg) const;
  std::optional<Holds> Written(const Instruction& op, int reg) const;
  void ReadComparison(size_t at, StatementShape* shape) const;
  void ReadFunction(size_t at, StatementShape* shape) const;
  std::vector<int> After(int at) const;
  bool AlwaysHasRow() const;
};

// What this instruction leaves in the register; nothing: it does not write it.
std::optional<ShapeReader::Program::Holds> ShapeReader::Program::Written(const Instruction& op,
                                                                         int reg) const {
  Holds out;
  if (op.name == "Column" && op.p3 == reg) {
    const auto cursor = cursors.find(op.p1);
    if (cursor == cursors.end()) return out;
    const Table& table = *cursor->second;
    const auto index = static_cast<size_t>(op.p2);
    if (index >= table.columns.size()) return out;
    const Column& column = table.columns[index];
    out.column = ColumnName{table.name, std::string(column.name)};
    out.is_text = column.type == Type::kText;
    out.versioned = column.collation.starts_with("version");
    return out;
  }
  if ((op.name == "String8" || op.name == "Int64" || op.name == "Real") && op.p2 == reg) {
    out.constant = op.p4;
    out.is_number = op.name != "String8";
    return out;
  }
  if (op.name == "Integer" && op.p2 == reg) {
    out.constant = std::to_string(op.p1);
    out.is_number = true;
    return out;
  }
  if (IsAmong(kComputed, op.name) && op.p3 == reg) return out;
  if (IsAmong(kFunctions, op.name) && op.p3 == reg) return out;
  return std::nullopt;
}

// Constants stand at the end, where the program begins: the last writer before, else the first
// after.
ShapeReader::Program::Holds ShapeReader::Program::Before(size_t at, int reg) const {
  for (size_t i = at; i-- > 0;) {
    if (code[i].name == "Cast" && code[i].p1 == reg) {
      Holds before = Before(i, reg);
      before.is_text = false;
      return before;
    }
    if (auto holds = Written(code[i], reg)) return *holds;
  }
  for (size_t i = at; i < code.size(); ++i) {
    if (auto holds = Written(code[i], reg)) return *holds;
  }
  return {};
}

void ShapeReader::Program::ReadComparison(size_t at, StatementShape* shape) const {
  const Instruction& op = code[at];
  Holds left = Before(at, op.p1);
  Holds right = Before(at, op.p3);
  if (right.column) std::swap(left, right);
  if (!left.column || !right.constant) return;
  shape->restricted.push_back(*left.column);
  const bool orders = IsAmong(kOrders, op.name);
  const bool versioned = left.versioned || Lower(op.p4).starts_with("version");
  const bool number = right.is_number || SpellsNumber(*right.constant);
  if (orders && left.is_text && !versioned && number) {
    shape->text_orders.push_back({*left.column, *right.constant});
  }
}

// p4 is "like(2)", p2 the register of the first argument.
void ShapeReader::Program::ReadFunction(size_t at, StatementShape* shape) const {
  const Instruction& op = code[at];
  const size_t open = op.p4.find('(');
  if (open == std::string::npos) return;
  const std::string name = op.p4.substr(0, open);
  const auto count = ParseInt(op.p4.substr(open + 1, op.p4.find(')') - open - 1));
  for (int i = 0; i < count.value_or(0); ++i) {
    const Holds argument = Before(at, op.p2 + i);
    if (argument.column) shape->restricted.push_back(*argument.column);
  }
  if (name != "regex_match" && name != "regex_split") return;
  const Holds pattern = Before(at, op.p2 + 1);
  if (pattern.constant) shape->patterns.push_back(*pattern.constant);
}

// The instructions that may come next. Where a subroutine returns to is told by its calls.
std::vector<int> ShapeReader::Program::After(int at) const {
  const Instruction& op = code[static_cast<size_t>(at)];
  if (op.name == "EndCoroutine") return {};
  if (op.name == "Goto" || op.name == "Gosub") return {op.p2};
  if (op.name == "Jump") return {op.p1, op.p2, op.p3};
  if ((op.name == "Init" || op.name == "InitCoroutine") && op.p2 > 0) return {op.p2};
  std::vector<int> out{at + 1};
  if (op.name == "Return") {
    if (op.p3 == 0) out.clear();
    for (size_t i = 0; i < code.size(); ++i) {
      const bool call = code[i].name == "Gosub" || code[i].name == "BeginSubrtn";
      if (call && code[i].p1 == op.p1) out.push_back(static_cast<int>(i) + 1);
    }
  } else if (IsAmong(kBranches, op.name) && op.p2 > 0) {
    out.push_back(op.p2);
  }
  return out;
}

bool ShapeReader::Program::AlwaysHasRow() const {
  std::vector<int> todo{0};
  std::set<int> seen;
  while (!todo.empty()) {
    const int at = todo.back();
    todo.pop_back();
    if (at < 0 || static_cast<size_t>(at) >= code.size() || !seen.insert(at).second) continue;
    const std::string& name = code[static_cast<size_t>(at)].name;
    if (name == "Halt") return false;
    if (name == "ResultRow") continue;
    for (int next : After(at)) todo.push_back(next);
  }
  return true;
}

Result<ShapeReader> ShapeReader::Open(std::span<const Schema> schemas) {
  auto db = OpenGuarded();
  if (!db) return tl::unexpected(db.error());
  ShapeReader reader(std::move(*db));
  std::map<std::string, const Schema*> by_name;
  for (const Schema& schema : schemas) {
    std::string columns;
    for (const Column& column : schema.columns) {
      columns += (columns.empty() ? "" : ", ") + Quoted(column.name) + " " + TypeName(column.type);
      if (!column.collation.empty()) columns += " COLLATE " + Quoted(column.collation);
    }
    for (std::string_view name : {schema.name, schema.alias}) {
      if (name.empty()) continue;
      by_name.emplace(name, &schema);
      const std::string sql = "CREATE TABLE " + Quoted(name) + "(" + columns + ")";
      if (sqlite3_exec(reader.db_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        return Fail(Code::kInternal,
                    "table " + std::string(name) + ": " + sqlite3_errmsg(reader.db_.get()));
      }
    }
  }
  sqlite3_stmt* raw = nullptr;
  sqlite3_prepare_v2(reader.db_.get(), "SELECT rootpage, name FROM sqlite_schema", -1, &raw,
                     nullptr);
  const Statement statement(raw);
  while (raw != nullptr && sqlite3_step(raw) == SQLITE_ROW) {
    const Schema& schema = *by_name.at(TextOf(raw, 1));
    reader.by_root_page_[sqlite3_column_int(raw, 0)] = {
        std::string(schema.name), {schema.columns.begin(), schema.columns.end()}};
  }
  return reader;
}

Result<StatementShape> ShapeReader::Read(const std::string& sql) const {
  sqlite3_stmt* raw = nullptr;
  const std::string explain = "EXPLAIN " + sql;
  sqlite3_prepare_v2(db_.get(), explain.c_str(), -1, &raw, nullptr);
  const Statement statement(raw);
  if (raw == nullptr) return Fail(Code::kInvalidArgument, sqlite3_errmsg(db_.get()));
  Program program;
  while (sqlite3_step(raw) == SQLITE_ROW) {
    program.code.push_back({TextOf(raw, 1), sqlite3_column_int(raw, 2), sqlite3_column_int(raw, 3),
                            sqlite3_column_int(raw, 4), TextOf(raw, 5)});
    const Instruction& op = program.code.back();
    if (op.name != "OpenRead") continue;
    const auto table = by_root_page_.find(op.p2);
    if (table != by_root_page_.end()) program.cursors[op.p1] = &table->second;
  }
  StatementShape shape;
  for (size_t i = 0; i < program.code.size(); ++i) {
    const std::string& name = program.code[i].name;
    if (IsAmong(kOrders, name) || IsAmong(kEqualities, name)) program.ReadComparison(i, &shape);
    if (IsAmong(kFunctions, name)) program.ReadFunction(i, &shape);
  }
  shape.always_has_row = program.AlwaysHasRow();
  return shape;
}

}  // namespace sallyport
