// SPDX-License-Identifier: Apache-2.0
// AskedColumns: which columns of a table leave the laptop.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "base/table.h"
#include "sallyport/v1/evidence.pb.h"

namespace sallyport {

class AskedColumns {
 public:
  AskedColumns() = default;  // all
  // Of a request of this manifest, whose keys' columns are always among them. All, where the
  // manifest names no columns.
  AskedColumns(const v1::Manifest& manifest, const v1::TableRequest& request);

  // The same rows with these columns alone, in the order that they have; names that the table does
  // not have count for nothing.
  TableResult Only(const TableResult& whole) const;

 private:
  std::optional<std::set<std::string, std::less<>>> names_;  // nullopt: all
};

}  // namespace sallyport
