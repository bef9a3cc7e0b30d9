// SPDX-License-Identifier: Apache-2.0
// AgentProcess: the running sallyport-agent.exe, a child in a job: it ends when this process ends,
// however that happens.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "agent/service/agent_token_windows.h"
#include "agent/service/log_lines.h"
#include "base/now.h"
#include "base/result.h"
#include "platform/handle_windows.h"

namespace sallyport {

class AgentProcess {
 public:
  // On a thread of this object's own.
  using OnLine = std::function<void(const LogLine&)>;

  // `argv[0]` is the program's whole path. It has no console, inherits three handles (NUL, the end
  // of a pipe for what it says, the event of stop_event_windows.h), and of the environment only
  // SystemRoot, PATH, and `folder` as TEMP.
  static Result<std::unique_ptr<AgentProcess>> Start(const std::vector<std::string>& argv,
                                                     const std::string& folder,
                                                     const AgentToken& token, OnLine on_line);
  ~AgentProcess();  // ends it at once
  AgentProcess(const AgentProcess&) = delete;
  AgentProcess& operator=(const AgentProcess&) = delete;

  HANDLE handle() const { return process_.get(); }  // signaled when it has ended
  DWORD pid() const { return GetProcessId(process_.get()); }
  DWORD ExitCode() const;

  // Asks it to end and waits; after `patience` it is killed. Calls `waiting` about once a second.
  // True: it ended by itself.
  bool Stop(Millis patience, const std::function<void()>& waiting);

 private:
  AgentProcess() = default;
  void ReadLines(const OnLine& on_line);

  Handle job_;
  Handle process_;
  Handle stop_;
  Handle said_;
  std::thread reader_;
};

}  // namespace sallyport
