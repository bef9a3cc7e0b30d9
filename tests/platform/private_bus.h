// SPDX-License-Identifier: Apache-2.0
// PrivateBus: a real dbus-daemon that is this process's system bus for one test. libdbus reads the
// address once per process, so all of them have the same: UseAddress first, in main.
#pragma once

#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

#include "tests/platform/temp_folder.h"

extern char** environ;

namespace sallyport {

class PrivateBus {
 public:
  // A bus address where nobody listens until a PrivateBus is made.
  static void UseAddress() {
    setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + Folder() / "bus").c_str(), 1);
  }

  PrivateBus() {
    Folder().Write("bus.conf",
                   "<busconfig><type>session</type><listen>unix:path=" + Folder() / "bus" +
                       "</listen><auth>EXTERNAL</auth><policy context='default'>"
                       "<allow send_destination='*' eavesdrop='true'/><allow own='*'/>"
                       "<allow receive_sender='*'/><allow user='*'/></policy></busconfig>");
    int ready[2];
    if (pipe(ready) != 0) throw std::runtime_error("pipe");
    const std::string config = "--config-file=" + Folder() / "bus.conf";
    const std::string print = "--print-address=" + std::to_string(ready[1]);
    const char* argv[] = {"dbus-daemon", "--nofork", config.c_str(), print.c_str(), nullptr};
    if (posix_spawnp(&pid_, "dbus-daemon", nullptr, nullptr, const_cast<char**>(argv), environ) !=
        0) {
      throw std::runtime_error("dbus-daemon");
    }
    close(ready[1]);
    char address[256];
    if (read(ready[0], address, sizeof address) <= 0) throw std::runtime_error("dbus-daemon ended");
    close(ready[0]);
  }
  ~PrivateBus() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    unlink((Folder() / "bus").c_str());
  }

 private:
  static const TempFolder& Folder() {
    static const TempFolder folder;
    return folder;
  }

  pid_t pid_ = -1;
};

}  // namespace sallyport
