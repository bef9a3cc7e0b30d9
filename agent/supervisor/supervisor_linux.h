// SPDX-License-Identifier: Apache-2.0
// Supervisor: keeps collector and agent running, and ends a collector that hangs or grows.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "agent/supervisor/child_linux.h"
#include "agent/supervisor/restart_wait.h"
#include "base/result.h"

namespace sallyport {

// One program that is to run all the time. Started again after an exit, RestartWait says when.
class Ward {
 public:
  Ward(std::string name, std::vector<std::string> argv, std::optional<User> user)
      : name_(std::move(name)), argv_(std::move(argv)), user_(user) {}

  void StartIfDue(SteadyTime now);
  // Its exit status was collected.
  void Exited(int status, SteadyTime now);

  const std::string& name() const { return name_; }
  bool running() const { return child_.pid > 0; }
  const Child& child() const { return child_; }
  SteadyTime start_due() const { return wait_.due(); }

 private:
  std::string name_;
  std::vector<std::string> argv_;
  std::optional<User> user_;
  Child child_;
  RestartWait wait_;
};

struct SupervisorOptions {
  std::string collector;  // program
  std::string agent;      // program; empty: the collector alone
  std::vector<std::string> collector_args;
  std::vector<std::string> agent_args;
  std::optional<User> agent_user;
  std::string marker;  // collector.progress, agent/collector/progress_marker.h
  std::chrono::milliseconds table_deadline{30'000};
  uint64_t max_rss_bytes = 256 << 20;
};

// Until SIGTERM or SIGINT: then both children get SIGTERM, and one that is not gone ten seconds
// later is killed. Looks at the collector each ten seconds, or three times per table deadline.
Status Supervise(const SupervisorOptions& options);

}  // namespace sallyport
