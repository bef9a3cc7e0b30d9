// SPDX-License-Identifier: Apache-2.0
#include "collectors/vpn/config_text.h"

#include "base/text.h"

namespace sallyport {

Result<std::string> ReadConfigText(const Host& host, const std::string& path, Bom bom) {
  Result<std::string> text = host.ReadFile(path, kMaxConfigBytes);
  if (!text) return text;
  if (text->starts_with("\xFF\xFE") || text->starts_with("\xFE\xFF")) {
    return Fail(Code::kMalformed, path + ":1: UTF-16, not text of one byte");
  }
  if (text->starts_with("\xEF\xBB\xBF")) {
    if (bom == Bom::kRefuse) return Fail(Code::kMalformed, path + ":1: a byte order mark");
    text->erase(0, 3);
  }
  if (text->find('\0') != std::string::npos) {
    return Fail(Code::kMalformed, path + ": NUL bytes, not text");
  }
  size_t lines = 0;
  for (char c : *text) lines += c == '\n';
  if (lines > kMaxConfigLines) return Fail(Code::kTooLarge, path + ": too many lines");
  return text;
}

std::vector<ConfigLine> ConfigLines(std::string_view text) {
  std::vector<ConfigLine> out;
  int number = 0;
  for (std::string_view line : Lines(text)) {
    ++number;
    const std::string_view trimmed = Trim(line);
    if (trimmed.empty()) continue;
    const auto indent = trimmed.data() - line.data();
    out.push_back({trimmed, number, static_cast<int>(indent) + 1, indent > 0});
  }
  return out;
}

Span PlaceOf(const std::string& file, const ConfigLine& line, std::string_view name,
             std::string_view value) {
  const auto column = [&](const char* at) {
    return static_cast<int>(at - line.text.data()) + line.column;
  };
  Span out{.file = file, .line = line.line, .column = column(name.data())};
  out.end_line = line.line;
  out.end_column = column(name.data() + name.size());
  if (!value.empty()) {
    out.value_line = line.line;
    out.value_column = column(value.data());
    out.end_column = column(value.data() + value.size());
  }
  return out;
}

Status CheckValue(std::string_view value, std::string_view separators) {
  if (value.size() > kMaxValueBytes) {
    return Fail(Code::kTooLarge, "a value is longer than the bound allows");
  }
  size_t entries = 1;
  for (char c : value) entries += separators.find(c) != std::string_view::npos;
  if (entries > kMaxListEntries) {
    return Fail(Code::kTooLarge, "a list has more entries than the bound allows");
  }
  return {};
}

std::string ShownName(std::string_view name) {
  constexpr std::string_view kHex = "0123456789abcdefABCDEF";
  constexpr size_t kLongest = 32;
  constexpr int kHexOfASecret = 16;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  bool shown = !name.empty() && name.size() <= kLongest && letter(name[0]);
  int hex = 0;
  for (char c : name) {
    const bool digit = c >= '0' && c <= '9';
    shown = shown && (letter(c) || digit || c == '_' || c == '.' || c == '-');
    hex = kHex.find(c) == std::string_view::npos ? 0 : hex + 1;
    shown = shown && hex < kHexOfASecret;
  }
  return shown ? std::string(name) : "(a name that is not shown)";
}

tl::unexpected<Error> MalformedLine(const std::string& file, const ConfigLine& line,
                                    const std::string& what) {
  return Fail(Code::kMalformed, file + ":" + std::to_string(line.line) + ": " + what);
}

}  // namespace sallyport
