// SPDX-License-Identifier: Apache-2.0
// The tables there are, from their declarations: for terminals, for programs, and as a page.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/now.h"
#include "base/result.h"
#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

// A table and where it is collected, in the order of Os; empty: it is only declared.
struct TableCard {
  Schema schema;
  std::vector<std::pair<Os, const Collector*>> collected;
};
std::vector<TableCard> AllTableCards();  // by name

// What makes the table worth reading again, in words: "/etc/os-release changed; a package ended".
std::string TriggersText(const Collector& collector);

// One line for each table; or everything about the one that is named. kNotFound names the table.
std::string TablesText(const std::vector<TableCard>& tables);
Result<std::string> TableText(const std::vector<TableCard>& tables, std::string_view name);
// Schema sallyport.tables/v1. `name`: only that one, as above; empty: all.
Result<std::string> TablesJson(const std::vector<TableCard>& tables, std::string_view name,
                               Millis now_wall);
// docs/tables.md.
std::string TablesMarkdown(const std::vector<TableCard>& tables);

}  // namespace sallyport
