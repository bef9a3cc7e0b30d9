// SPDX-License-Identifier: Apache-2.0
#include "base/package_version.h"

#include <algorithm>
#include <optional>

namespace sallyport {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Numbers of any length: by length, then as text.
int CompareNumbers(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

std::string_view TakeWhile(std::string_view& text, bool (*belongs)(char)) {
  size_t size = 0;
  while (size < text.size() && belongs(text[size])) ++size;
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(size);
  return taken;
}

// Debian: "~" sorts before the end of a part, letters before all other characters.
int DpkgOrder(std::string_view text, size_t at) {
  if (at >= text.size() || IsDigit(text[at])) return 0;
  const char c = text[at];
  if (IsLetter(c)) return c;
  if (c == '~') return -1;
  return static_cast<unsigned char>(c) + 256;
}

// Runs of other characters and runs of digits, in turn.
int CompareDpkgPart(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    while ((!a.empty() && !IsDigit(a[0])) || (!b.empty() && !IsDigit(b[0]))) {
      const int difference = DpkgOrder(a, 0) - DpkgOrder(b, 0);
      if (difference != 0) return difference;
      if (!a.empty()) a.remove_prefix(1);
      if (!b.empty()) b.remove_prefix(1);
    }
    const std::string_view x = TakeWhile(a, IsDigit);
    const std::string_view y = TakeWhile(b, IsDigit);
    if (const int difference = CompareNumbers(x, y); difference != 0) return difference;
  }
  return 0;
}

// The next run of the kind that `a` begins with, digits or letters; none: these runs are the same.
std::optional<int> CompareRuns(std::string_view& a, std::string_view& b) {
  const bool number = IsDigit(a[0]);
  const std::string_view x = TakeWhile(a, number ? IsDigit : IsLetter);
  const std::string_view y = TakeWhile(b, number ? IsDigit : IsLetter);
  if (y.empty()) return number ? 1 : -1;  // a number is newer than letters
  const int difference = number ? CompareNumbers(x, y) : x.compare(y);
  return difference == 0 ? std::nullopt : std::optional(difference);
}

// Of "~" and "^" at the beginning of either: their order, 2 when both have it (and it is skipped),
// 3 when neither has.
int CompareRpmMark(std::string_view& a, std::string_view& b, char mark) {
  const bool in_a = a.starts_with(mark);
  const bool in_b = b.starts_with(mark);
  if (!in_a && !in_b) return 3;
  if (in_a && in_b) {
    a.remove_prefix(1);
    b.remove_prefix(1);
    return 2;
  }
  if (mark == '~') return in_a ? -1 : 1;
  // "^" is newer than the end and older than all else.
  if (in_a) return b.empty() ? 1 : -1;
  return a.empty() ? -1 : 1;
}

bool SeparatesInRpm(char c) { return !IsDigit(c) && !IsLetter(c) && c != '~' && c != '^'; }
bool SeparatesInArch(char c) { return !IsDigit(c) && !IsLetter(c); }

int CompareRpmPart(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    TakeWhile(a, SeparatesInRpm);
    TakeWhile(b, SeparatesInRpm);
    int order = CompareRpmMark(a, b, '~');
    if (order == 3) order = CompareRpmMark(a, b, '^');
    if (order == 2) continue;
    if (order != 3) return order;
    if (a.empty() || b.empty()) break;
    if (const auto runs = CompareRuns(a, b)) return *runs;
  }
  return (a.empty() ? 0 : 1) - (b.empty() ? 0 : 1);
}

// What is left when all before was the same: letters are older than the end, all else is newer.
int CompareArchRest(std::string_view a, std::string_view b) {
  if (a.empty() && b.empty()) return 0;
  const bool older = a.empty() ? !IsLetter(b[0]) : IsLetter(a[0]);
  return older ? -1 : 1;
}

int CompareArchPart(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const size_t gap_a = TakeWhile(a, SeparatesInArch).size();
    const size_t gap_b = TakeWhile(b, SeparatesInArch).size();
    if (a.empty() || b.empty()) break;
    if (gap_a != gap_b) return gap_a < gap_b ? -1 : 1;
    if (const auto runs = CompareRuns(a, b)) return *runs;
  }
  return CompareArchRest(a, b);
}

struct Version {
  std::string_view epoch;
  std::string_view upstream;
  std::string_view release;
  bool has_release = false;
};

Version SplitVersion(std::string_view text) {
  Version out;
  if (const size_t colon = text.find(':'); colon != std::string_view::npos) {
    out.epoch = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  const size_t dash = text.rfind('-');
  out.upstream = text.substr(0, dash);
  out.has_release = dash != std::string_view::npos;
  if (out.has_release) out.release = text.substr(dash + 1);
  return out;
}

int CompareWhole(std::string_view a, std::string_view b,
                 int (*compare)(std::string_view, std::string_view)) {
  const Version x = SplitVersion(a);
  const Version y = SplitVersion(b);
  if (const int epoch = CompareNumbers(x.epoch, y.epoch); epoch != 0) return epoch;
  if (const int upstream = compare(x.upstream, y.upstream); upstream != 0) return upstream;
  return x.has_release && y.has_release ? compare(x.release, y.release) : 0;
}

}  // namespace

int CompareDpkgVersions(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  const Version x = SplitVersion(a);
  const Version y = SplitVersion(b);
  if (const int epoch = CompareDpkgPart(x.epoch, y.epoch); epoch != 0) return epoch;
  if (const int upstream = CompareDpkgPart(x.upstream, y.upstream); upstream != 0) return upstream;
  return CompareDpkgPart(x.release, y.release);
}

int CompareRpmVersions(std::string_view a, std::string_view b) {
  return CompareWhole(a, b, CompareRpmPart);
}

int CompareArchVersions(std::string_view a, std::string_view b) {
  return CompareWhole(a, b, CompareArchPart);
}

}  // namespace sallyport
