// SPDX-License-Identifier: Apache-2.0
// All tables there are: those of each system's list, and those that are only declared.
#include <algorithm>

#include "collectors/osquery/declared.h"
#include "collectors/tables.h"

namespace sallyport {
namespace {

constexpr Os kAllSystems[] = {Os::kLinux, Os::kMacos, Os::kWindows};

}  // namespace

std::span<const Collector> Collectors(Os os) {
  switch (os) {
    case Os::kLinux:
      return LinuxCollectors();
    case Os::kWindows:
      return WindowsCollectors();
    case Os::kMacos:
      return MacosCollectors();
  }
  return {};
}

const Collector* FindCollector(Os os, std::string_view table) {
  for (const Collector& collector : Collectors(os)) {
    if (collector.schema.name == table) return &collector;
  }
  return nullptr;
}

std::vector<Schema> AllSchemas() {
  std::vector<Schema> out;
  const auto add = [&out](const Schema& schema) {
    if (std::ranges::find(out, schema.name, &Schema::name) == out.end()) out.push_back(schema);
  };
  for (Os os : kAllSystems) {
    for (const Collector& collector : Collectors(os)) add(collector.schema);
  }
  for (const Schema& schema : DeclaredTables()) add(schema);
  out.push_back(kCollectorStatus);
  return out;
}

}  // namespace sallyport
