// SPDX-License-Identifier: Apache-2.0
// A table as text, to compare it whole: a line per row, "column=cell" for each cell that is not
// NULL.
#pragma once

#include <string>

#include "base/table.h"

namespace sallyport {

inline std::string Shown(const Schema& schema, const Rows& rows) {
  std::string out;
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      if (IsNull(row[i])) continue;
      line +=
          (line.empty() ? "" : " ") + std::string(schema.columns[i].name) + "=" + ToText(row[i]);
    }
    out += line + "\n";
  }
  return out;
}

// Or the error, with its code.
inline std::string Shown(const Schema& schema, const Result<Rows>& rows) {
  if (rows) return Shown(schema, *rows);
  return std::string(CodeName(rows.error().code)) + ": " + rows.error().message + "\n";
}

}  // namespace sallyport
