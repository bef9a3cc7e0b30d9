// SPDX-License-Identifier: Apache-2.0
#include "policy/key_roles.h"

#include <algorithm>

#include "base/text.h"

namespace sallyport {
namespace {

// osquery declares no column of it required, but answers without a key with the names of the roots.
constexpr std::string_view kByPathAlone = "registry";

}  // namespace

KeyRoles::KeyRoles(const Schema& schema) {
  for (const Column& column : schema.columns) {
    std::string collation = column.collation.empty() ? "binary" : Lower(column.collation);
    const bool comparable = collation == "binary" || collation == "nocase";
    const Role role = comparable ? column.role : Role::kPlain;
    columns_.push_back({std::string(column.name), column.type, role, std::move(collation)});
    any_ = any_ || role != Role::kPlain;
    additional_ = additional_ || role == Role::kAdditional;
    required_ = required_ || role == Role::kRequired;
  }
  never_whole_ = required_ || schema.name == kByPathAlone;
}

bool KeyRoles::IsKey(int column, bool like, const char* collation) const {
  const ColumnRole& known = columns_[Index(column)];
  if (known.role == Role::kPlain || known.type == Type::kDouble) return false;
  if (like) {
    if (known.type != Type::kText) return false;
    return never_whole_ || (known.role == Role::kAdditional && known.name == "path");
  }
  // A required column names what is looked at, however the rows are compared afterwards.
  if (known.role == Role::kRequired || known.type != Type::kText) return true;
  const std::string by = collation == nullptr ? "binary" : Lower(collation);
  return by == "binary" || by == known.collation;
}

std::optional<Key> KeyRoles::KeyOf(int column, bool like, sqlite3_value* value) const {
  const ColumnRole& known = columns_[Index(column)];
  const int type = sqlite3_value_type(value);
  if (type == SQLITE_NULL || type == SQLITE_BLOB) return std::nullopt;
  Key key{known.name, {}, like};
  if (known.type != Type::kText) {
    // SQLite compares 5, 5.0 and '5' alike with a column of numbers.
    const int64_t number = sqlite3_value_int64(value);
    if (sqlite3_value_numeric_type(value) == SQLITE_TEXT ||
        sqlite3_value_double(value) != static_cast<double>(number)) {
      return std::nullopt;
    }
    key.value = std::to_string(number);
    return key;
  }
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  key.value.assign(text, static_cast<size_t>(sqlite3_value_bytes(value)));
  key.like = like && key.value.find('%') != std::string::npos;
  return key;
}

const KeyRoles::ColumnRole* KeyRoles::Find(std::string_view name) const {
  const auto found = std::ranges::find(columns_, name, &ColumnRole::name);
  return found == columns_.end() ? nullptr : &*found;
}

bool KeyRoles::Holds(const Key& held, const Key& asked) const {
  if (held.like != asked.like || held.value.size() != asked.value.size() ||
      held.column != asked.column) {
    return false;
  }
  if (held.value == asked.value) return true;
  const ColumnRole* column = Find(held.column);
  return column != nullptr && column->collation == "nocase" &&
         sqlite3_strnicmp(held.value.data(), asked.value.data(),
                          static_cast<int>(held.value.size())) == 0;
}

// FNV-1a, without regard to the case of ASCII letters.
size_t KeyRoles::HashOf(const Key& key) {
  uint64_t hash = key.like ? 0x9ae16a3b2f90404fu : 0xcbf29ce484222325u;
  const auto mix = [&hash](char c) {
    const bool upper = c >= 'A' && c <= 'Z';
    hash = (hash ^ static_cast<unsigned char>(upper ? c + ('a' - 'A') : c)) * 0x100000001b3u;
  };
  for (char c : key.column) mix(c);
  for (char c : key.value) mix(c);
  return static_cast<size_t>(hash);
}

bool KeyRoles::Covers(const Keys& held, const Keys& asked) const {
  const auto is_in = [this](const Keys& keys, const Key& wanted) {
    return std::ranges::any_of(keys, [&](const Key& key) { return Holds(key, wanted); });
  };
  if (!std::ranges::all_of(held, [&](const Key& key) { return is_in(asked, key); })) return false;
  if (!additional_) return true;
  return std::ranges::all_of(asked, [&](const Key& key) {
    const ColumnRole* column = Find(key.column);
    return column == nullptr || column->role != Role::kAdditional || is_in(held, key);
  });
}

bool KeyRoles::IsEnough(int column) const {
  const Role role = columns_[Index(column)].role;
  return !never_whole_ || (required_ ? role == Role::kRequired : role != Role::kPlain);
}

bool KeyRoles::CanCollect(const Keys& keys) const {
  if (!never_whole_) return true;
  return std::ranges::any_of(keys, [&](const Key& key) {
    const ColumnRole* column = Find(key.column);
    return column != nullptr && IsEnough(static_cast<int>(column - columns_.data()));
  });
}

std::string KeyRoles::Wanted() const {
  std::vector<std::string> names;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (never_whole_ && IsEnough(static_cast<int>(i))) names.push_back(columns_[i].name);
  }
  return Join(names, " or ");
}

PlanCost CostOf(const KeyRoles& roles, size_t equalities, bool keyed) {
  constexpr double kNoAnswer = 1e9;
  const double rows =
      std::max(1.0, 64.0 / static_cast<double>(1 << std::min<size_t>(18, 3 * equalities)));
  return {rows, roles.never_whole() && !keyed ? kNoAnswer : 4.0 + rows};
}

}  // namespace sallyport
