// SPDX-License-Identifier: Apache-2.0
#include "policy/reads.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <random>
#include <utility>

#include "base/text.h"
#include "policy/ask_table.h"
#include "policy/key_roles.h"
#include "policy/sql_guard.h"

namespace sallyport {
namespace {

constexpr std::string_view kCollectorStatus = "collector_status";
// Of the runs that look for keys which the statement does not spell out.
constexpr EngineLimits kSearch{
    .deadline = Millis(20), .memory_bytes = 8 << 20, .max_vm_ops = 50'000};
constexpr size_t kDrawnRuns = 24;
constexpr size_t kMostAlone = 16;     // tables that are tried empty by themselves
constexpr int kMostStopped = 4;       // runs over their bounds before the search is given up
constexpr size_t kMostKeys = 512;     // that one place in one policy may ask for
constexpr size_t kLongestKey = 4096;  // bytes

using ReadId = std::pair<std::string, Keys>;  // table and keys

// What one statement asks for.
struct Asks {
  std::map<ReadId, std::set<std::string>> columns;  // of each ask
  std::map<std::string, std::string> unlearnt;      // table and why
};

class Learner {
 public:
  explicit Learner(Database db)
      : db_(std::move(db)), authorizer_(db_.get()), budget_(db_.get(), kSearch) {}

  Status AddTables(std::span<const Schema> schemas) {
    return tables_.Add(db_.get(), schemas, log_);
  }
  Result<Asks> Learn(const std::string& sql);
  const KeyRoles& RolesOf(const std::string& table) const { return tables_.Find(table)->roles(); }

 private:
  // What is asked at a place whose keys the statement does not all spell out.
  struct Found {
    std::set<Keys> keys;
    bool whole = false;   // a run that nothing stopped got there, and asked for all it could
    bool varies = false;  // with the rows of other tables
  };
  struct Run {
    std::map<size_t, AskedKeys> asked;
    bool ended = false;
  };

  std::map<size_t, Found> Search(sqlite3_stmt* statement, const std::set<size_t>& open);
  Run RunOnce(sqlite3_stmt* statement, const std::vector<bool>& has_row, int cell);
  void Settle(const AskSite& site, const Found* found, Asks& asks) const;

  AskLog log_;
  TableSet<AskTable> tables_;
  // The order matters: the database goes before what it points to.
  Database db_;
  Authorizer authorizer_;
  WorkBudget budget_;
};

Learner::Run Learner::RunOnce(sqlite3_stmt* statement, const std::vector<bool>& has_row, int cell) {
  log_.asked.clear();
  log_.has_row = has_row;
  log_.cell = cell;
  budget_.Begin();
  int rc = SQLITE_ROW;
  while (rc == SQLITE_ROW) rc = sqlite3_step(statement);
  sqlite3_reset(statement);
  return {std::move(log_.asked), rc == SQLITE_DONE};
}

// Which tables have a row, run by run. EXISTS, NOT EXISTS and CASE each hide what stands behind
// them from some; a list is asked for to its end where its own table has none.
std::vector<std::vector<bool>> Scenes(size_t sites, const std::set<size_t>& open) {
  std::vector<std::vector<bool>> scenes;
  std::vector<bool>& only_open_empty = scenes.emplace_back(sites, true);
  for (const size_t site : open) only_open_empty[site] = false;
  scenes.emplace_back(sites, false);
  for (const size_t site : open) {
    if (scenes.size() < 2 + kMostAlone) scenes.emplace_back(sites, true)[site] = false;
  }
  std::minstd_rand drawn(1);
  for (size_t i = 0; i < kDrawnRuns; ++i) {
    std::vector<bool>& scene = scenes.emplace_back(sites);
    for (size_t site = 0; site < sites; ++site) scene[site] = ((drawn() >> 8) & 1u) != 0;
  }
  return scenes;
}

// Each run is made twice, with other cells: what both ask for does not come from a row.
std::map<size_t, Learner::Found> Learner::Search(sqlite3_stmt* statement,
                                                 const std::set<size_t>& open) {
  std::map<size_t, Found> found;
  for (const size_t site : open) found[site];
  int stopped = 0;
  for (const std::vector<bool>& scene : Scenes(log_.sites.size(), open)) {
    const Run first = RunOnce(statement, scene, 1);
    const Run second = RunOnce(statement, scene, 2);
    bool all = true;
    for (auto& [site, so_far] : found) {
      const auto a = first.asked.find(site);
      const auto b = second.asked.find(site);
      if (a != first.asked.end() && b != second.asked.end()) {
        const bool to_its_end = first.ended && second.ended && !scene[site];
        so_far.whole = so_far.whole || (to_its_end && !a->second.keys.empty());
        so_far.varies = so_far.varies || a->second.unclear || a->second.keys != b->second.keys;
        std::ranges::set_intersection(a->second.keys, b->second.keys,
                                      std::inserter(so_far.keys, so_far.keys.end()));
      }
      all = all && so_far.whole;
    }
    if (!first.ended || !second.ended) ++stopped;
    if (all || stopped == kMostStopped) break;
  }
  return found;
}

bool IsSendable(const Keys& keys) {
  return std::ranges::all_of(keys, [](const Key& key) {
    return key.value.size() <= kLongestKey && key.value.find('\0') == std::string::npos;
  });
}

// `found`: null when the site is settled.
void Learner::Settle(const AskSite& site, const Found* found, Asks& asks) const {
  const std::string& table = site.table->name();
  const KeyRoles& roles = site.table->roles();
  const bool known = found == nullptr || (found->whole && !found->varies);
  std::set<Keys> keys;
  if (found != nullptr) keys = found->keys;
  std::string why;
  if (!known || found == nullptr) {
    const bool additional = std::ranges::any_of(site.terms, [&](const AskSite::Term& t) {
      return t.key && !t.constant && roles.IsAdditional(t.column);
    });
    Keys constants = site.Constants();
    if (!additional && roles.CanCollect(constants)) {
      keys.insert(std::move(constants));
    } else {
      why = known ? "no " + roles.Wanted() + " is fixed"
                  : "which of its keys it asks for is known only when it runs";
    }
  }
  if (keys.size() > kMostKeys) {
    why = "it asks for more than " + std::to_string(kMostKeys) + " keys";
    keys.clear();
  }
  for (const Keys& one : keys) {
    if (IsSendable(one) && roles.CanCollect(one)) {
      std::set<std::string>& columns = asks.columns[{table, one}];
      columns.merge(site.Columns());
      for (const Key& key : one) columns.insert(key.column);
    } else {
      why = one.empty() ? "no " + roles.Wanted() + " is fixed" : "a key is too long to be sent";
    }
  }
  if (!why.empty()) asks.unlearnt.emplace(table, std::move(why));
}

Result<Asks> Learner::Learn(const std::string& sql) {
  Asks asks;
  authorizer_.Watch(
      [this](const char* table, const char*) { return tables_.FindInSql(table) != nullptr; });
  const Result<std::set<size_t>> chosen = ChosenSites(db_.get(), sql, &log_);
  if (!chosen) return tl::unexpected(chosen.error());
  const size_t sites = std::exchange(log_.sites, {}).size();
  sqlite3_stmt* raw = nullptr;
  const int rc = sqlite3_prepare_v2(db_.get(), sql.c_str(), -1, &raw, nullptr);
  const Statement statement(raw);
  if (rc != SQLITE_OK) {
    return Fail(Code::kInvalidArgument, Excerpt(sqlite3_errmsg(db_.get()), 200));
  }
  if (sites != log_.sites.size()) return Fail(Code::kInternal, "SQLite plans it in two ways");
  std::set<size_t> open;
  for (const size_t site : *chosen) {
    if (!log_.sites[site].IsSettled()) open.insert(site);
  }
  std::map<size_t, Found> found;
  if (!open.empty()) found = Search(raw, open);
  for (const size_t site : *chosen) {
    const auto searched = found.find(site);
    Settle(log_.sites[site], searched == found.end() ? nullptr : &searched->second, asks);
  }
  return asks;
}

// A request of one system, while the set is learnt.
struct Draft {
  std::set<std::string> columns;
  Millis max_age = Millis::max();
  std::set<size_t> policies;  // by their numbers in the set

  void Take(const Draft& other) {
    columns.insert(other.columns.begin(), other.columns.end());
    max_age = std::min(max_age, other.max_age);
  }
};
using Drafts = std::map<ReadId, Draft>;

// A request that covers another one may be taken for its answer (EvidenceTable), so it has to have
// its columns and be as new. The one that is covered is not asked for by itself.
void LeaveOutCovered(const Learner& learner, Drafts& drafts) {
  std::map<std::pair<std::string, size_t>, std::vector<ReadId>> by_first_key;
  const auto home = [](const std::string& table, const Keys& keys, size_t key) {
    return std::pair(table, keys.empty() ? 0 : KeyRoles::HashOf(keys[key]));
  };
  for (const auto& [id, draft] : drafts) by_first_key[home(id.first, id.second, 0)].push_back(id);
  for (auto at = drafts.begin(); at != drafts.end();) {
    const auto& [table, keys] = at->first;
    const KeyRoles& roles = learner.RolesOf(table);
    std::vector<std::pair<std::string, size_t>> homes = {{table, 0}};
    for (size_t key = 0; key < keys.size(); ++key) homes.push_back(home(table, keys, key));
    Draft* wider = nullptr;
    for (const auto& where : homes) {
      const auto candidates = by_first_key.find(where);
      if (candidates == by_first_key.end()) continue;
      for (const ReadId& id : candidates->second) {
        const auto other = drafts.find(id);
        if (other == drafts.end() || other == at || !roles.Covers(id.second, keys)) continue;
        other->second.Take(at->second);
        // Of two that cover each other, as spelt differently, the first one stays.
        if (roles.Covers(keys, id.second) && id.second > keys) continue;
        if (wider == nullptr) wider = &other->second;
      }
    }
    if (wider == nullptr) {
      ++at;
      continue;
    }
    wider->policies.insert(at->second.policies.begin(), at->second.policies.end());
    at = drafts.erase(at);
  }
}

// All reads of a set, while it is learnt.
class Collected {
 public:
  explicit Collected(const PolicySet& set) : set_(set) {}

  void Add(size_t number, Asks asks) {
    const Policy& policy = set_.policies[number];
    for (const auto& [id, columns] : asks.columns) {
      if (id.first == kCollectorStatus) continue;
      for (const Os os : kSystems) {
        if (!policy.AppliesTo(os)) continue;
        Draft& draft = drafts_[os][id];
        draft.Take({columns, policy.max_age, {}});
        draft.policies.insert(number);
      }
    }
    for (auto& [table, why] : asks.unlearnt) {
      if (!named_.emplace(policy.name, table).second) continue;
      unlearnt_.push_back({policy.name, table, std::move(why)});
    }
  }

  Reads Finish(const Learner& learner) {
    std::map<ReadId, std::vector<TableRead>> reads;
    for (auto& [os, drafts] : drafts_) {
      LeaveOutCovered(learner, drafts);
      for (const auto& [id, draft] : drafts) Merge(ReadOf(id, draft, os), reads[id]);
    }
    Reads out{.tables = {}, .unlearnt = std::move(unlearnt_)};
    for (auto& [id, of_systems] : reads) {
      std::ranges::move(of_systems, std::back_inserter(out.tables));
    }
    return out;
  }

 private:
  static constexpr Os kSystems[] = {Os::kLinux, Os::kMacos, Os::kWindows};

  TableRead ReadOf(const ReadId& id, const Draft& draft, Os os) const {
    TableRead read{.table = id.first,
                   .keys = id.second,
                   .columns = {draft.columns.begin(), draft.columns.end()},
                   .max_age = draft.max_age,
                   .systems = {os},
                   .policies = {}};
    for (const size_t number : draft.policies) AddName(set_.policies[number].name, read.policies);
    return read;
  }

  static void AddName(const std::string& name, std::vector<std::string>& names) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }

  // Systems that are asked the same share one.
  static void Merge(TableRead read, std::vector<TableRead>& of_systems) {
    const auto same = std::ranges::find_if(of_systems, [&](const TableRead& other) {
      return other.columns == read.columns && other.max_age == read.max_age &&
             other.policies == read.policies;
    });
    if (same == of_systems.end()) {
      of_systems.push_back(std::move(read));
    } else {
      same->systems.add(read.systems);
    }
  }

  const PolicySet& set_;
  std::map<Os, Drafts> drafts_;
  std::set<std::pair<std::string, std::string>> named_;
  std::vector<UnlearntRead> unlearnt_;
};

}  // namespace

Result<Reads> LearnReads(const PolicySet& set, std::span<const Schema> schemas,
                         const EngineLimits& limits) {
  auto db = OpenGuarded();
  if (!db) return tl::unexpected(db.error());
  Learner learner(std::move(*db));
  if (Status done = learner.AddTables(schemas); !done) return tl::unexpected(done.error());
  const CompileHeapLimit heap(limits.memory_bytes);
  Collected collected(set);
  for (size_t number = 0; number < set.policies.size(); ++number) {
    const Policy& policy = set.policies[number];
    for (const std::string* sql : {&policy.query, &policy.observe}) {
      if (sql->empty()) continue;
      Result<Asks> asks = learner.Learn(*sql);
      if (!asks) return Wrap(asks.error(), "policy " + Excerpt(policy.name));
      collected.Add(number, std::move(*asks));
    }
  }
  return collected.Finish(learner);
}

}  // namespace sallyport
