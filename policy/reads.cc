// SPDX-License-Identifier: Apache-2.0
#include "policy/reads.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <random>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "policy/ask_table.h"
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

// What one statement asks for.
struct Asks {
  std::map<std::string, std::set<std::string>, std::less<>> columns;  // by table
  std::set<std::pair<std::string, Keys>> keys;                        // table and keys
  std::map<std::string, std::string> unlearnt;                        // table and why
};

class Learner {
 public:
  explicit Learner(Database db)
      : db_(std::move(db)), authorizer_(db_.get()), budget_(db_.get(), kSearch) {}

  Status AddTables(std::span<const Schema> schemas);
  Result<Asks> Learn(const std::string& sql);
  const KeyRoles& RolesOf(const std::string& table) const { return by_name_.at(table)->roles(); }

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
  std::vector<std::unique_ptr<AskTable>> tables_;
  std::unordered_map<std::string, AskTable*> by_name_;  // in lower case, aliases too
  // The order matters: the database goes before what it points to.
  Database db_;
  Authorizer authorizer_;
  WorkBudget budget_;
};

Status Learner::AddTables(std::span<const Schema> schemas) {
  std::string all = "SELECT 1 FROM json_each('[]'), json_tree('[]')";
  for (const Schema& schema : schemas) {
    auto table = std::make_unique<AskTable>(schema, log_);
    if (Status done = table->Register(db_.get()); !done) return done;
    for (const std::string& name : {table->declared().name(), table->declared().alias()}) {
      if (name.empty() || !by_name_.emplace(name, table.get()).second) continue;
      all += "; SELECT 1 FROM \"" + name + "\" LIMIT 0";
    }
    tables_.push_back(std::move(table));
  }
  // SQLite connects a table when it is first named, which the authorizer would not let pass.
  if (sqlite3_exec(db_.get(), all.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return Fail(Code::kInvalidArgument, std::string("tables: ") + sqlite3_errmsg(db_.get()));
  }
  return {};
}

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
  const std::string& table = site.table->declared().name();
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
      asks.keys.emplace(table, one);
    } else {
      why = one.empty() ? "no " + roles.Wanted() + " is fixed" : "a key is too long to be sent";
    }
  }
  if (!why.empty()) asks.unlearnt.emplace(table, std::move(why));
}

Result<Asks> Learner::Learn(const std::string& sql) {
  Asks asks;
  authorizer_.Watch([&](const char* table, const char* column) {
    const auto known = by_name_.find(Lower(table));
    if (known == by_name_.end()) return false;
    std::set<std::string>& columns = asks.columns[known->second->declared().name()];
    for (const auto& declared : known->second->declared().columns()) {
      if (declared.name == column) columns.insert(declared.name);
    }
    return true;
  });
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

OsSet SystemsOf(const Policy& policy) {
  OsSet systems{};
  for (const Os os : {Os::kLinux, Os::kMacos, Os::kWindows}) {
    if (policy.AppliesTo(os)) systems.add(os);
  }
  return systems;
}

// All reads of a set, while it is learnt.
class Collected {
 public:
  void Add(const Policy& policy, Asks asks) {
    for (const auto& [table, keys] : asks.keys) {
      if (table == kCollectorStatus) continue;
      TableRead& read = reads_[{table, keys}];
      const std::set<std::string>& columns = asks.columns[table];
      if (read.policies.empty()) read.max_age = policy.max_age;
      read.max_age = std::min(read.max_age, policy.max_age);
      Take(read, columns, {policy.name}, SystemsOf(policy));
    }
    for (auto& [table, why] : asks.unlearnt) {
      if (!unlearnt_.emplace(policy.name, table).second) continue;
      out_.unlearnt.push_back({policy.name, table, std::move(why)});
    }
  }

  // What another one covers, on all its systems, is not asked for by itself.
  Reads Finish(const Learner& learner) {
    for (auto& [id, read] : reads_) {
      read.table = id.first;
      read.keys = id.second;
    }
    for (auto at = reads_.begin(); at != reads_.end();) {
      TableRead* wider = FindWider(learner, at->second);
      if (wider == nullptr) {
        ++at;
        continue;
      }
      const TableRead& read = at->second;
      wider->max_age = std::min(wider->max_age, read.max_age);
      Take(*wider, {read.columns.begin(), read.columns.end()}, read.policies, read.systems);
      at = reads_.erase(at);
    }
    for (auto& [id, read] : reads_) out_.tables.push_back(std::move(read));
    return std::move(out_);
  }

 private:
  static void Take(TableRead& read, const std::set<std::string>& columns,
                   const std::vector<std::string>& policies, OsSet systems) {
    std::set<std::string> all(read.columns.begin(), read.columns.end());
    all.insert(columns.begin(), columns.end());
    read.columns.assign(all.begin(), all.end());
    for (const std::string& policy : policies) {
      const bool known = std::ranges::find(read.policies, policy) != read.policies.end();
      if (!known) read.policies.push_back(policy);
    }
    read.systems.add(systems);
  }

  TableRead* FindWider(const Learner& learner, const TableRead& read) {
    const KeyRoles& roles = learner.RolesOf(read.table);
    for (auto at = reads_.lower_bound({read.table, {}});
         at != reads_.end() && at->first.first == read.table; ++at) {
      TableRead& other = at->second;
      if (&other == &read || !roles.Covers(other.keys, read.keys)) continue;
      // Of two that cover each other, as spelt differently, the first one stays.
      const bool same = roles.Covers(read.keys, other.keys);
      if (same && at->first.second > read.keys) continue;
      if (other.systems.contains(read.systems)) return &other;
    }
    return nullptr;
  }

  std::map<std::pair<std::string, Keys>, TableRead> reads_;
  std::set<std::pair<std::string, std::string>> unlearnt_;
  Reads out_;
};

}  // namespace

Result<Reads> LearnReads(const PolicySet& set, std::span<const Schema> schemas,
                         const EngineLimits& limits) {
  auto db = OpenGuarded();
  if (!db) return tl::unexpected(db.error());
  Learner learner(std::move(*db));
  if (Status done = learner.AddTables(schemas); !done) return tl::unexpected(done.error());
  const CompileHeapLimit heap(limits.memory_bytes);
  Collected collected;
  for (const Policy& policy : set.policies) {
    for (const std::string* sql : {&policy.query, &policy.observe}) {
      if (sql->empty()) continue;
      Result<Asks> asks = learner.Learn(*sql);
      if (!asks) return Wrap(asks.error(), "policy " + Excerpt(policy.name));
      collected.Add(policy, std::move(*asks));
    }
  }
  return collected.Finish(learner);
}

}  // namespace sallyport
