// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/json_view.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "agent/cli/human.h"
#include "agent/cli/standing.h"
#include "attestation/keys.h"
#include "base/hex.h"
#include "base/text.h"
#include "base/timestamp.h"

namespace sallyport {
namespace {

using Json = nlohmann::ordered_json;

Millis FromMs(uint64_t ms) { return Millis(static_cast<Millis::rep>(ms)); }

Json Document(const char* schema, Millis now) {
  return {{"schema", schema}, {"generated_at", Timestamp(now)}};
}

constexpr int kOneLine = -1;

std::string Dump(const Json& json, int indent = 2) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json MomentOrNull(uint64_t wall_ms) {
  return wall_ms == 0 ? Json(nullptr) : Json(Timestamp(FromMs(wall_ms)));
}

std::string StateWord(v1::TableResult::State state) {
  if (state == v1::TableResult::STATE_UNSPECIFIED) return "unknown";
  return StateName(static_cast<State>(static_cast<int>(state) - 1));
}

const char* StandingWord(ExitCode code) {
  switch (code) {
    case ExitCode::kOk:
      return "compliant";
    case ExitCode::kInGrace:
      return "in_grace";
    case ExitCode::kNotCompliant:
      return "not_compliant";
    case ExitCode::kNotEnrolled:
      return "not_enrolled";
    default:
      return "unknown";
  }
}

Json OutcomeJson(const v1::Outcome& outcome) {
  Json tables = Json::array();
  for (const std::string& table : outcome.tables()) tables.push_back(table);
  return {{"policy", outcome.policy()},
          {"outcome", Lower(OutcomeWord(outcome.verdict()))},
          {"mode", outcome.mode()},
          {"blocking", outcome.blocking()},
          {"demands", Lower(TierWord(outcome.demands()))},
          {"description", outcome.description()},
          {"observed", outcome.observed()},
          {"expected", outcome.expected()},
          {"resolution", outcome.resolution()},
          {"since", MomentOrNull(outcome.since_ms())},
          {"deadline", MomentOrNull(outcome.deadline_ms())},
          {"case_code", outcome.case_code()},
          {"tables", tables}};
}

Json OutcomesJson(const v1::AttestationResult& result) {
  Json outcomes = Json::array();
  for (const v1::Outcome& outcome : result.outcomes()) outcomes.push_back(OutcomeJson(outcome));
  return outcomes;
}

Json StandingJson(const Standing& standing) {
  return {{"standing", StandingWord(standing.code)},
          {"exit_code", static_cast<int>(standing.code)},
          {"tier", Lower(TierWord(standing.tier))},
          {"deadline", MomentOrNull(static_cast<uint64_t>(standing.deadline.count()))},
          {"why", standing.why}};
}

Json ServiceJson(const v1::AgentStatus& status) {
  return {{"address", status.service_address()},
          {"connected", status.connected()},
          {"connected_since", MomentOrNull(status.connected_since_ms())},
          {"error", status.connection_error()},
          {"policy_set", status.manifest_policy_set()},
          {"certificate_not_after", MomentOrNull(status.leaf_not_after_ms())}};
}

Json ResultJson(const v1::AgentStatus& status) {
  if (!status.has_result()) return nullptr;
  const v1::AttestationResult& result = status.last_result();
  return {{"accepted", result.verdict() == v1::AttestationResult::VERDICT_ACCEPTED},
          {"reason", result.reason()},
          {"detail", result.detail()},
          {"evidence_digest", ToHex(result.evidence_digest())},
          {"decision_id", result.decision_id()},
          {"judged_at", MomentOrNull(result.judged_at_ms())},
          {"age_ms", status.now_boot_ms() - status.last_result_boot_ms()},
          {"clock_skew_ms", status.clock_skew_ms()}};
}

Json CollectorsJson(const v1::AgentStatus& status) {
  Json collectors = Json::array();
  for (const v1::CollectorState& state : status.collectors()) {
    collectors.push_back({{"table", state.table()},
                          {"state", StateWord(state.state())},
                          {"error", state.error()},
                          {"took_us", state.took_us()},
                          {"age_ms", state.age_ms()},
                          {"rows", state.rows()}});
  }
  return collectors;
}

// NULL is null, "could not be told" is {"unknown": true}; text that is not UTF-8 is {"hex": ...}.
Json CellJson(const v1::Cell& cell) {
  switch (cell.value_case()) {
    case v1::Cell::kUnknown:
      return {{"unknown", true}};
    case v1::Cell::kInteger:
      return cell.integer();
    case v1::Cell::kReal:
      return cell.real();
    case v1::Cell::kText:
      return cell.text();
    case v1::Cell::kRawText:
      return {{"hex", ToHex(cell.raw_text())}};
    default:
      return nullptr;
  }
}

Json TableJson(const v1::TableResult& table) {
  Json rows = Json::array();
  for (const v1::Row& row : table.rows()) {
    Json cells = Json::object();
    for (int i = 0; i < row.cells_size() && i < table.columns_size(); ++i) {
      cells[table.columns(i)] = CellJson(row.cells(i));
    }
    rows.push_back(cells);
  }
  Json keys = Json::array();
  for (const v1::Key& key : table.keys()) {
    keys.push_back({{"column", key.column()}, {"value", key.value()}, {"like", key.like()}});
  }
  return {
      {"table", table.table()},
      {"keys", keys},
      {"columns", Json(std::vector<std::string>(table.columns().begin(), table.columns().end()))},
      {"state", StateWord(table.state())},
      {"error", table.error()},
      {"age_ms", table.age_ms()},
      {"took_us", table.took_us()},
      {"source", table.source()},
      {"sent_as_digest", !table.unchanged_digest().empty()},
      {"rows", rows}};
}

Json StatusDocument(const v1::AgentStatus& status, Millis now) {
  Json json = Document("sallyport.status/v1", now);
  json["device_id"] = status.device_id();
  json["agent_version"] = status.agent_version();
  json["key"] = status.key_uri();
  json["verdict"] = StandingJson(StandingOf(status));
  json["lease_left_ms"] = status.lease_left_ms();
  json["service"] = ServiceJson(status);
  json["result"] = ResultJson(status);
  json["outcomes"] = OutcomesJson(status.last_result());
  json["collector_connected"] = status.collector_connected();
  json["collectors"] = CollectorsJson(status);
  json["spool"] = {{"waiting", status.spooled()}, {"dropped", status.spool_dropped()}};
  return json;
}

}  // namespace

std::string StatusJson(const v1::AgentStatus& status, Millis now) {
  return Dump(StatusDocument(status, now));
}

std::string StatusJsonLine(const v1::AgentStatus& status, Millis now) {
  return Dump(StatusDocument(status, now), kOneLine);
}

Result<std::string> ExplainJson(const v1::AgentStatus& status, const std::string& policy,
                                Millis now) {
  Json json = Document("sallyport.explain/v1", now);
  json["verdict"] = StandingJson(StandingOf(status));
  Json outcomes = Json::array();
  for (const v1::Outcome& outcome : status.last_result().outcomes()) {
    if (policy.empty() || outcome.policy() == policy) outcomes.push_back(OutcomeJson(outcome));
  }
  if (!policy.empty() && outcomes.empty()) {
    return Fail(Code::kNotFound, "the last verdict knows no policy " + Printable(policy));
  }
  json["outcomes"] = outcomes;
  return Dump(json);
}

std::string EvidenceJson(const v1::EvidenceResponse& response, const EvidenceView& view,
                         Millis now) {
  const v1::Evidence& evidence = view.evidence;
  Json json = Document("sallyport.evidence/v1", now);
  json["digest"] = view.digest;
  json["key_id"] = view.key_id;
  json["signature_verifies"] = true;
  json["accepted"] = view.accepted;
  json["device_id"] = evidence.device_id();
  json["epoch"] = evidence.epoch();
  json["sequence"] = evidence.sequence();
  json["offline"] = evidence.offline();
  json["previous_digest"] = ToHex(evidence.previous_digest());
  json["manifest_digest"] = ToHex(evidence.manifest_digest());
  json["spool_dropped"] = evidence.spool_dropped();
  json["tables"] = Json::array();
  for (const v1::TableResult& table : view.tables) json["tables"].push_back(TableJson(table));
  // DSSE's own JSON form: the exact bytes, for whoever wants to verify them elsewhere.
  const v1::Envelope& envelope = response.envelope();
  json["envelope"] = {{"payloadType", envelope.payload_type()},
                      {"payload", ToBase64(envelope.payload())},
                      {"signatures", Json::array()}};
  for (const v1::Envelope::Signature& signature : envelope.signatures()) {
    json["envelope"]["signatures"].push_back(
        {{"keyid", signature.keyid()}, {"sig", ToBase64(signature.sig())}});
  }
  json["public_key"] = ToBase64(response.public_key());
  return Dump(json);
}

std::string DoctorJson(const std::vector<Check>& checks, Millis now) {
  Json json = Document("sallyport.doctor/v1", now);
  json["exit_code"] = static_cast<int>(DoctorCode(checks));
  json["checks"] = Json::array();
  for (const Check& check : checks) {
    json["checks"].push_back({{"id", check.id},
                              {"name", check.name},
                              {"outcome", Lower(OutcomeName(check.outcome))},
                              {"detail", check.detail},
                              {"fix", check.fix}});
  }
  return Dump(json);
}

}  // namespace sallyport
