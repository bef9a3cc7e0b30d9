// SPDX-License-Identifier: Apache-2.0
// Tables parse_json, parse_jsonl and parse_ini.
#include <iterator>

#include "collectors/osquery/extension.h"
#include "collectors/paths/ini_flatten.h"
#include "collectors/paths/json_flatten.h"
#include "collectors/paths/path_keys.h"
#include "collectors/paths/tables.h"

namespace sallyport {
namespace {

using Flatten = Status (*)(std::string_view text, const std::string& path, FlatRows* rows);

Result<Rows> Parsed(const Host& host, const Schema& schema, const Keys& keys, Flatten flatten) {
  const auto contents = AskedContents(host, schema, keys, kMaxParsedBytes);
  if (!contents) return tl::unexpected(contents.error());
  Rows rows;
  RowBudget budget;
  for (const AskedContent& content : *contents) {
    FlatRows flat(content.path, &budget);
    if (const Status ok = flatten(content.bytes, content.path, &flat); !ok) {
      return tl::unexpected(ok.error());
    }
    Rows more = flat.Take();
    rows.insert(rows.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
  }
  return rows;
}

}  // namespace

Result<Rows> ParseJsonTable(const Host& host, const Keys& keys) {
  return Parsed(host, kParseJson, keys, FlattenJson);
}

Result<Rows> ParseJsonlTable(const Host& host, const Keys& keys) {
  return Parsed(host, kParseJsonl, keys, FlattenJsonLines);
}

Result<Rows> ParseIniTable(const Host& host, const Keys& keys) {
  return Parsed(host, kParseIni, keys, FlattenIni);
}

}  // namespace sallyport
