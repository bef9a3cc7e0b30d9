// SPDX-License-Identifier: Apache-2.0
// Doubt: the first thing that makes a run's answer unknown (design: rule 1).
#pragma once

#include <cstddef>
#include <string>

#include "base/table.h"

namespace sallyport {

class VirtualTable;

struct Doubt {
  enum class Kind { kNone, kNoTable, kState, kKey, kCell, kNoColumn, kWrongType };
  Kind kind = Kind::kNone;
  const VirtualTable* table = nullptr;
  const TableResult* result = nullptr;  // kState: whose state it is
  int column = -1;
  size_t row = 0;
  Keys asked = {};  // kKey: what no result covers
};

// "disk_volumes: denied: /proc/self/mountinfo"; "file: path=/etc/x: not in the evidence";
// "disk_volumes.protection: unknown in row 2".
std::string DoubtText(const Doubt& doubt);

}  // namespace sallyport
