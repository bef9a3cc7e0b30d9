// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/services.h"
#include "collectors/windows_registry.h"

namespace sallyport {
namespace {

using State = ServiceInfo::State;
using Start = ServiceInfo::Start;

// The words of winsvc.h without their SERVICE_, as osquery has them.
const char* StateWord(State state) {
  switch (state) {
    case State::kStopped:
      return "STOPPED";
    case State::kStartPending:
      return "START_PENDING";
    case State::kStopPending:
      return "STOP_PENDING";
    case State::kRunning:
      return "RUNNING";
    case State::kContinuePending:
      return "CONTINUE_PENDING";
    case State::kPausePending:
      return "PAUSE_PENDING";
    case State::kPaused:
      return "PAUSED";
  }
  return "UNKNOWN";
}

Value StartWord(const std::optional<Start>& start) {
  if (!start) return Unknown{};
  switch (*start) {
    case Start::kBoot:
      return Cell("BOOT_START");
    case Start::kSystem:
      return Cell("SYSTEM_START");
    case Start::kAutomatic:
      return Cell("AUTO_START");
    case Start::kDemand:
      return Cell("DEMAND_START");
    case Start::kDisabled:
      return Cell("DISABLED");
  }
  return Unknown{};
}

// The number Type of the service's key; winnt.h.
Value TypeWord(const Result<int64_t>& type) {
  static const std::map<int64_t, const char*> kWords = {
      {0x10, "OWN_PROCESS"},
      {0x20, "SHARE_PROCESS"},
      {0x50, "USER_OWN_PROCESS"},
      {0x60, "USER_SHARE_PROCESS"},
      {0xd0, "USER_OWN_PROCESS(Instance)"},
      {0xe0, "USER_SHARE_PROCESS(Instance)"},
      {0x100, "INTERACTIVE_PROCESS"},
      {0x110, "OWN_PROCESS(Interactive)"},
      {0x120, "SHARE_PROCESS(Interactive)"},
  };
  if (!type) return Unknown{};
  const auto word = kWords.find(*type);
  return word == kWords.end() ? Cell("UNKNOWN") : Cell(word->second);
}

// DisplayName, ExitCode, ServiceSpecificExitCode, Description, StartName; by the name in lower
// case.
using Described = std::map<std::string, Row>;

Described Describe(const Host& host) {
  const auto rows = host.QueryWmi(R"(root\CIMV2)",
                                  "SELECT Name, DisplayName, ExitCode, ServiceSpecificExitCode, "
                                  "Description, StartName FROM Win32_Service");
  Described out;
  if (!rows) return out;
  for (const Row& row : *rows) {
    if (const auto* name = std::get_if<std::string>(&row.at(0))) {
      out[Lower(*name)] = Row(row.begin() + 1, row.end());
    }
  }
  return out;
}

}  // namespace

Result<Rows> ServicesWindows(const Host& host, const Keys&) {
  const auto services = host.Services();
  if (!services) return tl::unexpected(services.error());
  const Described described = Describe(host);
  Rows rows;
  for (const ServiceInfo& service : *services) {
    if (service.driver) continue;
    const auto found = described.find(Lower(service.name));
    const Row words = found == described.end() ? Row(5, Unknown{}) : found->second;
    const std::string key =
        R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\)" + service.name;
    rows.push_back({Cell(service.name), TypeWord(RegistryNumber(host, key, "Type")), words[0],
                    Cell(StateWord(service.state)), Cell(service.pid), StartWord(service.start),
                    words[1], words[2], service.command ? Cell(*service.command) : Cell(Unknown{}),
                    TextOrNull(RegistryText(host, key + R"(\Parameters)", "ServiceDll")), words[3],
                    words[4]});
  }
  return rows;
}

}  // namespace sallyport
