// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/declared.h"

#include <vector>

namespace sallyport {
namespace {

std::span<const Schema> (*const kSections[])() = {
    DeclaredSystemTables,     DeclaredSoftwareTables, DeclaredDiskTables,
    DeclaredProtectionTables, DeclaredRuntimeTables,  DeclaredPathsTables,
    DeclaredUsersTables,      DeclaredNetworkTables,  DeclaredExtensionTables,
};

std::vector<Schema> Join() {
  std::vector<Schema> out;
  for (const auto section : kSections) {
    const std::span<const Schema> tables = section();
    out.insert(out.end(), tables.begin(), tables.end());
  }
  return out;
}

}  // namespace

std::span<const Schema> DeclaredTables() {
  static const std::vector<Schema> kTables = Join();
  return kTables;
}

}  // namespace sallyport
