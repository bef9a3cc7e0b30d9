// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/collection.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "agent/collector/key_limit.h"
#include "agent/collector/path_witness.h"
#include "attestation/evidence.h"
#include "attestation/keys.h"
#include "base/hex.h"
#include "base/timestamp.h"

namespace sallyport {
namespace {

// Sent again at 40 to 46 % of max_age: the agent asks at half of it, and by then it has it.
constexpr double kRefresh = 0.40;
constexpr double kJitter = 0.06;
// What is due within the next tenth of max_age is read together: one wake-up, one evidence.
constexpr int kTogether = 10;
constexpr Millis kShortest{200};
// What changed between a read and the watch for it would go unheard, so what was not watched when
// it was read is read again; the second read sees nothing new unless somebody is busy there.
constexpr int kMostReads = 4;

WatchTarget TargetOf(const Trigger& trigger) {
  using Kind = WatchTarget::Kind;
  switch (trigger.kind) {
    case Trigger::Kind::kUnit:
      return {Kind::kUnit, std::string(trigger.what), 0};
    case Trigger::Kind::kProgram:
      return {Kind::kProgram, std::string(trigger.what), 0};
    case Trigger::Kind::kRegistry:
      return {Kind::kRegistry, std::string(trigger.what), 0};
    case Trigger::Kind::kNetwork:
      return {Kind::kNetwork, "", 0};
    default:
      return {Kind::kPath, std::string(trigger.what), 0};
  }
}

std::optional<int64_t> PidOf(const Value& cell) {
  if (const auto* number = std::get_if<int64_t>(&cell)) return *number;
  const auto* text = std::get_if<std::string>(&cell);
  if (text == nullptr) return std::nullopt;
  int64_t pid = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), pid);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return pid;
}

// One word for what is being read, keys included: what hangs on one path holds back that path.
std::string WorkName(const std::string& table, const Keys& keys) {
  constexpr size_t kLongest = 160;
  std::string name = table;
  for (const Key& key : keys) name += ":" + key.column + (key.like ? "~" : "=") + key.value;
  for (char& c : name) {
    if (c <= ' ' || c >= '\x7f') c = '_';
  }
  if (name.size() <= kLongest) return name;
  return name.substr(0, kLongest) + "#" + ToHex(Sha256(name)).substr(0, 12);
}

std::string DigestOfSent(const AskedColumns& asked, const TableResult& whole) {
  return TableDigest(asked.Only(whole));
}

bool WatchesWhatItReads(const Collector* collector) {
  return collector != nullptr && std::ranges::find(collector->triggers, Trigger::Kind::kReadPaths,
                                                   &Trigger::kind) != collector->triggers.end();
}

}  // namespace

Collection::Entry Collection::MakeEntry(const v1::Manifest& manifest,
                                        const v1::TableRequest& request, Millis now) {
  Entry entry;
  entry.table = request.table();
  entry.keys = FromProto(request.keys());
  const auto old = std::ranges::find_if(
      entries_, [&](const Entry& e) { return e.table == entry.table && e.keys == entry.keys; });
  if (old != entries_.end()) entry = *old;
  entry.asked = AskedColumns(manifest, request);
  if (!entry.digest.empty()) entry.digest = DigestOfSent(entry.asked, entry.result);
  entry.collector = ports_.find(entry.table);
  const Millis own = entry.collector == nullptr ? Millis(3'600'000) : entry.collector->max_age;
  const Millis asked(static_cast<Millis::rep>(
      std::min<uint64_t>(request.max_age_ms(), static_cast<uint64_t>(own.count()))));
  entry.max_age = std::max(request.max_age_ms() == 0 ? own : asked, kShortest);
  if (entry.collector != nullptr && entry.polls.empty()) {
    for (const Trigger& trigger : entry.collector->triggers) {
      if (trigger.kind != Trigger::Kind::kPoll) continue;
      Poll& poll = entry.polls.emplace_back(Poll{&trigger, now + trigger.every, std::nullopt});
      // Before the first read, so that a change after it is one.
      if (trigger.probe != nullptr) poll.answer = Probe(entry, trigger, now);
    }
  }
  if (!entry.digest.empty()) entry.due = std::min(entry.due, NextDue(entry, entry.collected));
  return entry;
}

void Collection::Follow(TrustedManifest manifest) {
  if (manifest.digest == manifest_digest_) return Resend("manifest");
  const Millis now = ports_.host->Time().boot;
  std::vector<Entry> entries;
  for (const v1::TableRequest& request : manifest.manifest.tables()) {
    entries.push_back(MakeEntry(manifest.manifest, request, now));
  }
  Batch batch{.trigger = manifest_digest_.empty() ? "start" : "manifest",
              .todo = {},
              .done = {},
              .everything = true};
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].digest.empty()) batch.todo.push_back(i);
  }
  entries_ = std::move(entries);
  manifest_digest_ = manifest.digest;
  urgent_.clear();
  batches_.clear();
  batches_.push_back(std::move(batch));
  // Before the first read: what changes after it was read must not go unheard.
  UpdateWatches();
}

void Collection::Resend(const std::string& trigger) {
  std::set<size_t> all;
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (!entries_[i].digest.empty()) all.insert(i);
  }
  if (!all.empty()) Send(all, trigger);
}

void Collection::CollectNow(const std::vector<std::string>& tables) {
  Batch batch{.trigger = "asked", .todo = {}, .done = {}};
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (tables.empty() || std::ranges::find(tables, entries_[i].table) != tables.end()) {
      batch.todo.push_back(i);
    }
  }
  if (!batch.todo.empty()) batches_.push_back(std::move(batch));
}

void Collection::OnEvent(const WatchEvent& event) {
  const Millis now = ports_.host->Time().boot;
  for (size_t i = 0; i < entries_.size(); ++i) {
    std::vector<WatchTarget> targets;
    AddTargets(entries_[i], targets);
    if (std::ranges::find(targets, event.target) == targets.end()) continue;
    if (event.target.kind == WatchTarget::Kind::kProcessExit) entries_[i].exited = true;
    Urge(i, event.about, now);
  }
}

void Collection::Urge(size_t index, const std::string& why, Millis now) {
  Entry& entry = entries_[index];
  // One that was not read yet is waiting in a batch anyway.
  if (entry.digest.empty() || urgent_.contains(index)) return;
  if (!TakeToken(entry, now)) {
    if (!entry.late) entry.late = now + Millis(static_cast<int>(1000 / kPerSecond));
    return;
  }
  entry.late.reset();
  if (urgent_.empty()) urgent_why_ = why;
  urgent_.insert(index);
}

bool Collection::TakeToken(Entry& entry, Millis now) const {
  const double gained = static_cast<double>((now - entry.tokens_at).count()) / 1000 * kPerSecond;
  entry.tokens = std::min(kBurst, entry.tokens + std::max(gained, 0.0));
  entry.tokens_at = now;
  if (entry.tokens < 1) return false;
  entry.tokens -= 1;
  return true;
}

void Collection::TakeDuePolls(size_t index, Millis now) {
  for (Poll& poll : entries_[index].polls) {
    if (poll.due > now + poll.trigger->every / kTogether) continue;
    poll.due = now + poll.trigger->every;
    if (poll.trigger->probe == nullptr) {
      Urge(index, "poll", now);
      continue;
    }
    std::optional<std::string> answer = Probe(entries_[index], *poll.trigger, now);
    if (!answer) continue;
    if (poll.answer && *poll.answer != *answer) Urge(index, "poll: changed", now);
    poll.answer = std::move(answer);
  }
}

// A probe that was not survived, or went over the table's budget, is held back by itself: its table
// can still be read. nullopt: it was not asked, or did not answer.
std::optional<std::string> Collection::Probe(Entry& entry, const Trigger& trigger, Millis now) {
  const std::string name = entry.table + "/probe";
  if (!BeginBeside(name, entry.probe_overruns, now)) return std::nullopt;
  const BudgetHost bounded(HostOf(entry), entry.collector->budget, ports_.usage);
  std::string answer = trigger.probe(bounded, &entry.memory);
  if (!EndBeside(name, bounded, entry, &entry.probe_overruns)) return std::nullopt;
  return answer;
}

bool Collection::BeginBeside(const std::string& name, const Overruns& overruns, Millis now) {
  return ports_.marker->HeldUntil(name) <= now && overruns.held_until() <= now &&
         ports_.marker->Begin(name);
}

// false: it was stopped. What it learnt may come from the refusals that stopped it.
bool Collection::EndBeside(const std::string& name, const BudgetHost& bounded, Entry& entry,
                           Overruns* overruns) {
  ports_.marker->End(name);
  const std::optional<std::string> over = bounded.Over();
  if (!over) {
    overruns->Forgive();
    return true;
  }
  entry.memory.reset();
  const Now now = ports_.host->Time();
  overruns->Note(*over, now);
  const auto wait =
      std::chrono::duration_cast<std::chrono::seconds>(overruns->held_until() - now.boot);
  ports_.notice(name + ": it " + *over + "; left out for " + std::to_string(wait.count()) + " s");
  return false;
}

void Collection::OnTime() {
  const Millis now = ports_.host->Time().boot;
  Batch batch{.trigger = "schedule", .todo = {}, .done = {}};
  for (size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (entry.digest.empty()) continue;
    if (entry.due <= now + entry.max_age / kTogether) {
      batch.todo.push_back(i);
      entry.due = now + entry.max_age;  // until it is read, which sets it anew
      continue;
    }
    if (entry.late && *entry.late <= now) Urge(i, "events", now);
    TakeDuePolls(i, now);
  }
  if (!batch.todo.empty()) batches_.push_back(std::move(batch));
}

std::optional<Millis> Collection::WakeAt() const {
  std::optional<Millis> wake;
  const auto consider = [&wake](Millis at) { wake = wake ? std::min(*wake, at) : at; };
  for (const Entry& entry : entries_) {
    if (entry.digest.empty()) continue;  // waiting in a batch
    consider(entry.due);
    if (entry.late) consider(*entry.late);
    for (const Poll& poll : entry.polls) consider(poll.due);
  }
  return wake;
}

bool Collection::Step() {
  if (!urgent_.empty()) {
    ReadUrgent();
  } else if (!batches_.empty()) {
    StepBatch();
  }
  return !urgent_.empty() || !batches_.empty();
}

void Collection::ReadUrgent() {
  const std::set<size_t> reading = std::exchange(urgent_, {});
  std::set<size_t> changed;
  for (const size_t index : reading) {
    Entry& entry = entries_[index];
    const std::string before = entry.digest;
    if (Refresh(entry)) {
      urgent_.insert(index);  // to be read whole, by the next Step
    } else {
      Read(entry);
    }
    if (entry.digest == before) continue;
    changed.insert(index);
    entry.due = NextDue(entry, entry.collected);
  }
  if (!changed.empty()) Send(changed, urgent_why_);
  UpdateWatches();
}

void Collection::StepBatch() {
  Batch& batch = batches_.front();
  if (!batch.todo.empty()) {
    const size_t index = batch.todo.front();
    batch.todo.pop_front();
    Entry& entry = entries_[index];
    Read(entry);
    entry.due = NextDue(entry, entry.collected);
    batch.done.insert(index);
    UpdateWatches();
  }
  if (!batch.todo.empty()) return;
  const Batch done = std::move(batch);
  batches_.pop_front();
  if (done.everything) {
    Resend(done.trigger);
  } else {
    Send(done.done, done.trigger);
  }
}

const Host& Collection::HostOf(const Entry& entry) const {
  return ports_.host_of ? *ports_.host_of(entry.table) : *ports_.host;
}

void Collection::Read(Entry& entry) {
  entry.exited = false;
  if (!WatchesWhatItReads(entry.collector)) return ReadOnce(entry, HostOf(entry));
  bool unwatched = true;
  for (int reads = 0; unwatched && reads < kMostReads; ++reads) {
    const PathWitness witness(HostOf(entry));
    ReadOnce(entry, witness);
    unwatched = !std::ranges::includes(entry.read_paths, witness.paths());
    entry.read_paths = witness.paths();
    if (unwatched) UpdateWatches();
  }
}

void Collection::ReadOnce(Entry& entry, const Host& host) {
  entry.collected = host.Time().boot;  // before: a fact is as old as its beginning
  entry.result = ReadOrExplain(entry, host);
  entry.digest = DigestOfSent(entry.asked, entry.result);
}

// `collected` stays: what no process decides is as old as before. false: it has to be read whole.
bool Collection::Refresh(Entry& entry) {
  if (!std::exchange(entry.exited, false) || entry.result.state != State::kValue) return false;
  const auto& triggers = entry.collector->triggers;
  const auto trigger = std::ranges::find_if(triggers, [](const Trigger& t) { return t.refresh; });
  const std::string name = entry.table + "/refresh";
  if (trigger == triggers.end() ||
      !BeginBeside(name, entry.refresh_overruns, ports_.host->Time().boot)) {
    return false;
  }
  const BudgetHost bounded(HostOf(entry), entry.collector->budget, ports_.usage);
  auto rows = trigger->refresh(bounded, entry.result.rows, &entry.memory);
  if (!EndBeside(name, bounded, entry, &entry.refresh_overruns)) return false;
  if (!rows) return false;
  entry.result.rows = std::move(*rows);
  entry.digest = DigestOfSent(entry.asked, entry.result);
  return true;
}

TableResult Collection::ReadOrExplain(Entry& entry, const Host& host) {
  TableResult result;
  result.table = entry.table;
  result.keys = entry.keys;
  if (entry.collector == nullptr) {
    result.state = State::kUnsupported;
    result.error = "no collector for this table on " + std::string(OsName(ports_.host->os()));
    return result;
  }
  for (const Column& column : entry.collector->schema.columns) {
    result.columns.emplace_back(column.name);
  }
  if (const Status asked = CheckKeys(entry.collector->schema, entry.keys); !asked) {
    result.state = asked.error().code == Code::kDenied ? State::kDenied : State::kError;
    result.error = asked.error().message;
    return result;
  }
  if (ports_.marker->HeldUntil(WorkName(entry.table, entry.keys)) > entry.collected) {
    result.state = State::kTimeout;
    result.error = "since " + Timestamp(ports_.marker->opened()) +
                   ": the collector was killed while reading this table";
    return result;
  }
  if (entry.overruns.held_until() > entry.collected) {
    entry.overruns.Explain(&result);
    return result;
  }
  return ReadBounded(entry, host);
}

// Half of what a stopped read found is not shown: the collector may have taken the refusals that
// stopped it for answers.
TableResult Collection::ReadBounded(Entry& entry, const Host& host) {
  const std::string name = WorkName(entry.table, entry.keys);
  const BudgetHost bounded(host, entry.collector->budget, ports_.usage);
  if (const Status begun = ports_.marker->Begin(name); !begun) {
    TableResult result;
    result.table = entry.table;
    result.keys = entry.keys;
    result.state = State::kError;
    result.error = begun.error().message;
    return result;
  }
  TableResult result = Collect(*entry.collector, bounded, entry.keys);
  ports_.marker->End(name);
  if (const auto over = bounded.Over()) {
    entry.overruns.Note(*over, host.Time());
    entry.overruns.Explain(&result);
  } else {
    entry.overruns.Forgive();
  }
  return result;
}

Millis Collection::NextDue(const Entry& entry, Millis now) {
  const Millis held = std::max(ports_.marker->HeldUntil(WorkName(entry.table, entry.keys)),
                               entry.overruns.held_until());
  const double share = kRefresh + kJitter * std::uniform_real_distribution<double>()(random_);
  const Millis wait(static_cast<Millis::rep>(static_cast<double>(entry.max_age.count()) * share));
  return held > now ? std::min(held, now + wait) : now + wait;
}

void Collection::Send(const std::set<size_t>& entries, const std::string& trigger) {
  v1::CollectedTables message;
  message.set_trigger(trigger);
  message.set_manifest_digest(manifest_digest_);
  for (const size_t index : entries) {
    const Entry& entry = entries_[index];
    v1::CollectedTable* table = message.add_tables();
    ToProto(entry.asked.Only(entry.result), table->mutable_result());
    table->set_collected_boot_ms(static_cast<uint64_t>(entry.collected.count()));
  }
  ports_.send(std::move(message));
}

void Collection::AddTargets(const Entry& entry, std::vector<WatchTarget>& out) {
  if (entry.collector == nullptr) return;
  for (const Trigger& trigger : entry.collector->triggers) {
    if (trigger.kind == Trigger::Kind::kPoll) continue;
    if (trigger.kind == Trigger::Kind::kReadPaths) {
      for (const std::string& path : entry.read_paths) {
        out.push_back({WatchTarget::Kind::kPath, path, 0});
      }
      continue;
    }
    if (trigger.kind != Trigger::Kind::kPidColumn) {
      out.push_back(TargetOf(trigger));
      continue;
    }
    const int column = entry.collector->schema.IndexOf(trigger.what);
    for (const Row& row : entry.result.rows) {
      if (column < 0 || static_cast<size_t>(column) >= row.size()) continue;
      const auto pid = PidOf(row[static_cast<size_t>(column)]);
      if (pid && *pid > 0) out.push_back({WatchTarget::Kind::kProcessExit, "", *pid});
    }
  }
}

std::vector<WatchTarget> Collection::Targets() const {
  std::vector<WatchTarget> targets;
  for (const Entry& entry : entries_) AddTargets(entry, targets);
  std::ranges::sort(targets);
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  return targets;
}

void Collection::UpdateWatches() {
  std::vector<WatchTarget> targets = Targets();
  if (targets == watched_) return;
  const Status watching = ports_.watch(targets);
  watched_ = std::move(targets);
  const std::string error = watching ? "" : watching.error().message;
  if (!error.empty() && error != watch_error_) ports_.notice("not watched: " + error);
  watch_error_ = error;
}

std::vector<v1::CollectedTables> SplitBySize(v1::CollectedTables tables, size_t max_bytes) {
  constexpr size_t kFraming = 64;  // tag, length and the message around it
  std::vector<v1::CollectedTables> out;
  v1::CollectedTables head;
  head.set_manifest_digest(tables.manifest_digest());
  head.set_trigger(tables.trigger());
  const size_t empty = head.ByteSizeLong() + kFraming;
  size_t size = max_bytes;  // of the last of `out`; there is none
  for (v1::CollectedTable& table : *tables.mutable_tables()) {
    if (empty + table.ByteSizeLong() + kFraming > max_bytes) {
      table.mutable_result()->clear_rows();
      table.mutable_result()->set_state(v1::TableResult::STATE_ERROR);
      table.mutable_result()->set_error("the table is too large to be sent");
    }
    const size_t more = table.ByteSizeLong() + kFraming;
    if (size + more > max_bytes) {
      out.push_back(head);
      size = empty;
    }
    size += more;
    *out.back().add_tables() = std::move(table);
  }
  return out;
}

}  // namespace sallyport
