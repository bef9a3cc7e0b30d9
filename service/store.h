// SPDX-License-Identifier: Apache-2.0
// Store: the policy service's durable state in one SQLite file (WAL, synchronous=FULL).
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sallyport/v1/gate.pb.h"
#include "service/commit_queue.h"
#include "service/records.h"

namespace sallyport {

// Writes are committed in groups (commit_queue.h) and answered when they are on disk; reads see
// what is committed. Any thread.
class Store {
 public:
  static constexpr uint32_t kEvidencePerDevice = 64;  // envelopes per device
  static constexpr size_t kRecentPositions = 8;

  using Done = CommitQueue::Done;
  using EnrollDone = std::function<void(const Result<DeviceRecord>&)>;

  // A file of a newer schema is kConflict, one that is no database kMalformed; neither is touched.
  static Result<std::unique_ptr<Store>> Open(const std::string& path);

  void Write(DeviceWrite write, Done done);

  Status AddToken(const TokenRecord& token);
  // Spends one use of the token and writes the device, both or neither. kNotFound, kConflict (used
  // up) and kTimeout (expired) say what is wrong with the token. `device.id` of a gateway is the
  // token's name; that of a device the caller's.
  void Enroll(const std::string& token_hash, DeviceRecord device, EnrollDone done);

  void AddSessionEvent(const std::string& gateway, const std::string& kind,
                       const v1::Session& session, Millis wall);
  void AddCutReport(const std::string& gateway, const v1::CutReport& report, Millis wall);

  Result<StoredDevice> Load(std::string_view id);  // kNotFound
  Result<DeviceRecord> FindByKey(std::string_view key_id);
  Result<std::vector<DeviceRecord>> Devices();
  Result<std::vector<DecisionRecord>> Decisions(std::string_view device_id, int newest);
  Result<std::vector<EvidenceRecord>> KeptEvidence(std::string_view device_id);  // newest first
  Result<std::optional<VerdictRecord>> LastVerdict(std::string_view device_id);

  Result<std::optional<std::string>> Setting(std::string_view name);
  Status SetSetting(std::string_view name, std::string_view value);

  // Never given twice, also across a crash.
  uint64_t NextDecisionId();
  void Flush() { commits_->Flush(); }

 private:
  Store(std::unique_ptr<CommitQueue> commits, Database reader)
      : reader_(std::move(reader)), commits_(std::move(commits)) {}
  Status ReserveDecisionIds();

  std::mutex read_mutex_;
  Database reader_;
  std::atomic<uint64_t> next_decision_{1};
  std::atomic<uint64_t> decision_ceiling_{0};
  std::unique_ptr<CommitQueue> commits_;  // last: its threads end first
};

}  // namespace sallyport
