// SPDX-License-Identifier: Apache-2.0
// A real charon in a network namespace of its own, for the length of a test. What it sends to
// 192.0.2.0/24 is lost.
#pragma once

#include <sys/types.h>

#include <string>

namespace sallyport {

class Charon {
 public:
  Charon();   // returns once VICI answers; otherwise the test process ends with charon's log
  ~Charon();  // SIGKILL, files removed
  Charon(const Charon&) = delete;
  Charon& operator=(const Charon&) = delete;

  std::string socket() const { return folder_ + "/charon.vici"; }
  void Stop() const;      // SIGSTOP
  void Continue() const;  // SIGCONT
  void Kill();            // SIGKILL, and waits

 private:
  std::string folder_;
  pid_t pid_ = -1;
};

}  // namespace sallyport
