// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/network_namespace.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace sallyport {

NetworkNamespace::NetworkNamespace() {
  before_ = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (before_ < 0 || unshare(CLONE_NEWNET) != 0) {
    std::perror("network namespace (root is needed)");
    std::abort();
  }
}

NetworkNamespace::~NetworkNamespace() {
  if (setns(before_, CLONE_NEWNET) != 0) std::abort();
  close(before_);
}

std::string RunOrFail(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::string out;
  char buffer[4096];
  while (const size_t got = fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, got);
  const int status = pclose(pipe);
  EXPECT_EQ(status, 0) << command << ": " << out;
  return out;
}

}  // namespace sallyport
