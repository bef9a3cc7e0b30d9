// SPDX-License-Identifier: Apache-2.0
// A network namespace for the test's own thread: the real kernel, and nobody else's rules.
#pragma once

#include <string>

namespace sallyport {

class NetworkNamespace {
 public:
  NetworkNamespace();   // enters a new one
  ~NetworkNamespace();  // back to the one before
  NetworkNamespace(const NetworkNamespace&) = delete;
  NetworkNamespace& operator=(const NetworkNamespace&) = delete;

 private:
  int before_ = -1;
};

// Runs a program in the namespace of the caller; its output, or "" and a test failure.
std::string RunOrFail(const std::string& command);

}  // namespace sallyport
