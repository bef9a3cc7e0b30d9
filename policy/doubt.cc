// SPDX-License-Identifier: Apache-2.0
#include "policy/doubt.h"

#include "base/text.h"
#include "policy/virtual_table.h"

namespace sallyport {
namespace {

// "path=/etc/hosts directory=/etc"
std::string KeysText(const Keys& keys) {
  std::string text;
  for (const Key& key : keys) text += (text.empty() ? "" : " ") + Excerpt(ToText(key));
  return text;
}

// What an ask that no result covers asked for.
std::string MissingText(const VirtualTable& table, const Keys& asked) {
  if (!asked.empty()) return KeysText(asked) + ": not in the evidence";
  const std::string wanted = table.roles().Wanted();
  if (!wanted.empty()) return "no " + wanted + " is fixed";
  return "the whole table is not in the evidence";
}

}  // namespace

std::string DoubtText(const Doubt& doubt) {
  if (doubt.table == nullptr) return {};
  const std::string& name = doubt.table->name();
  const Keys none;
  const std::string keys = KeysText(doubt.result == nullptr ? none : doubt.result->keys);
  const std::string table = keys.empty() ? name : name + ": " + keys;
  const std::string row = std::to_string(doubt.row + 1) + (keys.empty() ? "" : " of " + keys);
  const std::string column =
      doubt.column < 0
          ? name
          : name + "." + doubt.table->columns()[static_cast<size_t>(doubt.column)].name;
  switch (doubt.kind) {
    case Doubt::Kind::kNone:
      return {};
    case Doubt::Kind::kNoTable:
      return table + ": not in the evidence";
    case Doubt::Kind::kState: {
      const std::string state = table + ": " + StateName(doubt.result->state);
      return doubt.result->error.empty() ? state : state + ": " + Excerpt(doubt.result->error, 160);
    }
    case Doubt::Kind::kKey:
      return name + ": " + MissingText(*doubt.table, doubt.asked);
    case Doubt::Kind::kCell:
      return column + ": unknown in row " + row;
    case Doubt::Kind::kNoColumn:
      return column + ": the evidence has no such column";
    case Doubt::Kind::kWrongType:
      return column + ": not of type " +
             TypeName(doubt.table->columns()[static_cast<size_t>(doubt.column)].type) + " in row " +
             row;
  }
  return {};
}

}  // namespace sallyport
