// SPDX-License-Identifier: Apache-2.0
// Rows as lines of "cell|cell", some columns of them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/table.h"
#include "base/text.h"
#include "collectors/collector.h"
#include "tests/support/fake_host.h"

namespace sallyport {

// A line for each row; an error is a line too.
inline std::vector<std::string> Shown(const Host& host, const Schema& schema, CollectFn collect,
                                      const std::vector<std::string>& columns) {
  const Result<Rows> rows = collect(host, {});
  if (!rows) return {"error: " + rows.error().message};
  std::vector<std::string> out;
  for (const Row& row : *rows) {
    EXPECT_EQ(row.size(), schema.columns.size());
    std::vector<std::string> cells;
    for (const std::string& column : columns) {
      const int at = schema.IndexOf(column);
      EXPECT_GE(at, 0) << column;
      cells.push_back(ToText(row.at(static_cast<size_t>(at))));
    }
    out.push_back(Join(cells, "|"));
  }
  return out;
}

using Shows = std::vector<std::string>;

}  // namespace sallyport
