// SPDX-License-Identifier: Apache-2.0
// BlockingEnd: a local stream to the agent for a program that has nothing else to do.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "agent/local_end.h"
#include "base/result.h"

namespace sallyport {

// A moment that has passed ends every wait with kTimeout; none at all ends no wait.
class BlockingEnd {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  // Names and errors are those of ConnectLocal; waits while the agent's queue is full.
  static Result<BlockingEnd> Connect(const std::string& name, Moment until);

  Status Write(std::string_view bytes, Moment until);
  // Whatever has come, at least one byte. kUnavailable when the agent has closed.
  Result<std::string> Read(std::optional<Moment> until);

 private:
  explicit BlockingEnd(LocalEnd end) : end_(std::move(end)) {}

  LocalEnd end_;
};

}  // namespace sallyport
