// SPDX-License-Identifier: Apache-2.0
// AttestStream: one stream to the attestation listener, as events in the Qt event loop.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "sallyport/v1/attestation.pb.h"

namespace grpc {
class ChannelCredentials;
}

namespace sallyport {

class AttestStream {
 public:
  struct Events {
    std::function<void(const v1::ServiceMessage&)> on_message;
    std::function<void(const std::string& why)> on_closed;  // once, and nothing after it
  };

  // Connects on a channel of its own. Events come from the event loop of the application's main
  // thread, never from inside a call here and never after destruction; destroying closes.
  AttestStream(const std::string& address,
               const std::shared_ptr<grpc::ChannelCredentials>& credentials, Events events);
  ~AttestStream();
  AttestStream(const AttestStream&) = delete;
  AttestStream& operator=(const AttestStream&) = delete;

  void Send(const v1::AgentMessage& message);

 private:
  class Reactor;
  std::shared_ptr<Events> events_;  // what is under way holds it weakly
  std::shared_ptr<Reactor> reactor_;
};

}  // namespace sallyport
