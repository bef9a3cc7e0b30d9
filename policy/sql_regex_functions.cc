// SPDX-License-Identifier: Apache-2.0
// regex_match() and regex_split(), as osquery documents them ("SQL additions").
#include <cstdint>
#include <vector>

#include "policy/regex.h"
#include "policy/sql_functions.h"
#include "policy/sql_values.h"

namespace sallyport {
namespace {

using re2::StringPiece;

constexpr int kPattern = 1;  // its place among the arguments

// The compiled pattern; SQLite keeps it for as long as the argument is a constant of the statement.
// null: the error is the function's result.
const RE2* PatternOf(sqlite3_context* context, sqlite3_value** argv) {
  if (auto* kept = static_cast<RE2*>(sqlite3_get_auxdata(context, kPattern))) return kept;
  auto compiled = CompileRegex(SqlText(argv[kPattern]));
  if (!compiled) {
    ReturnError(context, compiled.error().message);
    return nullptr;
  }
  const auto forget = [](void* regex) { delete static_cast<RE2*>(regex); };
  sqlite3_set_auxdata(context, kPattern, compiled->release(), forget);
  auto* kept = static_cast<RE2*>(sqlite3_get_auxdata(context, kPattern));
  if (kept == nullptr) sqlite3_result_error_nomem(context);
  return kept;
}

// What both begin with; null: the result is there.
const RE2* Begin(sqlite3_context* context, int argc, sqlite3_value** argv) {
  if (AnySqlNull(argc, argv)) return nullptr;
  const RE2* regex = PatternOf(context, argv);
  if (regex == nullptr) return nullptr;
  if (!IsTooMuchToMatch(*regex, SqlText(argv[0]))) return regex;
  ReturnError(context, "regular expression: too much text for this pattern (at most 64 KiB)");
  return nullptr;
}

// regex_match(text, pattern, index): the whole match (0) or a group of it; NULL: none.
void RegexMatch(sqlite3_context* context, int argc, sqlite3_value** argv) {
  const RE2* regex = Begin(context, argc, argv);
  if (regex == nullptr) return;
  const int64_t index = sqlite3_value_int64(argv[2]);
  if (index < 0 || index > regex->NumberOfCapturingGroups()) return;
  const std::string_view text = SqlText(argv[0]);
  std::vector<StringPiece> groups(static_cast<size_t>(index) + 1);
  const StringPiece input(text.data(), text.size());
  if (!regex->Match(input, 0, text.size(), RE2::UNANCHORED, groups.data(),
                    static_cast<int>(groups.size()))) {
    return;
  }
  const StringPiece& group = groups.back();
  ReturnText(context, {group.data(), group.size()});
}

// regex_split(text, pattern, index): what lies between the matches, empty pieces counted.
void RegexSplit(sqlite3_context* context, int argc, sqlite3_value** argv) {
  const RE2* regex = Begin(context, argc, argv);
  if (regex == nullptr) return;
  int64_t left = sqlite3_value_int64(argv[2]);
  if (left < 0) return;
  const std::string_view text = SqlText(argv[0]);
  const StringPiece input(text.data(), text.size());
  size_t piece = 0;
  size_t from = 0;
  StringPiece match;
  // An empty match splits nothing.
  while (from <= text.size() &&
         regex->Match(input, from, text.size(), RE2::UNANCHORED, &match, 1)) {
    const auto at = static_cast<size_t>(match.data() - text.data());
    if (match.empty()) {
      from = at + 1;
      continue;
    }
    if (left-- == 0) return ReturnText(context, text.substr(piece, at - piece));
    piece = from = at + match.size();
  }
  if (left == 0) ReturnText(context, text.substr(piece));
}

}  // namespace

Status RegisterRegexFunctions(sqlite3* db) {
  if (Status done = AddSqlFunction(db, "regex_match", 3, RegexMatch); !done) return done;
  return AddSqlFunction(db, "regex_split", 3, RegexSplit);
}

}  // namespace sallyport
