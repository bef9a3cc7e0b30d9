// SPDX-License-Identifier: Apache-2.0
// A collector: the declaration of a table and the function that reads it.
#pragma once

#include <any>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/table.h"
#include "platform/host.h"

namespace sallyport {

// What makes a table worth reading again before its max_age.
struct Trigger {
  enum class Kind {
    kPath,       // `what`: a file or folder changed, or mounts or swaps as /proc tells them
    kReadPaths,  // a file changed that the table read last, or a folder that it listed; not those
                 // of /proc and /sys. For tables that read few
    kUnit,       // `what`: a systemd unit, or a Windows service, changed its state
    kPidColumn,  // `what`: column of the table's own rows that holds pids; one of them exited
    kProgram,    // `what`: a program was opened, as it is when it starts
    kNetwork,    // addresses or routes changed
    kRegistry,   // `what`: a key of the registry came, went, or changed a value
    kPoll,       // no event exists: read again each `every`; must be cheap
  };
  Kind kind = Kind::kPath;
  std::string_view what = "";
  std::chrono::milliseconds every{0};
  // kPoll only: read the table again when this answers differently than at the last poll, which
  // costs less than reading it each time. `memory` is the table's, empty at first: what need not be
  // asked again. null: read again at every poll.
  std::string (*probe)(const Host& host, std::any* memory) = nullptr;
  // kPidColumn only: the rows `before` as an exit left them. Asks only for what processes decide,
  // so that it is fast; the table is read as a whole right after. null: only that.
  Result<Rows> (*refresh)(const Host& host, const Rows& before, std::any* memory) = nullptr;
};

using CollectFn = Result<Rows> (*)(const Host& host, const Keys& keys);

// What one read of a table may cost before it is stopped (agent/collector/budget.h).
struct Budget {
  std::chrono::milliseconds deadline{15'000};
  std::chrono::milliseconds cpu{3'000};
  uint64_t bytes = 64 << 20;  // growth of the collector's memory
};

struct Collector {
  Schema schema;
  OsSet os;           // elsewhere the table is `unsupported`
  CollectFn collect;  // per system: see registry_<system>.cc
  std::span<const Trigger> triggers;
  std::chrono::milliseconds max_age;  // read again at the latest after this
  std::string_view source;            // what it reads, for people
  Budget budget = {};
};

// Reads one table and never fails: what went wrong is the result's state. `age` is zero.
TableResult Collect(const Collector& collector, const Host& host, const Keys& keys);

}  // namespace sallyport
