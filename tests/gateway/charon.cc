// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/charon.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "gateway/vici/client.h"

namespace sallyport {
namespace {

void WriteConfiguration(const std::string& folder) {
  std::ofstream(folder + "/strongswan.conf")
      << "charon {\n"
         "  load = random nonce openssl pem pkcs1 pkcs8 x509 pubkey hmac kdf kernel-libipsec!"
         " kernel-netlink socket-default vici!\n"
         "  threads = 16\n"
         "  plugins { vici { socket = unix://"
      << folder
      << "/charon.vici }\n kernel-libipsec { load = yes } }\n"
         "  filelog { main { path = "
      << folder
      << "/charon.log\n flush_line = yes\n default = 1 } }\n"
         "  syslog { }\n"
         "}\n"
         "charon-systemd { journal { default = -1 } }\n";
}

[[noreturn]] void Become(const std::string& folder) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setenv("STRONGSWAN_CONF", (folder + "/strongswan.conf").c_str(), 1);
  const int nowhere = open("/dev/null", O_RDWR);
  for (int fd : {0, 1, 2}) dup2(nowhere, fd);
  // A route for addresses that answer nothing (RFC 5737).
  if (unshare(CLONE_NEWNET) == 0 &&
      system("ip link set lo up && ip route add 192.0.2.0/24 dev lo") == 0) {
    execl("/usr/sbin/charon-systemd", "charon-systemd", static_cast<char*>(nullptr));
  }
  _exit(127);
}

}  // namespace

Charon::Charon() {
  char name[] = "/tmp/sallyport-charon-XXXXXX";
  folder_ = mkdtemp(name);
  WriteConfiguration(folder_);
  pid_ = fork();
  if (pid_ == 0) Become(folder_);
  for (int tries = 0; tries < 250; ++tries) {
    if (auto client = vici::Client::Connect(socket())) {
      if (client->Request("version", {}, std::chrono::milliseconds(200))) return;
    }
    poll(nullptr, 0, 20);
  }
  std::ostringstream log;
  log << std::ifstream(folder_ + "/charon.log").rdbuf();
  std::fprintf(stderr, "charon did not answer:\n%s\n", log.str().c_str());
  std::abort();
}

Charon::~Charon() {
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Charon::Stop() const {
  kill(pid_, SIGSTOP);
  int status = 0;
  waitpid(pid_, &status, WUNTRACED);
}

void Charon::Continue() const { kill(pid_, SIGCONT); }

void Charon::Kill() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace sallyport
