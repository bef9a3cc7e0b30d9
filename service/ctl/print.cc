// SPDX-License-Identifier: Apache-2.0
#include "service/ctl/print.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "base/timestamp.h"

namespace sallyport {
namespace {

using nlohmann::json;

const char* VerdictWord(v1::Outcome::Verdict verdict) {
  switch (verdict) {
    case v1::Outcome::VERDICT_PASS:
      return "pass";
    case v1::Outcome::VERDICT_FAIL:
      return "fail";
    case v1::Outcome::VERDICT_UNKNOWN:
      return "unknown";
    case v1::Outcome::VERDICT_STALE:
      return "stale";
    default:
      return "-";
  }
}

// Left-aligned columns, two blanks apart.
std::string Columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    if (widths.size() < row.size()) widths.resize(row.size());
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - row[i].size() + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

json OneDevice(const v1::Device& device) {
  return {
      {"device_id", device.device_id()},
      {"hostname", device.hostname()},
      {"platform", device.platform()},
      {"enrolled_at", TimeText(device.enrolled_at_ms())},
      {"last_seen", device.last_seen_ms() == 0 ? json() : json(TimeText(device.last_seen_ms()))},
      {"connected", device.connected()},
      {"tier", device.has_verdict() ? json(TierWord(device.tier())) : json()},
      {"key_protection", device.key_protection()}};
}

json OneOutcome(const v1::Outcome& outcome) {
  json tables = json::array();
  for (const std::string& table : outcome.tables()) tables.push_back(table);
  return {{"policy", outcome.policy()},
          {"verdict", VerdictWord(outcome.verdict())},
          {"mode", outcome.mode()},
          {"blocking", outcome.blocking()},
          {"demands", TierWord(outcome.demands())},
          {"observed", outcome.observed()},
          {"expected", outcome.expected()},
          {"resolution", outcome.resolution()},
          {"since", TimeText(outcome.since_ms())},
          {"deadline", outcome.deadline_ms() == 0 ? json() : json(TimeText(outcome.deadline_ms()))},
          {"case_code", outcome.case_code()},
          {"tables", tables}};
}

}  // namespace

std::string TierWord(v1::Tier tier) {
  switch (tier) {
    case v1::TIER_NONE:
      return "none";
    case v1::TIER_QUARANTINE:
      return "quarantine";
    case v1::TIER_LIMITED:
      return "limited";
    case v1::TIER_FULL:
      return "full";
    default:
      return "-";
  }
}

std::string TimeText(uint64_t wall_ms) {
  if (wall_ms == 0) return "-";
  return Timestamp(Millis(
      static_cast<int64_t>(std::min<uint64_t>(wall_ms, std::numeric_limits<int64_t>::max()))));
}

std::string DevicesText(const v1::ListDevicesResponse& devices) {
  std::vector<std::vector<std::string>> rows;
  rows.push_back({"DEVICE", "HOSTNAME", "PLATFORM", "TIER", "CONNECTED", "LAST SEEN"});
  for (const v1::Device& device : devices.devices()) {
    rows.push_back({device.device_id(), device.hostname(), device.platform(),
                    device.has_verdict() ? TierWord(device.tier()) : "-",
                    device.connected() ? "yes" : "no", TimeText(device.last_seen_ms())});
  }
  return Columns(rows);
}

std::string DeviceText(const v1::ShowDeviceResponse& shown) {
  const v1::Device& device = shown.device();
  std::string text =
      Columns({{"Device", device.device_id()},
               {"Hostname", device.hostname()},
               {"Platform", device.platform()},
               {"Enrolled", TimeText(device.enrolled_at_ms())},
               {"Last seen", TimeText(device.last_seen_ms())},
               {"Connected", device.connected() ? "yes" : "no"},
               {"Identity key", device.key_protection()},
               {"Tier", device.has_verdict() ? TierWord(device.tier()) : "no verdict yet"}});
  if (shown.outcomes_size() > 0) text += "\nPolicies\n";
  std::vector<std::vector<std::string>> outcomes;
  for (const v1::Outcome& outcome : shown.outcomes()) {
    outcomes.push_back({"  " + std::string(VerdictWord(outcome.verdict())), outcome.mode(),
                        outcome.policy(), outcome.case_code(), outcome.observed()});
  }
  text += Columns(outcomes);
  if (shown.decisions_size() > 0) text += "\nDecisions, newest first\n";
  std::vector<std::vector<std::string>> decisions;
  for (const v1::Decision& decision : shown.decisions()) {
    decisions.push_back({"  " + TimeText(decision.at_ms()), std::to_string(decision.decision_id()),
                         TierWord(decision.from()) + " -> " + TierWord(decision.to()),
                         decision.reason()});
  }
  return text + Columns(decisions);
}

std::string StatusText(const v1::GetStatusResponse& status) {
  std::string text = Columns(
      {{"Version", status.version()},
       {"Policy set", status.policy_set()},
       {"Policy file", status.policy_error().empty() ? std::string("in force")
                                                     : "NOT TAKEN: " + status.policy_error()},
       {"Devices", std::to_string(status.connected_devices()) + " connected"},
       {"Gateways", std::to_string(status.connected_gates()) + " connected"}});
  std::vector<std::vector<std::string>> counters;
  const std::map<std::string, uint64_t> sorted(status.counters().begin(), status.counters().end());
  for (const auto& [name, count] : sorted) {
    counters.push_back({"  " + name, std::to_string(count)});
  }
  if (!counters.empty()) text += "\nSince the start\n";
  return text + Columns(counters);
}

json DevicesJson(const v1::ListDevicesResponse& devices) {
  json list = json::array();
  for (const v1::Device& device : devices.devices()) list.push_back(OneDevice(device));
  return {{"schema", "sallyport.devices/v1"}, {"devices", list}};
}

json DeviceJson(const v1::ShowDeviceResponse& shown) {
  json outcomes = json::array();
  for (const v1::Outcome& outcome : shown.outcomes()) outcomes.push_back(OneOutcome(outcome));
  json decisions = json::array();
  for (const v1::Decision& decision : shown.decisions()) {
    decisions.push_back({{"decision_id", decision.decision_id()},
                         {"at", TimeText(decision.at_ms())},
                         {"from", TierWord(decision.from())},
                         {"to", TierWord(decision.to())},
                         {"reason", decision.reason()}});
  }
  return {{"schema", "sallyport.device/v1"},
          {"device", OneDevice(shown.device())},
          {"outcomes", outcomes},
          {"decisions", decisions}};
}

json StatusJson(const v1::GetStatusResponse& status) {
  json counters = json::object();
  for (const auto& [name, count] : status.counters()) counters[name] = count;
  return {{"schema", "sallyport.service-status/v1"},
          {"version", status.version()},
          {"policy_set", status.policy_set()},
          {"policy_error", status.policy_error().empty() ? json() : json(status.policy_error())},
          {"connected_devices", status.connected_devices()},
          {"connected_gates", status.connected_gates()},
          {"counters", counters}};
}

json TokenJson(const v1::CreateTokenResponse& token) {
  return {{"schema", "sallyport.token/v1"},
          {"token", token.token()},
          {"expires_at", TimeText(token.expires_at_ms())}};
}

json AppliedJson(const v1::ApplyPolicyResponse& applied, bool dry_run) {
  json warnings = json::array();
  for (const std::string& warning : applied.warnings()) warnings.push_back(warning);
  return {{"schema", "sallyport.policy-applied/v1"},
          {"policy_set", applied.policy_set()},
          {"policies", applied.policies()},
          {"dry_run", dry_run},
          {"warnings", warnings}};
}

}  // namespace sallyport
