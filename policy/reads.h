// SPDX-License-Identifier: Apache-2.0
// Reads: which tables, and which keys and columns of them, a policy set asks for, learnt from its
// SQL. It is what devices are told to collect: a hint, since EvidenceTable finds out at each run
// what was asked for.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "policy/engine.h"
#include "policy/policy.h"

namespace sallyport {

// One table, once for each set of keys that is asked for. Systems whose policies ask for other
// columns, or for other reasons, have one of their own: no system is asked for what only another
// one's policies read.
struct TableRead {
  std::string table;
  Keys keys;                          // by column; empty: all rows
  std::vector<std::string> columns;   // those of the keys too, sorted; empty: only how many rows
  Millis max_age{0};                  // strictest of them
  OsSet systems = {};                 // where they are run
  std::vector<std::string> policies;  // in the set's order
};

// A policy that asks a table for keys which only its run knows, or without a key that the table has
// to be given. It is unknown wherever it gets that far.
struct UnlearntRead {
  std::string policy;
  std::string table;
  std::string why;
};

struct Reads {
  // Sorted by table and keys; nothing that another one covers; without collector_status, which is
  // not collected.
  std::vector<TableRead> tables;
  std::vector<UnlearntRead> unlearnt;
};

// The set compiles with Engine::Compile; else kInvalidArgument names the policy. `limits` bound the
// compiling; what runs to find keys is bounded far below them.
Result<Reads> LearnReads(const PolicySet& set, std::span<const Schema> schemas,
                         const EngineLimits& limits = {});

}  // namespace sallyport
