// SPDX-License-Identifier: Apache-2.0
// The gate's stream to the policy service: fetches leaves, connects, and connects again.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "attestation/enrollment.h"
#include "gateway/inbox.h"
#include "sallyport/v1/gate.pb.h"

namespace sallyport::gateway {

// One thread of its own, and gRPC's. Tells the inbox LinkUp, then commands, then LinkDown, each
// with the number of its stream. Messages for a stream that is down are dropped: the next stream
// begins with everything that stands.
class ServiceLink {
 public:
  ServiceLink(EnrollmentRecord record, SigningKey identity, Inbox& inbox);
  ~ServiceLink();  // cancels and waits

  void Send(uint64_t stream, v1::GateMessage message);

 private:
  class Stream;

  void Run();
  Status Serve(const Leaf& leaf);  // until the stream ends, the leaf nears its end, or stop
  Result<Leaf> Fetch();
  bool Pause(std::chrono::milliseconds time);  // false: stop

  const EnrollmentRecord record_;
  const SigningKey identity_;
  Inbox& inbox_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::shared_ptr<Stream> stream_;
  uint64_t number_ = 0;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace sallyport::gateway
