// SPDX-License-Identifier: Apache-2.0
// Posture: what the manifest asks for against what the collector has brought. Pure.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/now.h"
#include "base/result.h"
#include "base/table.h"
#include "sallyport/v1/evidence.pb.h"
#include "sallyport/v1/local.pb.h"

namespace sallyport {

// A table and the keys that it was asked for.
using TableId = std::pair<std::string, Keys>;
TableId IdOf(const v1::TableRequest& request);
TableId IdOf(const v1::TableResult& result);

// What an evidence said about each table; compared with what is true now.
struct Said {
  struct Table {
    std::string digest;   // TableDigest
    Millis collected{0};  // boot
    bool whole = true;    // the rows went, now or before; not when they were too large
  };
  std::map<TableId, Table> tables;
  std::string manifest_digest;
};

class Posture {
 public:
  // `collect_timeout`: a table that brought nothing for so long is `timeout`, not waited for.
  // `collector_lost`: so long without a collector nothing collected counts any more.
  Posture(Millis collect_timeout, Millis collector_lost, Now now)
      : collect_timeout_(collect_timeout), collector_lost_(collector_lost), away_since_(now.boot) {}

  // `manifest` was verified; `digest` is of its payload. What it no longer asks for is forgotten,
  // and rows with other columns than it asks for wait for the collector to follow it.
  void Follow(const v1::Manifest& manifest, const std::string& digest, Now now);
  bool has_manifest() const { return manifest_.has_value(); }
  const v1::Manifest& manifest() const { return *manifest_; }
  const std::string& manifest_digest() const { return digest_; }

  void CollectorOpen(Now now);
  void CollectorClosed(Now now);
  bool collector_open() const { return open_; }
  // Results that the manifest does not ask for are not kept.
  void Collected(const v1::CollectedTables& tables);

  // Every table has a result, or was waited for long enough.
  bool Complete(Now now) const;
  // Nobody looks: nothing may be said to be unchanged.
  bool CanSayUnchanged() const { return open_; }
  bool Differs(const std::optional<Said>& from, Now now) const;
  // A fact that `said` told is half used up, and there is a newer one.
  bool HasFresherThan(const std::optional<Said>& said, Now now) const;
  // Tables worth asking the collector for; each is then not named again for a while.
  std::vector<std::string> TakeStale(Now now);
  // Every table is to be read anew; until then AllReadAnew is false.
  void Await(Now now);
  bool AllReadAnew() const { return awaited_.empty(); }

  // Appends every table of the manifest, aged; those that `known` said alike go as their digest,
  // and their rows go to `unchanged` when it is given. `known` empty: rows for all. Tables go as
  // `error` while the evidence is over `max_bytes`, the largest first.
  Said Fill(Now now, const std::optional<Said>& known, size_t max_bytes, v1::Evidence* evidence,
            std::vector<v1::TableResult>* unchanged) const;

  void Describe(Now now, v1::AgentStatus* status) const;

  // The next moment at which Complete, HasFresherThan or TakeStale may change without an input.
  std::optional<Millis> WakeAt(const std::optional<Said>& said, Now now) const;

 private:
  struct Table {
    v1::TableResult result;
    std::string digest;
    Millis collected{0};
    std::string manifest;  // digest of the one that the collector followed
  };

  bool Lost(Now now) const;
  bool Waiting(Now now) const;
  using TablePtr = std::shared_ptr<const Table>;
  TablePtr Find(const v1::TableRequest& request) const;  // null: there is none
  bool HasAskedColumns(const v1::TableRequest& request, const Table& table) const;
  // One per request of the manifest, in its order; those that are missing as `timeout`.
  std::vector<std::pair<TableId, TablePtr>> Current(Now now) const;
  TablePtr Missing(const v1::TableRequest& request, Now now) const;
  static Millis HalfLife(const v1::TableRequest& request);

  Millis collect_timeout_;
  Millis collector_lost_;
  std::optional<v1::Manifest> manifest_;
  std::string digest_;
  bool open_ = false;
  Millis away_since_;
  Millis wait_until_{0};
  std::map<TableId, TablePtr> tables_;
  std::map<TableId, Millis> asked_;
  std::set<std::string> awaited_;
  Millis awaited_since_{0};
};

}  // namespace sallyport
