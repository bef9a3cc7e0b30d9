// SPDX-License-Identifier: Apache-2.0
// Packets that the kernel forwards through the namespace of the test.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace sallyport {

// From 10.99.0.1 behind ipsec0 to 10.20.0.1 behind app0, and answers back: ICMP echo.
class Flood {
 public:
  explicit Flood(const std::string& pace);  // ping's options for it
  ~Flood();
  Flood(const Flood&) = delete;
  Flood& operator=(const Flood&) = delete;

  uint64_t Arrived() const;                // requests that came through the forward hook so far
  void AwaitMore(uint64_t packets) const;  // or a test failure after 5 s

 private:
  void Neighbour(const std::string& cable, const std::string& here, const std::string& there);

  std::vector<pid_t> processes_;
};

}  // namespace sallyport
