// SPDX-License-Identifier: Apache-2.0
// Engine: compiles a policy set with SQLite and runs it over evidence. Tables are eponymous
// virtual tables over the rows in place; nothing is copied into a database.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "policy/policy.h"

namespace sallyport {

enum class Verdict { kPass, kFail, kUnknown, kStale };
const char* VerdictName(Verdict verdict);

// What one policy's run came to, before grace and tiers.
struct RawOutcome {
  Verdict verdict = Verdict::kUnknown;
  std::string observed;             // what was seen, for people; never empty unless it passed
  std::string reason;               // why unknown or stale: "disk_volumes: denied: ..."
  std::vector<std::string> tables;  // that this run read
  // Smallest max_age - age over the tables read: how long the facts stay good. Zero when stale.
  std::chrono::milliseconds facts_left{0};
  std::vector<uint32_t> facts;  // the results that answered, as indices into Evaluate's
  // The same rows give the same again: it read no clock and no collector_status (which has ages in
  // its rows), and no limit stopped it.
  bool repeatable = false;
};
using RawOutcomes = std::vector<std::optional<RawOutcome>>;  // in the order of the policies

struct EngineLimits {
  std::chrono::milliseconds deadline{100};  // per policy and run
  size_t memory_bytes = 32 << 20;  // growth of the process's SQLite heap in one run or compilation
  int max_vm_ops = 2'000'000;      // per policy and run; deterministic, unlike the deadline
};

// One per thread (statements are kept prepared). Pass = at least one row (Fleet's meaning).
// Rule 1 of the design: a run that read an unknown cell, or a table (or key) that the evidence
// does not cover or that is not in state `value`, is `unknown`, whatever the SQL returned. A
// table in state `absent` or `unsupported` counts as not covered. One table may have many results,
// each for other keys (key_roles.h says which answers what). collector_status may always be
// read, whatever it says; the caller derives it and puts it among the results. A table older than
// the policy's max_age makes it `stale`. A run over a limit is `unknown` with the limit named; the
// process goes on.
class Engine {
 public:
  // kInvalidArgument names policy and reason: syntax, unknown table or column, not exactly one
  // SELECT (comments may follow), a function or action that the authorizer refuses. kInternal when
  // the process has turned SQLite's accounting of memory off: the limits need it.
  static Result<std::unique_ptr<Engine>> Compile(const PolicySet& set,
                                                 std::span<const Schema> schemas,
                                                 const EngineLimits& limits = {});
  virtual ~Engine() = default;

  // `results` must outlive the call. One outcome per policy of the set, in its order; nullopt for
  // a policy of another platform. Columns are matched by name: evidence of an older agent may lack
  // some, which then read as unknown.
  virtual RawOutcomes Evaluate(Os os, std::span<const TableResult> results) = 0;

  virtual const PolicySet& policies() const = 0;
};

// Most evidence says what the one before said, a little later. `outcomes` were found by Evaluate
// over the very same results but for their ages; `ages` are those of now. True when a new Evaluate
// would say the same: then facts_left is what it would be. False: evaluate.
bool Redate(const PolicySet& set, std::span<const std::chrono::milliseconds> ages,
            RawOutcomes* outcomes);

}  // namespace sallyport
