// SPDX-License-Identifier: Apache-2.0
#include "base/table.h"

#include <array>
#include <charconv>

#include "base/result.h"

namespace sallyport {
namespace {

constexpr std::array<const char*, 3> kOsNames = {"linux", "darwin", "windows"};
constexpr std::array<const char*, 7> kStateNames = {"value",   "absent", "unsupported", "denied",
                                                    "timeout", "error",  "suppressed"};

template <typename Enum, size_t N>
std::optional<Enum> FromName(const std::array<const char*, N>& names, std::string_view name) {
  for (size_t i = 0; i < N; ++i) {
    if (name == names[i]) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

const char* CodeName(Code code) {
  constexpr std::array kNames = {"not found",     "unsupported", "denied",    "timeout",
                                 "malformed",     "too large",   "invalid",   "conflict",
                                 "bad signature", "unavailable", "exhausted", "internal"};
  return kNames.at(static_cast<size_t>(code));
}

const char* OsName(Os os) { return kOsNames.at(static_cast<size_t>(os)); }
std::optional<Os> OsFromName(std::string_view name) { return FromName<Os>(kOsNames, name); }

const char* TypeName(Type type) {
  constexpr std::array kNames = {"TEXT", "INTEGER", "BIGINT", "DOUBLE"};
  return kNames.at(static_cast<size_t>(type));
}

const char* StateName(State state) { return kStateNames.at(static_cast<size_t>(state)); }
std::optional<State> StateFromName(std::string_view name) {
  return FromName<State>(kStateNames, name);
}

std::string ToText(const Key& key) { return key.column + (key.like ? " LIKE " : "=") + key.value; }

bool IsUnknown(const Value& value) { return std::holds_alternative<Unknown>(value); }
bool IsNull(const Value& value) { return std::holds_alternative<std::monostate>(value); }

std::string ToText(const Value& value) {
  struct Printer {
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(Unknown) const { return "unknown"; }
    std::string operator()(int64_t v) const { return std::to_string(v); }
    std::string operator()(double v) const {
      std::array<char, 32> buffer;
      const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), v).ptr;
      return std::string(buffer.data(), end);
    }
    std::string operator()(const std::string& v) const { return v; }
  };
  return std::visit(Printer{}, value);
}

int Schema::IndexOf(std::string_view column) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == column) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace sallyport
