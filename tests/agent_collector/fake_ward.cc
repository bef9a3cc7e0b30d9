// SPDX-License-Identifier: Apache-2.0
// Stands in for collector and agent in supervisor_test. Writes one line about itself into the FIFO
// that FAKE_WARD_REPORT names, then does what FAKE_WARD_COLLECTOR says when it is the collector.
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

std::string StatusField(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
  }
  return "?";
}

}  // namespace

int main(int argc, char** argv) {
  std::string args;
  std::string run;
  bool collector = false;
  for (int i = 1; i < argc; ++i) {
    args += std::string(argv[i]) + " ";
    if (std::string(argv[i]) == "--agent-user") collector = true;
    if (std::string(argv[i]) == "--socket" && i + 1 < argc) {
      run = std::filesystem::path(argv[i + 1]).parent_path();
    }
  }
  const std::string line = std::string(collector ? "collector" : "agent") + " pid " +
                           std::to_string(getpid()) + " uid " + std::to_string(geteuid()) +
                           " no_new_privs " + StatusField("NoNewPrivs") + " capabilities " +
                           StatusField("CapEff") + " groups [" + StatusField("Groups") + "] args " +
                           args + "\n";
  const int report = open(std::getenv("FAKE_WARD_REPORT"), O_WRONLY | O_CLOEXEC);
  if (write(report, line.data(), line.size()) != static_cast<ssize_t>(line.size())) return 1;
  const std::string behaviour = collector ? std::getenv("FAKE_WARD_COLLECTOR") : "stay";
  if (behaviour == "exit") return 3;
  // Since the machine's start: CLOCK_MONOTONIC 0.
  if (behaviour == "hang") std::ofstream(run + "/collector.progress") << "a/probe\nboot\n0\n";
  std::vector<char> grown(behaviour == "grow" ? 64 << 20 : 0, 'x');
  for (;;) pause();
}
