// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/flood.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/gateway/network_namespace.h"

namespace sallyport {

Flood::Flood(const std::string& pace) {
  Neighbour("ipsec0", "10.99.0.254/24", "10.99.0.1/24");
  Neighbour("app0", "10.20.0.254/24", "10.20.0.1/24");
  RunOrFail("sysctl -qw net.ipv4.ip_forward=1");
  RunOrFail(
      "nft 'table inet witness { counter arrived { }; chain late { type filter hook forward"
      " priority 20; ip saddr 10.99.0.1 counter name arrived; }; }'");
  const std::string command = "exec nsenter --net=/proc/" + std::to_string(processes_[0]) +
                              "/ns/net ping -q " + pace + " 10.20.0.1 > /dev/null";
  const pid_t sender = fork();
  if (sender == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  processes_.push_back(sender);
}

Flood::~Flood() {
  for (pid_t pid : processes_) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
}

// Somebody in a network namespace of his own at the other end of a cable.
void Flood::Neighbour(const std::string& cable, const std::string& here, const std::string& there) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t holder = fork();
  if (holder == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (unshare(CLONE_NEWNET) != 0 || write(ready[1], "x", 1) != 1) _exit(127);
    for (;;) pause();
  }
  processes_.push_back(holder);
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  close(ready[0]);
  close(ready[1]);
  const std::string pid = std::to_string(holder);
  const std::string inside = "nsenter --net=/proc/" + pid + "/ns/net ip ";
  RunOrFail("ip link add " + cable + " type veth peer name far netns " + pid);
  RunOrFail("ip address add " + here + " dev " + cable + " && ip link set " + cable + " up");
  RunOrFail(inside + "address add " + there + " dev far && " + inside + "link set far up && " +
            inside + "route add default via " + here.substr(0, here.find('/')));
}

uint64_t Flood::Arrived() const {
  const std::string listed = RunOrFail("nft list counter inet witness arrived");
  const auto at = listed.find("packets ");
  return at == std::string::npos ? 0 : std::stoull(listed.substr(at + 8));
}

void Flood::AwaitMore(uint64_t packets) const {
  const uint64_t wanted = Arrived() + packets;
  for (int tries = 0; tries < 500 && Arrived() < wanted; ++tries) poll(nullptr, 0, 10);
  EXPECT_GE(Arrived(), wanted);
}

}  // namespace sallyport
