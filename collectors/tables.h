// SPDX-License-Identifier: Apache-2.0
// All tables there are. The policy service reads the declarations from here to compile policies,
// the agent reads the collectors.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "collectors/collector.h"

namespace sallyport {

// Those of one system, and the declarations of all. Static storage.
std::span<const Collector> Collectors(Os os);
std::span<const Collector> LinuxCollectors();
std::span<const Collector> MacosCollectors();
std::span<const Collector> WindowsCollectors();
const Collector* FindCollector(Os os, std::string_view table);

// One schema per table name, every system's tables together, collector_status among them.
std::vector<Schema> AllSchemas();

// collector_status is not collected but derived: one row per table result.
extern const Schema kCollectorStatus;
TableResult CollectorStatus(std::span<const TableResult> results);

}  // namespace sallyport
