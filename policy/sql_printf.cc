// SPDX-License-Identifier: Apache-2.0
// printf() and format(), as SQLite documents them ("Built-in SQL functions"), but bounded: SQLite's
// own give NULL where the text gets too long, and a policy must not pass on that.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "policy/sql_functions.h"
#include "policy/sql_values.h"

namespace sallyport {
namespace {

constexpr int kMaxWidth = 1000;
constexpr size_t kMaxText = 64 << 10;
constexpr std::string_view kFlags = "-+ 0#!,";
constexpr std::string_view kIntegers = "dioxXu";
constexpr std::string_view kReals = "fFeEgG";
constexpr std::string_view kTexts = "szqQwc";

bool Has(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

// The arguments in turn; what is missing is NULL.
class Arguments {
 public:
  Arguments(int count, sqlite3_value** values) : left_(count), next_(values) {}

  sqlite3_value* Next() {
    if (left_ == 0) return nullptr;
    --left_;
    return *next_++;
  }
  int64_t NextInteger() {
    sqlite3_value* value = Next();
    return value == nullptr ? 0 : sqlite3_value_int64(value);
  }

 private:
  int left_;
  sqlite3_value** next_;
};

// "%-5.2f" taken apart; `width` and `precision` are small.
struct Conversion {
  std::string flags;
  std::optional<int> width;
  std::optional<int> precision;
  char letter = 0;

  // For sqlite3_mprintf, with "ll" before the letter where it is for integers.
  std::string Format(std::string_view letter_or_more) const {
    std::string out = "%" + flags;
    if (width) out += std::to_string(*width);
    if (precision) out += "." + std::to_string(*precision);
    return out + std::string(letter_or_more);
  }
};

// A number or "*"; a negative width is a flag. False: too large.
bool ReadSize(std::string_view& format, Arguments& arguments, std::optional<int>& out,
              std::string* flags) {
  int64_t size = 0;
  if (format.starts_with('*')) {
    format.remove_prefix(1);
    size = arguments.NextInteger();
    if (size < 0) {
      if (flags != nullptr) *flags += '-';
      size = size < -kMaxWidth ? kMaxWidth + 1 : -size;
    }
  } else if (format.empty() || std::isdigit(static_cast<unsigned char>(format[0])) == 0) {
    if (flags == nullptr) out = 0;  // "%.f"
    return true;
  } else {
    while (!format.empty() && std::isdigit(static_cast<unsigned char>(format[0])) != 0) {
      if (size <= kMaxWidth) size = size * 10 + (format[0] - '0');
      format.remove_prefix(1);
    }
  }
  out = static_cast<int>(size);
  return size <= kMaxWidth;
}

Result<Conversion> ReadConversion(std::string_view& format, Arguments& arguments) {
  Conversion out;
  while (!format.empty() && Has(kFlags, format[0])) {
    out.flags += format[0];
    format.remove_prefix(1);
  }
  bool fits = ReadSize(format, arguments, out.width, &out.flags);
  if (fits && format.starts_with('.')) {
    format.remove_prefix(1);
    fits = ReadSize(format, arguments, out.precision, nullptr);
  }
  if (!fits) return Fail(Code::kTooLarge, "printf(): a width over " + std::to_string(kMaxWidth));
  while (format.starts_with('l')) format.remove_prefix(1);
  if (format.empty()) return Fail(Code::kInvalidArgument, "printf(): a conversion without letter");
  out.letter = format[0];
  format.remove_prefix(1);
  return out;
}

Result<std::string> Taken(char* text) {
  const std::unique_ptr<char, decltype(&sqlite3_free)> owned(text, sqlite3_free);
  if (text == nullptr) return Fail(Code::kTooLarge, "printf(): no memory");
  return std::string(text);
}

// The formats are made above: their letters fit what is passed.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
Result<std::string> Integer(const Conversion& how, int64_t value) {
  const std::string format = how.Format(std::string("ll") + (how.letter == 'i' ? 'd' : how.letter));
  return Taken(sqlite3_mprintf(format.c_str(), static_cast<long long>(value)));
}

Result<std::string> Real(const Conversion& how, double value) {
  return Taken(sqlite3_mprintf(how.Format(std::string(1, how.letter)).c_str(), value));
}

// The first character, as often as the precision says.
std::string Repeated(std::string_view text, const Conversion& how) {
  size_t size = std::min<size_t>(text.size(), 1);
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80U) ++size;
  std::string out;
  for (int i = 0; i < std::max(1, how.precision.value_or(1)); ++i) out += text.substr(0, size);
  return out;
}

Result<std::string> Text(const Conversion& how, sqlite3_value* value) {
  const bool null = value == nullptr || IsSqlNull(value);
  const std::string text = null ? std::string() : std::string(SqlText(value));
  if (how.letter == 'c') {
    const Conversion padded{how.flags, how.width, std::nullopt, 's'};
    return Taken(sqlite3_mprintf(padded.Format("s").c_str(), Repeated(text, how).c_str()));
  }
  const char letter = how.letter == 'z' ? 's' : how.letter;  // %z would free the text
  return Taken(sqlite3_mprintf(how.Format(std::string(1, letter)).c_str(),
                               null && letter == 'Q' ? nullptr : text.c_str()));
}
#pragma GCC diagnostic pop

Result<std::string> Converted(const Conversion& how, Arguments& arguments) {
  if (Has(kIntegers, how.letter)) return Integer(how, arguments.NextInteger());
  if (Has(kReals, how.letter)) {
    sqlite3_value* value = arguments.Next();
    return Real(how, value == nullptr ? 0.0 : sqlite3_value_double(value));
  }
  if (Has(kTexts, how.letter)) return Text(how, arguments.Next());
  return Fail(Code::kInvalidArgument,
              "printf(): no such conversion: %" + std::string(1, how.letter));
}

Result<std::string> Formatted(std::string_view format, Arguments arguments) {
  std::string out;
  while (!format.empty()) {
    const size_t at = std::min(format.find('%'), format.size());
    out += format.substr(0, at);
    format.remove_prefix(at);
    if (format.size() == 1) out += '%';  // one that ends the text stands for itself
    if (format.size() <= 1) break;
    format.remove_prefix(1);
    if (format[0] == '%') {
      out += '%';
      format.remove_prefix(1);
      continue;
    }
    const auto how = ReadConversion(format, arguments);
    if (!how) return tl::unexpected(how.error());
    const auto text = Converted(*how, arguments);
    if (!text) return tl::unexpected(text.error());
    out += *text;
    if (out.size() > kMaxText) return Fail(Code::kTooLarge, "printf(): over 64 KiB");
  }
  return out;
}

void Printf(sqlite3_context* context, int argc, sqlite3_value** argv) {
  if (argc == 0 || IsSqlNull(argv[0])) return;
  const auto text = Formatted(SqlText(argv[0]), Arguments(argc - 1, argv + 1));
  if (!text) return ReturnError(context, text.error().message);
  ReturnText(context, *text);
}

}  // namespace

Status RegisterPrintfFunctions(sqlite3* db) {
  if (Status done = AddSqlFunction(db, "printf", -1, Printf); !done) return done;
  return AddSqlFunction(db, "format", -1, Printf);
}

}  // namespace sallyport
