// SPDX-License-Identifier: Apache-2.0
#include "platform/windows_formats.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/hex.h"
#include "base/text.h"
#include "base/utf16.h"

namespace sallyport {
namespace {

constexpr std::string_view kExtended = R"(\\?\)";

bool IsLetter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool StartsWithDrive(std::string_view path) {
  return path.size() >= 3 && IsLetter(path[0]) && path[1] == ':' &&
         (path[2] == '\\' || path[2] == '/');
}

uint64_t LittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

std::u16string Units(std::string_view bytes) {
  std::u16string out;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    out.push_back(static_cast<char16_t>(LittleEndian(bytes.substr(i, 2))));
  }
  return out;
}

// A string of the registry may end with one NUL, with several, or with none.
Result<std::string> RegistryText(std::string_view bytes, const std::string& thing) {
  if (bytes.size() % 2 != 0) return Fail(Code::kMalformed, thing + ": text of half a character");
  std::u16string units = Units(bytes);
  while (!units.empty() && units.back() == 0) units.pop_back();
  auto text = ToUtf8(units);
  if (!text) return Wrap(text.error(), thing);
  return text;
}

std::optional<std::string> FirstString(std::string_view bytes) {
  if (bytes.size() % 2 != 0) return std::nullopt;
  const std::u16string units = Units(bytes);
  auto text = ToUtf8(std::u16string_view(units).substr(0, units.find(u'\0')));
  if (!text) return std::nullopt;
  return *std::move(text);
}

// REG_MULTI_SZ ends with an empty string.
std::optional<std::string> JoinedStrings(std::string_view bytes) {
  if (bytes.size() % 2 != 0) return std::nullopt;
  const std::u16string units = Units(bytes);
  std::u16string_view rest(units);
  std::string out;
  while (!rest.empty() && rest[0] != 0) {
    const size_t end = std::min(rest.find(u'\0'), rest.size());
    const auto text = ToUtf8(rest.substr(0, end));
    if (!text) return std::nullopt;
    out += (out.empty() ? "" : ",") + *text;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

std::string UpperHex(std::string_view bytes) {
  std::string out = ToHex(bytes);
  for (char& c : out) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

Result<Value> RegistryNumber(size_t size, std::string_view bytes, const std::string& thing) {
  if (bytes.size() != size) {
    return Fail(Code::kMalformed, thing + ": a number of " + std::to_string(bytes.size()) +
                                      " bytes, not " + std::to_string(size));
  }
  const uint64_t value = LittleEndian(bytes);
  if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return Fail(Code::kMalformed, thing + ": a number over 2^63");
  }
  return Value(static_cast<int64_t>(value));
}

// CommandLineToArgvW: backslashes are doubled only before a quote.
void AppendWord(std::string& line, std::string_view word) {
  if (!word.empty() && word.find_first_of(" \t\n\v\"") == std::string_view::npos) {
    line += word;
    return;
  }
  line.push_back('"');
  size_t backslashes = 0;
  for (const char c : word) {
    if (c == '"') line.append(backslashes + 1, '\\');
    backslashes = c == '\\' ? backslashes + 1 : 0;
    line.push_back(c);
  }
  line.append(backslashes, '\\');
  line.push_back('"');
}

bool IsWord(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return IsLetter(c) || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

Result<std::string> ExtendedPath(std::string_view path) {
  const std::string shown = Excerpt(path, 300);
  if (!StartsWithDrive(path)) return Fail(Code::kInvalidArgument, shown + ": not absolute");
  if (path.find('\0') != std::string_view::npos) {
    return Fail(Code::kInvalidArgument, "a path with a NUL in it");
  }
  std::string plain(path.substr(2));
  std::ranges::replace(plain, '/', '\\');
  std::string out = std::string(kExtended) + path[0] + ":";
  for (const std::string_view part : Split(plain, '\\')) {
    if (part.empty()) continue;
    if (part == "." || part == ".." || part.find(':') != std::string_view::npos) {
      return Fail(Code::kInvalidArgument, shown + ": has '" + std::string(part) + "' in it");
    }
    out += '\\';
    out += part;
  }
  if (out.size() == kExtended.size() + 2) out += '\\';
  return out;
}

Result<std::string> FinalPath(std::string_view extended) {
  if (extended.starts_with(kExtended)) extended.remove_prefix(kExtended.size());
  if (!StartsWithDrive(extended)) {
    return Fail(Code::kDenied, Excerpt(extended, 300) + ": not on a drive of this machine");
  }
  return std::string(extended);
}

Result<std::string> CommandLine(const std::vector<std::string>& argv) {
  if (argv.empty()) return Fail(Code::kInvalidArgument, "a command without a name");
  if (!Lower(argv[0]).ends_with(".exe")) {
    return Fail(Code::kInvalidArgument, argv[0] + ": not an .exe");
  }
  std::string line;
  for (const std::string& word : argv) {
    if (word.find('\0') != std::string::npos) {
      return Fail(Code::kInvalidArgument, argv[0] + ": an argument with a NUL in it");
    }
    if (!line.empty()) line.push_back(' ');
    AppendWord(line, word);
  }
  return line;
}

Result<Value> RegistryValue(uint32_t type, std::string_view bytes, const std::string& thing) {
  // winnt.h: REG_SZ 1, REG_EXPAND_SZ 2, REG_DWORD 4, REG_MULTI_SZ 7, REG_QWORD 11.
  switch (type) {
    case 1:
    case 2:
    case 7: {
      auto text = RegistryText(bytes, thing);
      if (!text) return tl::unexpected(text.error());
      if (type == 7) {
        std::ranges::replace(*text, '\0', '\n');
      } else if (text->find('\0') != std::string::npos) {
        return Fail(Code::kMalformed, thing + ": text with a NUL in it");
      }
      return Value(*std::move(text));
    }
    case 4:
      return RegistryNumber(4, bytes, thing);
    case 11:
      return RegistryNumber(8, bytes, thing);
    default:
      return Fail(Code::kMalformed,
                  thing + ": registry type " + std::to_string(type) + ", neither text nor number");
  }
}

std::string RegistryTypeName(uint32_t type) {
  static constexpr const char* kNames[] = {"REG_NONE",          "REG_SZ",
                                           "REG_EXPAND_SZ",     "REG_BINARY",
                                           "REG_DWORD",         "REG_DWORD_BIG_ENDIAN",
                                           "REG_LINK",          "REG_MULTI_SZ",
                                           "REG_RESOURCE_LIST", "REG_FULL_RESOURCE_DESCRIPTOR",
                                           "UNKNOWN",  // REG_RESOURCE_REQUIREMENTS_LIST
                                           "REG_QWORD"};
  return type < std::size(kNames) ? kNames[type] : "UNKNOWN";
}

std::optional<std::string> RegistryData(uint32_t type, std::string_view bytes) {
  switch (type) {
    case 0:
      return "(zero-length binary value)";
    case 1:
    case 2:
    case 6:
      return FirstString(bytes);
    case 3:
    case 8:
    case 9:
      return UpperHex(bytes);
    case 4:
      if (bytes.size() != 4) return std::nullopt;
      return std::to_string(static_cast<int32_t>(LittleEndian(bytes)));
    case 5: {
      if (bytes.size() != 4) return std::nullopt;
      const std::string turned(bytes.rbegin(), bytes.rend());
      return std::to_string(LittleEndian(turned));
    }
    case 7:
      return JoinedStrings(bytes);
    case 11:
      if (bytes.size() != 8) return std::nullopt;
      return std::to_string(LittleEndian(bytes));
    default:
      return "";
  }
}

Result<std::string> ReparseTarget(std::string_view buffer, const std::string& path) {
  constexpr uint64_t kMountPoint = 0xa0000003;
  constexpr uint64_t kSymlink = 0xa000000c;
  const auto malformed = [&path] { return Fail(Code::kMalformed, path + ": reparse point"); };
  if (buffer.size() < 16) return malformed();
  const uint64_t tag = LittleEndian(buffer.substr(0, 4));
  if (tag != kMountPoint && tag != kSymlink) {
    return Fail(Code::kInvalidArgument, path + ": a reparse point that is no link");
  }
  const size_t names = tag == kSymlink ? 20 : 16;  // a symbolic link has 4 bytes of flags
  const auto offset = static_cast<size_t>(LittleEndian(buffer.substr(8, 2)));
  const auto length = static_cast<size_t>(LittleEndian(buffer.substr(10, 2)));
  if (buffer.size() < names || offset % 2 != 0 || length % 2 != 0 ||
      buffer.size() - names < offset + length) {
    return malformed();
  }
  auto target = ToUtf8(Units(buffer.substr(names + offset, length)));
  if (!target) return Wrap(target.error(), path + ": reparse point");
  // The object manager's name of a drive.
  if (target->starts_with(R"(\??\)")) target->erase(0, 4);
  return target;
}

Result<std::vector<std::string>> SelectedColumns(std::string_view wql) {
  const auto refuse = [wql] {
    return Fail(Code::kInvalidArgument, "WQL: columns must be named: " + Excerpt(wql));
  };
  const std::string lower = Lower(wql);
  const size_t from = lower.find(" from ");
  if (!lower.starts_with("select ") || from == std::string::npos) return refuse();
  std::vector<std::string> columns;
  for (const std::string_view part : Split(wql.substr(7, from - 7), ',')) {
    const std::string_view column = Trim(part);
    if (!IsWord(column)) return refuse();
    columns.emplace_back(column);
  }
  return columns;
}

}  // namespace sallyport
