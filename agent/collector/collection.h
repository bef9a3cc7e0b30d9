// SPDX-License-Identifier: Apache-2.0
// Collection: what the manifest asks for, what was read last, and what has to be read next and
// why. No socket, no thread, no timer: whoever drives it calls Step and comes back at WakeAt.
#pragma once

#include <any>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/collector/asked_columns.h"
#include "agent/collector/budget.h"
#include "agent/collector/manifest_keeper.h"
#include "agent/collector/progress_marker.h"
#include "base/now.h"
#include "collectors/collector.h"
#include "platform/host.h"
#include "platform/watcher.h"
#include "sallyport/v1/local.pb.h"

namespace sallyport {

// Everything beside itself that a Collection uses. Host and marker outlive it.
struct CollectionPorts {
  const Host* host = nullptr;
  // What a table is read through; absent: `host` for all.
  std::function<const Host*(std::string_view table)> host_of = nullptr;
  ProgressMarker* marker = nullptr;
  std::function<const Collector*(std::string_view table)> find;  // null: no such table here
  std::function<Status(const std::vector<WatchTarget>&)> watch;  // Watcher::Watch
  std::function<void(v1::CollectedTables)> send;
  std::function<void(const std::string& text)> notice;
  uint32_t seed = 0;                  // of the jitter
  UsageFn usage = UsageOfThisThread;  // against which budgets are held
};

// An event re-reads the tables that it concerns, all at once and before anything else, and what
// differs goes out in one message. After the end of a process a table that knows how (Trigger::
// refresh) is brought up to date by that first, and read whole right after. Schedule and requests
// are worked off one table per Step, so an event waits for one table at most. A table goes out
// again, changed or not, before half of its max_age is over: then its age matters. Only the columns
// that the manifest names go out, and only a change of these does.
class Collection {
 public:
  explicit Collection(CollectionPorts ports) : ports_(std::move(ports)), random_(ports_.seed) {}

  // Until the first call nothing is read. Tables that were asked for before keep what was read, and
  // go out with the columns that are asked for now.
  void Follow(TrustedManifest manifest);
  // All that was read, for an agent that knows nothing yet.
  void Resend(const std::string& trigger);
  void CollectNow(const std::vector<std::string>& tables);  // empty: all
  void OnEvent(const WatchEvent& event);
  void OnTime();

  // Reads a piece of what is waiting; false when nothing is.
  bool Step();
  // When OnTime has something to do (boot time).
  std::optional<Millis> WakeAt() const;

 private:
  struct Poll {
    const Trigger* trigger = nullptr;
    Millis due{0};
    std::optional<std::string> answer;  // of the probe
  };
  struct Entry {
    std::string table;
    Keys keys;
    AskedColumns asked;
    const Collector* collector = nullptr;
    Millis max_age{0};
    TableResult result;  // with all columns: triggers read pids and rows before in it
    std::string digest;  // of what goes out; empty: not read yet
    Millis collected{0};
    Millis due{0};  // to be read and sent whatever it says
    std::vector<Poll> polls;
    std::any memory;  // of probe and refresh
    Overruns overruns;
    Overruns probe_overruns;
    Overruns refresh_overruns;
    bool exited = false;               // one of its processes has; not refreshed yet
    std::set<std::string> read_paths;  // of a table with kReadPaths, at its last read
    std::optional<Millis> late;        // an event came too soon after too many others
    double tokens = kBurst;            // of event reads
    Millis tokens_at{0};
  };
  struct Batch {
    std::string trigger;
    std::deque<size_t> todo;
    std::set<size_t> done;
    bool everything = false;  // all entries go out when it is done
  };

  // A file that is written in a loop must not keep a core busy: so many event reads of a table at
  // once, then so many a second.
  static constexpr double kBurst = 50;
  static constexpr double kPerSecond = 20;

  Entry MakeEntry(const v1::Manifest& manifest, const v1::TableRequest& request, Millis now);
  const Host& HostOf(const Entry& entry) const;
  void Read(Entry& entry);  // sets watches for what the read finds out
  void ReadOnce(Entry& entry, const Host& host);
  TableResult ReadOrExplain(Entry& entry, const Host& host);
  TableResult ReadBounded(Entry& entry, const Host& host);
  bool Refresh(Entry& entry);
  std::optional<std::string> Probe(Entry& entry, const Trigger& trigger, Millis now);
  bool BeginBeside(const std::string& name, const Overruns& overruns, Millis now);
  bool EndBeside(const std::string& name, const BudgetHost& bounded, Entry& entry,
                 Overruns* overruns);
  void ReadUrgent();
  void StepBatch();
  void Urge(size_t index, const std::string& why, Millis now);
  bool TakeToken(Entry& entry, Millis now) const;
  void TakeDuePolls(size_t index, Millis now);
  void Send(const std::set<size_t>& entries, const std::string& trigger);
  void UpdateWatches();
  std::vector<WatchTarget> Targets() const;
  static void AddTargets(const Entry& entry, std::vector<WatchTarget>& out);
  Millis NextDue(const Entry& entry, Millis now);

  CollectionPorts ports_;
  std::mt19937 random_;
  std::string manifest_digest_;
  std::vector<Entry> entries_;
  std::set<size_t> urgent_;
  std::string urgent_why_;
  std::deque<Batch> batches_;
  std::vector<WatchTarget> watched_;
  std::string watch_error_;  // the last one that was told
};

// Messages of at most `max_bytes` each. A table that is larger by itself goes as `error`, without
// rows.
std::vector<v1::CollectedTables> SplitBySize(v1::CollectedTables tables, size_t max_bytes);

}  // namespace sallyport
