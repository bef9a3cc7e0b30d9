// SPDX-License-Identifier: Apache-2.0
// FrameSocket: frames (agent/frame.h) over a connected local stream, in the Qt event loop of the
// thread that made it. Bounded both ways.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agent/local_end.h"

namespace sallyport {

class FrameSocket {
 public:
  struct Limits {
    size_t frame_in = 4 << 20;   // a larger frame closes the socket
    size_t queue_out = 8 << 20;  // more than this unread by the peer closes the socket
    bool answer_first = false;   // nothing is read while the peer has not read what it was sent
  };
  struct Events {
    std::function<void(std::string message)> on_frame;
    // Once, and nothing after it. The socket may be destroyed from inside either.
    std::function<void(const std::string& why)> on_closed;
  };

  FrameSocket(LocalEnd end, const Limits& limits, Events events);
  ~FrameSocket();
  FrameSocket(const FrameSocket&) = delete;
  FrameSocket& operator=(const FrameSocket&) = delete;

  void Send(std::string_view message);
  // No frames come until Resume: the peer's next request waits in the kernel.
  void Pause();
  void Resume();
  // Takes what has come by now, without waiting for the loop: a peer that is gone is heard of.
  void Look();
  bool flushed() const;  // the kernel has everything

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace sallyport
