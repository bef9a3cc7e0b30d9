// SPDX-License-Identifier: Apache-2.0
// Enrollment tokens: made here, shown once, kept as a hash; and a brake on guessing them.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/now.h"

namespace sallyport {

std::string MakeToken();                        // "spt-" and 40 hex digits: 160 random bits
std::string HashToken(std::string_view token);  // SHA-256; a token of 160 bits needs no salt
std::string DeviceIdOf(std::string_view spki);  // "d-" and the first 20 hex digits of its SHA-256
std::string PeerHost(std::string_view peer);    // "ipv4:10.0.0.7:4711" -> "ipv4:10.0.0.7"

// Refuses an address that guessed wrong kGuesses times within kWindow. Bounded: of more than
// kAddresses addresses the ones that were quiet longest are forgotten. Any thread.
class GuessLimit {
 public:
  static constexpr int kGuesses = 10;
  static constexpr Millis kWindow{60'000};
  static constexpr size_t kAddresses = 4096;

  bool Allows(const std::string& host, Now now);
  void Wrong(const std::string& host, Now now);

 private:
  struct Guesses {
    int wrong = 0;
    Millis first{0};  // boot
  };
  std::mutex mutex_;
  std::map<std::string, Guesses> hosts_;
};

}  // namespace sallyport
