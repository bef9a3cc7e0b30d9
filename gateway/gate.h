// SPDX-License-Identifier: Apache-2.0
// The running gate: the loop between kernel, charon and policy service. Decides nothing itself:
// GateCore does.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "attestation/enrollment.h"
#include "gateway/charon_worker.h"
#include "gateway/gate_core.h"
#include "gateway/inbox.h"
#include "gateway/nft/lease_table.h"
#include "gateway/service_link.h"

namespace sallyport::gateway {

struct GateOptions {
  EnrollmentRecord record;
  std::string vici_path;
  nft::Ruleset ruleset;
  nft::Ownership ownership = nft::Ownership::kOurs;
  std::string ready_file;  // written when the gate stands; empty: none
};

class Gate {
 public:
  // Installs the ruleset (elements that are there stay), tests the kernel, opens what the loop
  // waits for. Neither charon nor the policy service need be there.
  static Result<std::unique_ptr<Gate>> Open(GateOptions options, SigningKey identity);

  // Until `stop_fd` is readable. Leaves the table as it is: the kernel ends the leases.
  Status Run(int stop_fd);

  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

 private:
  Gate(GateOptions options, SigningKey identity, nft::LeaseTable table, nft::LeaseTable proving,
       nft::Monitor monitor);

  void OnNote(Note note);
  void OnCommand(const CommandReceived& received);
  void OnCharonEvents();
  void OnCharonAttached(CharonAttached attached);
  void OnCharonLost(const std::string& why);
  void OnLinkUp(uint64_t stream);
  void OnTime();
  void Perform(Actions actions, std::optional<std::chrono::steady_clock::time_point> received);
  void Flush();     // what was queued, in one transaction
  bool Repair();    // ruleset and elements as they must be, whatever happened to the table
  bool Resettle();  // elements only
  void ArmTimer();
  void SayReady();

  const GateOptions options_;
  nft::LeaseTable table_;
  nft::Monitor monitor_;
  GateCore core_;
  Inbox inbox_;
  std::unique_ptr<CharonWorker> worker_;
  std::unique_ptr<ServiceLink> link_;
  uint64_t stream_ = 0;  // 0: none
  // Moves that wait for the end of this turn of the loop, with the time that each was decided at.
  // A transaction costs more than the elements in it.
  std::map<Place, std::pair<Move, Millis>> queued_;
  std::optional<vici::Client> charon_;
  bool table_broken_ = false;
  bool listing_ = false;
  bool ready_ = false;
  Millis next_attach_{0};  // 0: none is due
  Millis next_audit_{0};
  int timer_ = -1;
};

// CLOCK_BOOTTIME: sleep counts.
Millis BootNow();

}  // namespace sallyport::gateway
