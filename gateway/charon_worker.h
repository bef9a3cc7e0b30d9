// SPDX-License-Identifier: Apache-2.0
// Everything that waits for charon or for a proof, off the gate's loop.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gateway/gate_core.h"
#include "gateway/inbox.h"
#include "gateway/nft/lease_table.h"

namespace sallyport::gateway {

// A proof with what only the loop knows: how long it took from the command to the kernel's word
// that the element is changed.
struct TimedProof {
  Proof proof;
  std::chrono::microseconds took{0};
};

// Two threads: one talks to charon in the order of the calls, the other proves. Results go to the
// inbox, which must outlive the worker.
class CharonWorker {
 public:
  CharonWorker(std::string vici_path, nft::LeaseTable table, Inbox& inbox);
  ~CharonWorker();  // waits for a call under way; each is bounded

  void Attach();  // -> CharonAttached or CharonUnreachable
  void List();    // -> SessionsListed or CharonUnreachable
  // Ends the SAs by force, then proves. A proof that does not hold is reported as such.
  void Terminate(std::vector<uint64_t> ike_ids, std::vector<TimedProof> proofs);  // -> ProofDone

 private:
  using Job = std::function<void()>;
  // A queue and the thread that serves it.
  class Lane {
   public:
    Lane();
    ~Lane();
    void Add(Job job);

   private:
    void Run();
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    bool stop_ = false;
    std::thread thread_;
  };

  void DoAttach();
  void DoList();
  void DoTerminate(const std::vector<uint64_t>& ike_ids);
  void DoProve(const std::vector<TimedProof>& proofs);

  const std::string vici_path_;
  nft::LeaseTable table_;  // of the proving lane
  Inbox& inbox_;
  std::mutex pending_mutex_;
  std::vector<TimedProof> pending_;  // are proven together: each costs the same 50 ms
  Lane proving_;
  Lane charon_;
};

// All IKE_SAs. kUnavailable and kTimeout as of the client.
Result<std::vector<IkeSa>> ListSas(vici::Client& client);

}  // namespace sallyport::gateway
