// SPDX-License-Identifier: Apache-2.0
#include "agent/posture.h"

#include <algorithm>
#include <set>

#include "attestation/evidence.h"

namespace sallyport {
namespace {

// Not collected: the service derives it from the other results (collectors/tables.h).
constexpr std::string_view kDerivedTable = "collector_status";

template <typename Message>
TableId TableIdOf(const Message& message) {
  return {message.table(), FromProto(message.keys())};
}

uint64_t AgeAt(Now now, Millis collected) {
  return static_cast<uint64_t>(std::max<Millis>(now.boot - collected, Millis(0)).count());
}

std::string DigestOf(const v1::TableResult& message) {
  const Result<TableResult> result = FromProto(message);
  return result ? TableDigest(*result) : std::string();
}

// Replaces the rows of the largest table by the reason why they are not sent.
bool ShrinkLargest(v1::Evidence* evidence, Said* said) {
  v1::TableResult* largest = nullptr;
  for (v1::TableResult& table : *evidence->mutable_tables()) {
    if (table.rows_size() == 0) continue;
    if (largest == nullptr || table.ByteSizeLong() > largest->ByteSizeLong()) largest = &table;
  }
  if (largest == nullptr) return false;
  largest->clear_rows();
  largest->clear_columns();
  largest->set_state(v1::TableResult::STATE_ERROR);
  largest->set_error("too large for one evidence");
  said->tables[IdOf(*largest)].whole = false;
  return true;
}

}  // namespace

TableId IdOf(const v1::TableRequest& request) { return TableIdOf(request); }
TableId IdOf(const v1::TableResult& result) { return TableIdOf(result); }

void Posture::Follow(const v1::Manifest& manifest, const std::string& digest, Now now) {
  manifest_ = manifest;
  digest_ = digest;
  wait_until_ = now.boot + collect_timeout_;
  auto* requests = manifest_->mutable_tables();
  requests->erase(std::remove_if(requests->begin(), requests->end(),
                                 [](const v1::TableRequest& request) {
                                   return request.table() == kDerivedTable;
                                 }),
                  requests->end());
  awaited_.clear();
  std::set<std::string> wanted;
  for (const v1::TableRequest& request : *requests) wanted.insert(request.table());
  std::erase_if(tables_, [&](const auto& entry) { return !wanted.contains(entry.first.first); });
  asked_.clear();
}

void Posture::CollectorOpen(Now now) {
  if (Lost(now)) tables_.clear();
  open_ = true;
  wait_until_ = now.boot + collect_timeout_;
}

void Posture::CollectorClosed(Now now) {
  open_ = false;
  away_since_ = now.boot;
  asked_.clear();
}

void Posture::Collected(const v1::CollectedTables& tables) {
  std::set<std::string> wanted;
  if (manifest_) {
    for (const v1::TableRequest& request : manifest_->tables()) wanted.insert(request.table());
  }
  for (const v1::CollectedTable& collected : tables.tables()) {
    if (!wanted.contains(collected.result().table())) continue;
    Table table;
    table.result = collected.result();
    table.collected = Millis(static_cast<Millis::rep>(collected.collected_boot_ms()));
    table.manifest = tables.manifest_digest();
    table.digest = DigestOf(table.result);
    if (table.digest.empty()) {
      table.result.clear_rows();
      table.result.clear_columns();
      table.result.set_state(v1::TableResult::STATE_ERROR);
      table.result.set_error("the collector's result is malformed");
      table.digest = DigestOf(table.result);
    }
    if (table.collected >= awaited_since_) awaited_.erase(table.result.table());
    const TableId id = IdOf(table.result);
    const auto known = tables_.find(id);
    if (known != tables_.end() && known->second->collected > table.collected) continue;
    tables_[id] = std::make_shared<const Table>(std::move(table));
  }
}

bool Posture::Lost(Now now) const { return !open_ && now.boot >= away_since_ + collector_lost_; }

bool Posture::Waiting(Now now) const { return now.boot < wait_until_; }

// Rows that were collected for the manifest before may have columns that must not leave the laptop
// any more, or lack some.
bool Posture::HasAskedColumns(const v1::TableRequest& request, const Table& table) const {
  if (!manifest_->names_columns() || table.manifest == digest_) return true;
  if (table.result.rows_size() == 0) return true;
  std::set<std::string> asked(request.columns().begin(), request.columns().end());
  for (const v1::Key& key : request.keys()) asked.insert(key.column());
  const auto& has = table.result.columns();
  return asked == std::set<std::string>(has.begin(), has.end());
}

// The collector may have read the whole table where only some keys were asked for.
Posture::TablePtr Posture::Find(const v1::TableRequest& request) const {
  for (const TableId& id : {IdOf(request), TableId{request.table(), {}}}) {
    const auto found = tables_.find(id);
    if (found != tables_.end() && HasAskedColumns(request, *found->second)) return found->second;
  }
  return nullptr;
}

bool Posture::Complete(Now now) const {
  if (!manifest_) return false;
  if (!Waiting(now)) return true;
  return std::ranges::all_of(manifest_->tables(), [&](const v1::TableRequest& request) {
    return Find(request) != nullptr;
  });
}

Posture::TablePtr Posture::Missing(const v1::TableRequest& request, Now now) const {
  Table table;
  table.result.set_table(request.table());
  *table.result.mutable_keys() = request.keys();
  table.result.set_state(v1::TableResult::STATE_TIMEOUT);
  table.result.set_error(open_ ? "the collector gave no result in time"
                               : "the collector does not run");
  table.digest = DigestOf(table.result);
  table.collected = now.boot;
  return std::make_shared<const Table>(std::move(table));
}

std::vector<std::pair<TableId, Posture::TablePtr>> Posture::Current(Now now) const {
  std::vector<std::pair<TableId, TablePtr>> current;
  std::set<TableId> seen;
  const bool lost = Lost(now);
  for (const v1::TableRequest& request : manifest_->tables()) {
    TablePtr table = lost ? nullptr : Find(request);
    if (table == nullptr) table = Missing(request, now);
    const TableId id = IdOf(table->result);
    if (seen.insert(id).second) current.emplace_back(id, std::move(table));
  }
  return current;
}

bool Posture::Differs(const std::optional<Said>& from, Now now) const {
  if (!from || from->manifest_digest != digest_) return true;
  const auto current = Current(now);
  if (current.size() != from->tables.size()) return true;
  return std::ranges::any_of(current, [&](const auto& entry) {
    const auto said = from->tables.find(entry.first);
    return said == from->tables.end() || said->second.digest != entry.second->digest;
  });
}

Millis Posture::HalfLife(const v1::TableRequest& request) {
  return std::max(Millis(static_cast<Millis::rep>(request.max_age_ms() / 2)), Millis(500));
}

bool Posture::HasFresherThan(const std::optional<Said>& said, Now now) const {
  if (!said || !manifest_) return false;
  return std::ranges::any_of(manifest_->tables(), [&](const v1::TableRequest& request) {
    const TablePtr table = Find(request);
    if (table == nullptr || request.max_age_ms() == 0) return false;
    const auto told = said->tables.find(IdOf(table->result));
    return told != said->tables.end() && table->collected > told->second.collected &&
           told->second.collected + HalfLife(request) <= now.boot;
  });
}

std::vector<std::string> Posture::TakeStale(Now now) {
  std::set<std::string> stale;
  if (!open_ || !manifest_) return {};
  for (const v1::TableRequest& request : manifest_->tables()) {
    const TableId id = IdOf(request);
    const TablePtr table = Find(request);
    if (table == nullptr || request.max_age_ms() == 0) continue;
    if (table->collected + HalfLife(request) > now.boot) continue;
    const auto asked = asked_.find(id);
    if (asked != asked_.end() && asked->second + HalfLife(request) / 2 > now.boot) continue;
    asked_[id] = now.boot;
    stale.insert(request.table());
  }
  return {stale.begin(), stale.end()};
}

void Posture::Await(Now now) {
  awaited_since_ = now.boot;
  awaited_.clear();
  if (!manifest_) return;
  for (const v1::TableRequest& request : manifest_->tables()) awaited_.insert(request.table());
}

Said Posture::Fill(Now now, const std::optional<Said>& known, size_t max_bytes,
                   v1::Evidence* evidence, std::vector<v1::TableResult>* unchanged) const {
  Said said;
  said.manifest_digest = digest_;
  evidence->set_manifest_digest(digest_);
  for (const auto& [id, table] : Current(now)) {
    said.tables[id] = {table->digest, table->collected, true};
    v1::TableResult* out = evidence->add_tables();
    *out = table->result;
    out->set_age_ms(AgeAt(now, table->collected));
    const auto before = known ? known->tables.find(id) : said.tables.end();
    if (!known || before == known->tables.end() || !before->second.whole ||
        before->second.digest != table->digest) {
      continue;
    }
    if (unchanged != nullptr) unchanged->push_back(*out);
    out->clear_columns();
    out->clear_rows();
    out->set_unchanged_digest(table->digest);
  }
  while (evidence->ByteSizeLong() > max_bytes && ShrinkLargest(evidence, &said)) {
  }
  return said;
}

void Posture::Describe(Now now, v1::AgentStatus* status) const {
  status->set_collector_connected(open_);
  if (!manifest_) return;
  status->set_manifest_policy_set(manifest_->policy_set());
  for (const auto& [id, table] : Current(now)) {
    v1::CollectorState* state = status->add_collectors();
    state->set_table(id.first);
    state->set_state(table->result.state());
    state->set_error(table->result.error());
    state->set_took_us(table->result.took_us());
    state->set_age_ms(AgeAt(now, table->collected));
    state->set_rows(static_cast<uint32_t>(table->result.rows_size()));
  }
}

std::optional<Millis> Posture::WakeAt(const std::optional<Said>& said, Now now) const {
  std::optional<Millis> wake;
  const auto consider = [&](Millis at) {
    if (at > now.boot && (!wake || at < *wake)) wake = at;
  };
  if (!manifest_) return wake;
  if (!Complete(now)) consider(wait_until_);
  if (!open_) consider(away_since_ + collector_lost_);
  for (const v1::TableRequest& request : manifest_->tables()) {
    const TableId id = IdOf(request);
    const TablePtr table = Find(request);
    if (table == nullptr || request.max_age_ms() == 0) continue;
    consider(table->collected + HalfLife(request));
    const auto asked = asked_.find(id);
    if (open_ && asked != asked_.end()) consider(asked->second + HalfLife(request) / 2);
    if (!said) continue;
    const auto told = said->tables.find(IdOf(table->result));
    if (told != said->tables.end()) consider(told->second.collected + HalfLife(request));
  }
  return wake;
}

}  // namespace sallyport
