// SPDX-License-Identifier: Apache-2.0
#include "policy/regex.h"

#include <string>

#include "base/text.h"

namespace sallyport {
namespace {

constexpr size_t kMaxPattern = 8 << 10;
constexpr int64_t kMaxMemory = 1 << 20;         // of one pattern, its caches included
constexpr size_t kMaxInput = 64 << 10;          // bytes
constexpr size_t kMaxSteps = size_t{32} << 20;  // instructions times bytes: tens of milliseconds

std::string Problem(const RE2& regex) {
  const std::string& where = regex.error_arg();
  if (regex.error_code() == RE2::ErrorBadPerlOp) {
    for (const char* look : {"(?=", "(?!", "(?<"}) {
      if (where.starts_with(look)) return "lookaround (" + where + ") is not supported";
    }
  }
  if (regex.error_code() == RE2::ErrorBadEscape && where.size() > 1 && where[1] >= '1' &&
      where[1] <= '9') {
    return "back-references (" + where + ") are not supported";
  }
  return Excerpt(regex.error());
}

}  // namespace

Result<std::unique_ptr<RE2>> CompileRegex(std::string_view pattern) {
  const std::string name = "regular expression \"" + Excerpt(pattern, 60) + "\": ";
  if (pattern.size() > kMaxPattern) return Fail(Code::kTooLarge, name + "longer than 8 KiB");
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  auto regex = std::make_unique<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (regex->ok()) return regex;
  const bool large = regex->error_code() == RE2::ErrorPatternTooLarge;
  return Fail(large ? Code::kTooLarge : Code::kInvalidArgument, name + Problem(*regex));
}

bool IsTooMuchToMatch(const RE2& regex, std::string_view input) {
  const auto size = static_cast<size_t>(regex.ProgramSize() > 0 ? regex.ProgramSize() : 1);
  return input.size() > kMaxInput || input.size() > kMaxSteps / size;
}

}  // namespace sallyport
