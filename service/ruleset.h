// SPDX-License-Identifier: Apache-2.0
// Ruleset: one compiled policy set with an engine per working thread, and the signed manifests of
// what it reads.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "policy/engine.h"
#include "policy/judge.h"
#include "policy/reads.h"
#include "sallyport/v1/evidence.pb.h"

namespace sallyport {

// Never changes after it was made; a new policy file makes a new one. Any thread.
class Ruleset {
 public:
  // Parses the file and compiles it for every engine before it returns.
  static Result<std::shared_ptr<Ruleset>> Compile(std::string_view yaml, std::string_view file_name,
                                                  size_t engines);

  // Runs all policies over the tables; collector_status is added to them. Waits for an engine when
  // all are at work.
  RawOutcomes Run(Os os, std::vector<TableResult> tables);

  const PolicySet& policies() const { return policies_; }
  const Reads& reads() const { return reads_; }

 private:
  Ruleset() = default;
  std::unique_ptr<Engine> Take();
  void Return(std::unique_ptr<Engine> engine);

  PolicySet policies_;
  Reads reads_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Engine>> idle_;
};

// What devices are told to collect, and the set that it belongs to. Swapped as one.
struct Rules {
  std::shared_ptr<Ruleset> set;
  // One for each system, of one version.
  std::map<Os, std::shared_ptr<const v1::Envelope>> manifests;
  uint64_t manifest_version = 0;
};

class RulesInForce {
 public:
  std::shared_ptr<const Rules> now() const {
    const std::lock_guard lock(mutex_);
    return rules_;
  }
  void Replace(std::shared_ptr<const Rules> rules) {
    const std::lock_guard lock(mutex_);
    rules_ = std::move(rules);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Rules> rules_;
};

}  // namespace sallyport
