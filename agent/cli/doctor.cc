// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/doctor.h"

#include <algorithm>
#include <cstdlib>

#include "agent/cli/standing.h"
#include "base/table.h"

namespace sallyport {
namespace {

using Outcome = Check::Outcome;

constexpr int64_t kSkewWarnMs = 30'000;
constexpr int64_t kSkewFailMs = 300'000;  // certificates begin to look not yet or no longer valid
constexpr uint64_t kDiskWarnBytes = 100ull << 20;
constexpr uint64_t kDiskFailBytes = 20ull << 20;  // the spool's bound does not fit any more

Millis FromMs(uint64_t ms) { return Millis(static_cast<Millis::rep>(ms)); }

std::string Seconds(int64_t ms) {
  const int64_t tenths = std::abs(ms) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

Check CheckAgent(const Findings& found) {
  if (found.agent) {
    return {"DR001", "agent", Outcome::kPass,
            "runs, version " + Printable(found.agent->agent_version()), ""};
  }
  return {"DR001", "agent", Outcome::kFail, found.agent.error().message,
          found.remedies.start_agent};
}

Check CheckClock(const Findings& found, const v1::AgentStatus& status) {
  Check check{"DR010", "clock", Outcome::kSkip, "no verdict yet to compare with", ""};
  if (!status.has_result() || status.last_result().judged_at_ms() == 0) return check;
  const int64_t skew = std::abs(status.clock_skew_ms());
  check.detail = "skew " + Seconds(skew) + " against the service";
  check.outcome = skew >= kSkewFailMs   ? Outcome::kFail
                  : skew >= kSkewWarnMs ? Outcome::kWarn
                                        : Outcome::kPass;
  if (check.outcome != Outcome::kPass) check.fix = found.remedies.set_clock;
  return check;
}

Check CheckTcp(const Findings& found, const v1::AgentStatus& status) {
  const std::string address = Printable(status.service_address());
  if (!found.tcp) return {"DR020", "service-tcp", Outcome::kSkip, "no service known", ""};
  if (*found.tcp) {
    return {"DR020", "service-tcp", Outcome::kPass,
            address + " reached in " + std::to_string((*found.tcp)->count()) + " ms", ""};
  }
  return {"DR020", "service-tcp", Outcome::kFail,
          address + ": " + Printable(found.tcp->error().message),
          "check the network, the firewall and that the policy service runs"};
}

Check CheckCertificate(const v1::AgentStatus& status, Millis now) {
  Check check{"DR021", "tls-certificate", Outcome::kSkip, "none was fetched yet", ""};
  if (status.leaf_not_after_ms() == 0) return check;
  const Millis left = FromMs(status.leaf_not_after_ms()) - now;
  if (left.count() <= 0) {
    check.outcome = Outcome::kFail;
    check.detail = "client certificate expired " + Duration(-left) + " ago";
    check.fix = "see service-tcp and clock: it is renewed by itself when the service is reached";
    return check;
  }
  check.outcome = Outcome::kPass;
  check.detail = "client certificate valid for " + Duration(left);
  return check;
}

Check CheckStream(const v1::AgentStatus& status, Millis now) {
  if (status.connected()) {
    return {"DR022", "service-stream", Outcome::kPass,
            "TLS 1.3, connected for " + Duration(now - FromMs(status.connected_since_ms())), ""};
  }
  return {
      "DR022", "service-stream", Outcome::kFail,
      status.connection_error().empty() ? "not connected" : Printable(status.connection_error()),
      "the reason stands above; sallyport check-now tries at once"};
}

Check CheckCollectorLink(const Findings& found, const v1::AgentStatus& status) {
  if (status.collector_connected()) return {"DR030", "collector", Outcome::kPass, "runs", ""};
  return {"DR030", "collector", Outcome::kFail, "does not run, or its socket is not reached",
          found.remedies.restart_collector};
}

Check CheckTable(const v1::CollectorState& state) {
  Check check{"DR031", "collector-" + Printable(state.table()), Outcome::kPass, "", ""};
  const std::string word = state.state() == v1::TableResult::STATE_UNSPECIFIED
                               ? "unknown"
                               : StateName(static_cast<State>(static_cast<int>(state.state()) - 1));
  switch (state.state()) {
    case v1::TableResult::STATE_VALUE:
      check.detail = std::to_string(state.rows()) + (state.rows() == 1 ? " row" : " rows") +
                     " in " + std::to_string(state.took_us() / 1000) + " ms, read " +
                     Duration(FromMs(state.age_ms())) + " ago";
      return check;
    case v1::TableResult::STATE_ABSENT:
    case v1::TableResult::STATE_UNSUPPORTED:
    case v1::TableResult::STATE_SUPPRESSED:
      check.outcome = Outcome::kWarn;
      break;
    default:
      check.outcome = Outcome::kFail;
  }
  check.detail = word + (state.error().empty() ? "" : ": " + Printable(state.error()));
  return check;
}

Check CheckKey(const Findings& found, const v1::AgentStatus& status) {
  Check check{"DR040", "identity-key", Outcome::kSkip, "not enrolled", ""};
  if (status.key_uri().empty()) return check;
  if (!found.key) {
    check.outcome = Outcome::kPass;
    check.detail = "not in a file: " + Printable(status.key_uri());
    return check;
  }
  if (!*found.key) {
    const Error& error = found.key->error();
    check.outcome = error.code == Code::kDenied ? Outcome::kSkip : Outcome::kFail;
    check.detail = Printable(error.message);
    check.fix = error.code == Code::kDenied ? found.remedies.look_at_key : "enroll anew";
    return check;
  }
  const bool open = (*found.key)->others_may_read;
  check.outcome = open ? Outcome::kFail : Outcome::kPass;
  check.detail = "in a file, " + (*found.key)->access;
  if (open) check.fix = found.remedies.close_key;
  return check;
}

Check CheckPolicySet(const v1::AgentStatus& status) {
  if (status.manifest_policy_set().empty()) {
    return {"DR050", "policy-set", Outcome::kWarn, "no manifest of the service yet", ""};
  }
  return {"DR050", "policy-set", Outcome::kPass, Printable(status.manifest_policy_set()), ""};
}

Check CheckVerdict(const v1::AgentStatus& status) {
  const Standing standing = StandingOf(status);
  Check check{"DR051", "verdict", Outcome::kPass, "", ""};
  const std::string age =
      status.has_result()
          ? ", judged " +
                Duration(FromMs(status.now_boot_ms()) - FromMs(status.last_result_boot_ms())) +
                " ago"
          : "";
  switch (standing.code) {
    case ExitCode::kOk:
      check.detail = "full access" + age;
      break;
    case ExitCode::kInGrace:
      check.outcome = Outcome::kWarn;
      check.detail = "full access until " + Moment(standing.deadline) + age;
      check.fix = "sallyport explain";
      break;
    case ExitCode::kNotCompliant:
      check.outcome = Outcome::kFail;
      check.detail = std::string(TierMeaning(standing.tier)) + age;
      check.fix = "sallyport explain";
      break;
    default:
      check.outcome = Outcome::kFail;
      check.detail = Printable(standing.why);
  }
  return check;
}

Check CheckTunnel(const Findings& found) {
  if (!found.vici) {
    return {"DR060", "charon", Outcome::kSkip, "not asked; name its socket with --vici", ""};
  }
  if (*found.vici) return {"DR060", "charon", Outcome::kPass, Printable(**found.vici), ""};
  return {"DR060", "charon", Outcome::kFail, Printable(found.vici->error().message),
          found.remedies.restart_charon};
}

Check CheckDisk(const Findings& found) {
  Check check{"DR070", "disk-space", Outcome::kSkip, "not looked at", ""};
  if (!found.disk_free) return check;
  if (!*found.disk_free) {
    check.detail = Printable(found.disk_free->error().message);
    return check;
  }
  const uint64_t free = **found.disk_free;
  check.detail = std::to_string(free >> 20) + " MiB free for the state folder";
  check.outcome = free < kDiskFailBytes   ? Outcome::kFail
                  : free < kDiskWarnBytes ? Outcome::kWarn
                                          : Outcome::kPass;
  if (check.outcome != Outcome::kPass) check.fix = "free some space on that volume";
  return check;
}

Check CheckSpool(const v1::AgentStatus& status) {
  Check check{"DR071", "spool", Outcome::kPass,
              std::to_string(status.spooled()) + " offline evidences wait", ""};
  if (status.spool_dropped() > 0) {
    check.outcome = Outcome::kWarn;
    check.detail += ", " + std::to_string(status.spool_dropped()) + " were dropped";
  }
  return check;
}

Check CheckEnrollment(const v1::AgentStatus& status) {
  if (!status.device_id().empty()) {
    return {"DR041", "enrollment", Outcome::kPass, Printable(status.device_id()), ""};
  }
  return {"DR041", "enrollment", Outcome::kFail,
          status.connection_error().empty() ? "this laptop is not enrolled"
                                            : Printable(status.connection_error()),
          "sallyport enroll --service HOST:PORT --ca FILE --token-file FILE"};
}

}  // namespace

const char* OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return "PASS";
    case Outcome::kWarn:
      return "WARN";
    case Outcome::kFail:
      return "FAIL";
    case Outcome::kSkip:
      return "SKIP";
  }
  return "SKIP";
}

std::vector<Check> Diagnose(const Findings& found, Millis now) {
  std::vector<Check> checks{CheckAgent(found)};
  if (found.agent) {
    const v1::AgentStatus& status = *found.agent;
    const bool enrolled = !status.device_id().empty();
    if (enrolled) {
      checks.insert(checks.end(), {CheckClock(found, status), CheckTcp(found, status),
                                   CheckCertificate(status, now), CheckStream(status, now),
                                   CheckCollectorLink(found, status)});
      for (const v1::CollectorState& state : status.collectors()) {
        checks.push_back(CheckTable(state));
      }
      checks.push_back(CheckKey(found, status));
    }
    checks.push_back(CheckEnrollment(status));
    if (enrolled) {
      checks.insert(checks.end(), {CheckPolicySet(status), CheckVerdict(status)});
    }
  }
  checks.push_back(CheckTunnel(found));
  checks.push_back(CheckDisk(found));
  if (found.agent && !found.agent->device_id().empty()) checks.push_back(CheckSpool(*found.agent));
  return checks;
}

std::string DoctorText(const std::vector<Check>& checks, const Style& style) {
  using Paint = Style::Paint;
  constexpr Paint kPaints[] = {Paint::kGood, Paint::kWarning, Paint::kBad, Paint::kFaint};
  size_t widest = 0;
  for (const Check& check : checks) widest = std::max(widest, check.name.size());
  int counts[4] = {};
  std::string text;
  for (const Check& check : checks) {
    const auto outcome = static_cast<size_t>(check.outcome);
    ++counts[outcome];
    std::string name = check.name;
    name.resize(widest + 2, ' ');
    text += style(kPaints[outcome], OutcomeName(check.outcome)) + "  " + check.id + " " + name +
            check.detail + "\n";
    if (!check.fix.empty()) text += "      fix: " + check.fix + "\n";
  }
  text += std::to_string(checks.size()) + " checks: " + std::to_string(counts[0]) + " pass, " +
          std::to_string(counts[1]) + " warn, " + std::to_string(counts[2]) + " fail, " +
          std::to_string(counts[3]) + " skipped\n";
  return text;
}

ExitCode DoctorCode(const std::vector<Check>& checks) {
  const bool failed = std::ranges::any_of(
      checks, [](const Check& check) { return check.outcome == Outcome::kFail; });
  return failed ? ExitCode::kFindings : ExitCode::kOk;
}

}  // namespace sallyport
