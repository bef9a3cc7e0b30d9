// SPDX-License-Identifier: Apache-2.0
// CollectorLink: the agent's end of the collector's socket; connects again whenever it is lost.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/backoff.h"
#include "agent/frame_socket.h"
#include "agent/wake_timer.h"
#include "base/now.h"
#include "sallyport/v1/local.pb.h"

namespace sallyport {

class CollectorLink {
 public:
  struct Events {
    std::function<void()> on_open;
    std::function<void(const std::string& why)> on_closed;  // only after on_open
    std::function<void(const v1::CollectorMessage&)> on_message;
  };

  // Only a collector that runs with administrators' rights or as this very user is believed.
  CollectorLink(std::string path, std::function<Now()> clock, Events events);

  void Start();
  void Send(const v1::CollectorRequest& request);  // lost when there is no collector
  const std::string& last_error() const { return last_error_; }

 private:
  void Connect();
  void Retry(const std::string& why);

  std::string path_;
  std::function<Now()> clock_;
  Events events_;
  std::unique_ptr<FrameSocket> socket_;
  Backoff backoff_{Millis(5), Millis(2'000)};
  WakeTimer retry_;
  std::string last_error_;
};

}  // namespace sallyport
