// SPDX-License-Identifier: Apache-2.0
// Tables that are declared in brief: names and types of their columns, no prose. None has a
// collector; they are there so that every statement prepares, and reading one is `unsupported`.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "base/table.h"

namespace sallyport {

// A column is a word: its name; then ":I", ":B" or ":D" for INTEGER, BIGINT, DOUBLE (else TEXT);
// then "!" required, "*" index, "+" additional, "~" hidden; then "@" and a collation. For example
// "uid:B+ path* version@version secret~".
struct BriefTable {
  std::string_view name;
  std::string_view about;
  std::string_view columns;
};

// The schema that is meant; a word that is none names itself. What it points to lives as long as
// the process, and so must `table`.
Result<Schema> Expand(const BriefTable& table);

// The lists, each with static storage.
std::span<const BriefTable> BriefSystemTables();
std::span<const BriefTable> BriefSoftwareTables();
std::span<const BriefTable> BriefEventTables();
std::span<const BriefTable> BriefContainerTables();
std::span<const BriefTable> BriefExtensionTables();

}  // namespace sallyport
