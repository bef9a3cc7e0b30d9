// SPDX-License-Identifier: Apache-2.0
// FrameSocket: frames (agent/frame.h) over a connected local socket, in the Qt event loop of the
// thread that made it. Bounded both ways.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

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

  // Takes the descriptor.
  FrameSocket(int fd, const Limits& limits, Events events);
  ~FrameSocket();
  FrameSocket(const FrameSocket&) = delete;
  FrameSocket& operator=(const FrameSocket&) = delete;

  void Send(std::string_view message);
  // No frames come until Resume: the peer's next request waits in the kernel.
  void Pause();
  void Resume();
  bool flushed() const;  // the peer's kernel has everything

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// The uid of the process at the other end: SO_PEERCRED, unix(7).
Result<uint32_t> PeerUid(int fd);

// A connected non-blocking socket; kNotFound when there is no such path, kUnavailable when nobody
// listens, kDenied without permission.
Result<int> ConnectLocal(const std::string& path);

// A listening non-blocking socket of mode `mode`. A path that is left from a process that is gone
// is taken over; one that somebody listens on is kConflict.
Result<int> ListenLocal(const std::string& path, unsigned mode);

}  // namespace sallyport
