// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/declared.h"

#include <vector>

#include "collectors/osquery/brief_table.h"

namespace sallyport {
namespace {

std::span<const Schema> (*const kSections[])() = {
    DeclaredSystemTables,     DeclaredSoftwareTables, DeclaredDiskTables,
    DeclaredProtectionTables, DeclaredRuntimeTables,  DeclaredPathsTables,
    DeclaredUsersTables,      DeclaredNetworkTables,  DeclaredExtensionTables,
};

std::span<const BriefTable> (*const kBriefSections[])() = {
    BriefSystemTables,    BriefSoftwareTables,  BriefEventTables,
    BriefContainerTables, BriefExtensionTables,
};

std::vector<Schema> Join() {
  std::vector<Schema> out;
  for (const auto section : kSections) {
    const std::span<const Schema> tables = section();
    out.insert(out.end(), tables.begin(), tables.end());
  }
  for (const auto section : kBriefSections) {
    for (const BriefTable& table : section()) {
      const Result<Schema> schema = Expand(table);
      if (schema) out.push_back(*schema);  // a test sees that all do
    }
  }
  return out;
}

}  // namespace

std::span<const Schema> DeclaredTables() {
  static const std::vector<Schema> kTables = Join();
  return kTables;
}

}  // namespace sallyport
