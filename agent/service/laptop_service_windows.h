// SPDX-License-Identifier: Apache-2.0
// LaptopService: what runs on a laptop with Windows: the collector in this process, its watchdog,
// and the agent as a child with few rights, which is started again when it ends.
#pragma once

#include <QTimer>
#include <QWinEventNotifier>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/collector/collector_process.h"
#include "agent/collector/watchdog.h"
#include "agent/service/agent_process_windows.h"
#include "agent/service/agent_token_windows.h"
#include "agent/supervisor/restart_wait.h"
#include "base/result.h"

namespace sallyport {

struct ServiceOptions {
  std::string state;                    // holds agent\ and collector\; DefaultPlaces
  std::string run;                      // beginning of the local names
  std::string agent;                    // program; empty: beside this one
  std::vector<std::string> agent_args;  // more for it
  std::string service_key;              // empty: <state>\agent\service.spki
  std::string limit;                    // file of paths that are never read
  std::string log;                      // file; empty: none
  uint64_t table_deadline_s = 30;
  uint64_t max_memory_mib = 256;
};

class LaptopService {
 public:
  // In the main thread, with its Qt loop. `busy` is called between the steps. An agent that does
  // not start is tried again; whatever else fails is an error. kDenied for folders that may not be
  // written.
  static Result<std::unique_ptr<LaptopService>> Start(const ServiceOptions& options,
                                                      const std::function<void()>& busy);

  // Asks the agent to end; after ten seconds it is killed. Nothing is started any more.
  void Stop(const std::function<void()>& busy);

 private:
  LaptopService(ServiceOptions options, AgentToken token);

  Status PrepareFolders();
  Status StartCollector();
  void StartWatchdog();
  void StartAgent();
  void AgentEnded();
  void Retry();
  std::string Folder(const char* name) const { return options_.state + "\\" + name; }

  ServiceOptions options_;
  AgentToken token_;
  std::unique_ptr<CollectorProcess> collector_;
  std::unique_ptr<Watchdog> watchdog_;
  RestartWait wait_;
  QTimer retry_;
  std::unique_ptr<AgentProcess> agent_;
  std::unique_ptr<QWinEventNotifier> ended_;
};

}  // namespace sallyport
