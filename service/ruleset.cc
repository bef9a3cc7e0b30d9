// SPDX-License-Identifier: Apache-2.0
#include "service/ruleset.h"

#include <algorithm>

#include "attestation/evidence.h"
#include "collectors/tables.h"

namespace sallyport {
namespace {

// A laptop takes no manifest that asks for more.
Status CheckSize(const Reads& reads) {
  for (const Os os : {Os::kLinux, Os::kMacos, Os::kWindows}) {
    const auto asked = std::ranges::count_if(
        reads.tables, [&](const TableRead& read) { return read.systems.contains(os); });
    if (asked <= kMaxTables) continue;
    return Fail(Code::kTooLarge, "they ask " + std::string(OsName(os)) + " for " +
                                     std::to_string(asked) + " tables and keys, at most " +
                                     std::to_string(kMaxTables) + " can be asked for");
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<Ruleset>> Ruleset::Compile(std::string_view yaml, std::string_view file_name,
                                                  size_t engines) {
  Result<PolicySet> parsed = ParsePolicies(yaml, file_name);
  if (!parsed) return tl::unexpected(parsed.error());
  std::shared_ptr<Ruleset> ruleset(new Ruleset);
  const std::vector<Schema> schemas = AllSchemas();
  for (size_t i = 0; i < engines; ++i) {
    Result<std::unique_ptr<Engine>> engine = Engine::Compile(*parsed, schemas);
    if (!engine) return Wrap(engine.error(), std::string(file_name));
    ruleset->idle_.push_back(*std::move(engine));
  }
  Result<Reads> reads = LearnReads(*parsed, schemas);
  if (!reads) return Wrap(reads.error(), std::string(file_name));
  if (Status fits = CheckSize(*reads); !fits) return Wrap(fits.error(), std::string(file_name));
  ruleset->reads_ = *std::move(reads);
  ruleset->policies_ = *std::move(parsed);
  return ruleset;
}

std::unique_ptr<Engine> Ruleset::Take() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [this] { return !idle_.empty(); });
  std::unique_ptr<Engine> engine = std::move(idle_.back());
  idle_.pop_back();
  return engine;
}

void Ruleset::Return(std::unique_ptr<Engine> engine) {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(engine));
  }
  returned_.notify_one();
}

RawOutcomes Ruleset::Run(Os os, std::vector<TableResult> tables) {
  tables.push_back(CollectorStatus(tables));
  std::unique_ptr<Engine> engine = Take();
  RawOutcomes raw = engine->Evaluate(os, tables);
  Return(std::move(engine));
  return raw;
}

}  // namespace sallyport
