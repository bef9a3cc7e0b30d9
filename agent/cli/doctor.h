// SPDX-License-Identifier: Apache-2.0
// `sallyport doctor`: what was found, judged. Pure; doctor_probe.h does the looking.
//   DR00x agent  DR01x clock  DR02x service  DR03x collector  DR04x key  DR05x policy and verdict
//   DR06x tunnel  DR07x disk and spool
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/cli/human.h"
#include "base/exit_code.h"
#include "base/now.h"
#include "base/result.h"
#include "sallyport/v1/local.pb.h"

namespace sallyport {

struct Check {
  enum class Outcome { kPass, kWarn, kFail, kSkip };
  std::string id;    // stable
  std::string name;  // stable
  Outcome outcome = Outcome::kPass;
  std::string detail;
  std::string fix;

  friend bool operator==(const Check&, const Check&) = default;
};
const char* OutcomeName(Check::Outcome outcome);  // "PASS", "WARN", "FAIL", "SKIP"

struct KeyFile {
  bool others_may_read = true;
  std::string access;  // in the system's words: "mode 0600"
};

// What people do about it on this system: a command, or what to look for.
struct Remedies {
  std::string start_agent;
  std::string restart_collector;
  std::string set_clock;
  std::string close_key;    // others may read it
  std::string look_at_key;  // this user may not
  std::string restart_charon;
};

// An empty optional was not looked at.
struct Findings {
  Remedies remedies;
  tl::expected<v1::AgentStatus, Error> agent = tl::unexpected(Error{});
  std::string socket;                         // that the agent was asked on
  std::optional<Result<Millis>> tcp;          // time to connect to the service
  std::optional<Result<KeyFile>> key;         // of a file: key
  std::optional<Result<std::string>> vici;    // charon's version
  std::optional<Result<uint64_t>> disk_free;  // bytes, where the state lies
};

std::vector<Check> Diagnose(const Findings& findings, Millis now_wall);

std::string DoctorText(const std::vector<Check>& checks, const Style& style);
// kFindings when a check failed.
ExitCode DoctorCode(const std::vector<Check>& checks);

}  // namespace sallyport
