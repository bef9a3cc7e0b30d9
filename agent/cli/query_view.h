// SPDX-License-Identifier: Apache-2.0
// Rows of `sallyport query`, for terminals and for programs.
#pragma once

#include <string>

#include "base/now.h"
#include "policy/query.h"

namespace sallyport {

enum class RowFormat { kTable, kJson, kCsv, kLine };

// kTable: aligned, a cell in at most 60 characters. kLine: a line for each cell. kCsv: RFC 4180
// with
// "\n" after each record. kJson: schema sallyport.query/v1, `now_wall` its moment; of two columns
// of one name the second is "name:2". NULL is null, else an empty field.
std::string RowsText(const QueryAnswer& answer, RowFormat format, Millis now_wall);

}  // namespace sallyport
