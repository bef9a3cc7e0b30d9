// SPDX-License-Identifier: Apache-2.0
// What a differential test asks: our rows as lines, and the output of the system's own tools.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "base/table.h"
#include "base/text.h"

namespace sallyport {

using Lined = std::set<std::string>;  // a line per row

// What a shell prints: the system's tools, in the language that they are made in.
inline std::string Output(const std::string& command) {
  std::string out;
  const std::string whole = "LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin " + command;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(whole.c_str(), "r"), pclose);
  char chunk[4096];
  for (size_t got; (got = fread(chunk, 1, sizeof chunk, pipe.get())) > 0;) out.append(chunk, got);
  return out;
}

inline bool Has(const char* tool) {
  return !Output(std::string("sh -c 'command -v ") + tool + "'").empty();
}

// The cells of these columns of each row, with a tab between them; "" for NULL.
inline Lined Ours(const Schema& schema, const Result<Rows>& rows,
                  std::initializer_list<const char*> columns,
                  const std::function<bool(const Row&)>& wanted = nullptr) {
  Lined out;
  EXPECT_TRUE(rows) << (rows ? "" : rows.error().message);
  if (!rows) return out;
  for (const Row& row : *rows) {
    if (wanted && !wanted(row)) continue;
    std::string line;
    for (const char* column : columns) {
      const Value& cell = row.at(static_cast<size_t>(schema.IndexOf(column)));
      if (column != *columns.begin()) line += "\t";
      if (!IsNull(cell)) line += ToText(cell);
    }
    out.insert(line);
  }
  return out;
}

inline Lined LinesOf(const std::string& text) {
  Lined out;
  for (const std::string_view line : Lines(text)) out.emplace(line);
  return out;
}

}  // namespace sallyport
