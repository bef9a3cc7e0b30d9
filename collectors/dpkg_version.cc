// SPDX-License-Identifier: Apache-2.0
#include "collectors/dpkg_version.h"

namespace sallyport {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// "~" sorts before the end of a part, letters before all other characters.
int Order(std::string_view text, size_t at) {
  if (at >= text.size() || IsDigit(text[at])) return 0;
  const char c = text[at];
  if (IsLetter(c)) return c;
  if (c == '~') return -1;
  return static_cast<unsigned char>(c) + 256;
}

size_t SkipZeros(std::string_view text, size_t at) {
  while (at < text.size() && text[at] == '0') ++at;
  return at;
}

size_t DigitsEnd(std::string_view text, size_t at) {
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

// dpkg's verrevcmp: runs of other characters and runs of digits, in turn. Numbers are compared by
// length and then as text, so none is too large.
int ComparePart(std::string_view a, std::string_view b) {
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() || j < b.size()) {
    while ((i < a.size() && !IsDigit(a[i])) || (j < b.size() && !IsDigit(b[j]))) {
      const int difference = Order(a, i) - Order(b, j);
      if (difference != 0) return difference;
      ++i;
      ++j;
    }
    i = SkipZeros(a, i);
    j = SkipZeros(b, j);
    const std::string_view x = a.substr(i < a.size() ? i : a.size(), DigitsEnd(a, i) - i);
    const std::string_view y = b.substr(j < b.size() ? j : b.size(), DigitsEnd(b, j) - j);
    if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
    if (const int difference = x.compare(y); difference != 0) return difference;
    i += x.size();
    j += y.size();
  }
  return 0;
}

struct Version {
  std::string_view epoch;
  std::string_view upstream;
  std::string_view revision;
};

Version SplitVersion(std::string_view text) {
  Version out;
  if (const size_t colon = text.find(':'); colon != std::string_view::npos) {
    out.epoch = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  const size_t dash = text.rfind('-');
  out.upstream = text.substr(0, dash);
  if (dash != std::string_view::npos) out.revision = text.substr(dash + 1);
  return out;
}

}  // namespace

int CompareDpkgVersions(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  const Version x = SplitVersion(a);
  const Version y = SplitVersion(b);
  if (const int epoch = ComparePart(x.epoch, y.epoch); epoch != 0) return epoch;
  if (const int upstream = ComparePart(x.upstream, y.upstream); upstream != 0) return upstream;
  return ComparePart(x.revision, y.revision);
}

}  // namespace sallyport
