// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <charconv>

#include "base/hex.h"

namespace sallyport {

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  size_t start = 0;
  for (;;) {
    const size_t end = text.find(separator, start);
    out.push_back(text.substr(start, end - start));
    if (end == std::string_view::npos) return out;
    start = end + 1;
  }
}

std::vector<std::string_view> Fields(std::string_view text) {
  std::vector<std::string_view> out;
  constexpr std::string_view kBlanks = " \t\r\n";
  size_t start = text.find_first_not_of(kBlanks);
  while (start != std::string_view::npos) {
    const size_t end = text.find_first_of(kBlanks, start);
    out.push_back(text.substr(start, end - start));
    start = end == std::string_view::npos ? end : text.find_first_not_of(kBlanks, end);
  }
  return out;
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> out = Split(text, '\n');
  if (out.back().empty()) out.pop_back();
  for (std::string_view& line : out) {
    if (line.ends_with('\r')) line.remove_suffix(1);
  }
  return out;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kBlanks) - start + 1);
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i];
  }
  return out;
}

std::string WithoutUserInfo(std::string_view text) {
  constexpr std::string_view kScheme = "://";
  std::string out;
  for (size_t at = text.find(kScheme); at != std::string_view::npos; at = text.find(kScheme)) {
    out += text.substr(0, at + kScheme.size());
    text.remove_prefix(at + kScheme.size());
    const std::string_view authority = text.substr(0, text.find_first_of("/?# \t\r\n\"'<>,"));
    const size_t end = authority.rfind('@');
    if (end != std::string_view::npos) text.remove_prefix(end + 1);
  }
  return out.append(text);
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::optional<int64_t> ParseInt(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string Excerpt(std::string_view text, size_t limit) {
  std::string out;
  for (char c : text.substr(0, limit)) {
    if (c >= 0x20 && c < 0x7f) {
      out.push_back(c);
    } else {
      out += "\\x" + ToHex(std::string_view(&c, 1));
    }
  }
  if (text.size() > limit) out += "...";
  return out;
}

}  // namespace sallyport
