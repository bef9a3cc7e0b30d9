// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/brief_table.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/text.h"

namespace sallyport {
namespace {

constexpr std::string_view kCollations[] = {"nocase", "version", "version_dpkg", "version_rhel",
                                            "version_arch"};

// Takes what stands behind the first `mark` off a word.
std::string_view CutBehind(std::string_view& word, char mark) {
  const size_t at = word.find(mark);
  if (at == std::string_view::npos) return {};
  const std::string_view behind = word.substr(at + 1);
  word = word.substr(0, at);
  return behind;
}

bool SetFlag(char flag, Column& column) {
  switch (flag) {
    case '!':
      column.role = Role::kRequired;
      return true;
    case '*':
      column.role = Role::kIndex;
      return true;
    case '+':
      column.role = Role::kAdditional;
      return true;
    case '~':
      column.hidden = true;
      return true;
    default:
      return false;
  }
}

Result<Type> TypeOf(std::string_view letter) {
  if (letter.empty()) return Type::kText;
  if (letter == "I") return Type::kInteger;
  if (letter == "B") return Type::kBigint;
  if (letter == "D") return Type::kDouble;
  return Fail(Code::kMalformed, "type " + Excerpt(letter));
}

Result<Column> ReadColumn(std::string_view word) {
  const std::string all(word);
  Column column{"", Type::kText, ""};
  const bool collated = word.find('@') != std::string_view::npos;
  column.collation = CutBehind(word, '@');
  if (collated && std::ranges::find(kCollations, column.collation) == std::end(kCollations)) {
    return Fail(Code::kMalformed, "column " + all + ": no such collation");
  }
  while (!word.empty() && SetFlag(word.back(), column)) word.remove_suffix(1);
  const bool typed = word.find(':') != std::string_view::npos;
  const std::string_view letter = CutBehind(word, ':');
  const Result<Type> type = TypeOf(letter);
  if (!type || (typed && letter.empty())) {
    return Fail(Code::kMalformed, "column " + all + ": no such type");
  }
  column.type = *type;
  column.name = word;
  if (word.empty()) return Fail(Code::kMalformed, "column " + all + ": no name");
  return column;
}

// Columns of all tables that were expanded. A deque moves none of its elements.
const std::vector<Column>& Keep(std::vector<Column> columns) {
  static std::mutex mutex;
  static std::deque<std::vector<Column>> kept;
  const std::lock_guard lock(mutex);
  return kept.emplace_back(std::move(columns));
}

}  // namespace

Result<Schema> Expand(const BriefTable& table) {
  std::vector<Column> columns;
  for (std::string_view word : Split(table.columns, ' ')) {
    if (word.empty()) continue;
    const Result<Column> column = ReadColumn(word);
    if (!column) {
      return Fail(column.error().code,
                  "table " + std::string(table.name) + ": " + column.error().message);
    }
    columns.push_back(*column);
  }
  if (columns.empty()) return Fail(Code::kMalformed, std::string(table.name) + ": no column");
  return Schema{table.name, Keep(std::move(columns)), table.about};
}

}  // namespace sallyport
