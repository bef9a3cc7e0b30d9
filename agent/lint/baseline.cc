// SPDX-License-Identifier: Apache-2.0
#include "agent/lint/baseline.h"

#include <nlohmann/json.hpp>

namespace sallyport {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kSchema[] = "sallyport.lint-baseline/v1";
constexpr size_t kFingerprintDigits = 32;

bool IsFingerprint(const std::string& text) {
  return text.size() == kFingerprintDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::string BaselineJson(const ConfigReport& report) {
  Json borne = Json::array();
  for (const ConfigFinding& finding : report.findings) {
    if (finding.allowed) continue;
    borne.push_back(
        {{"fingerprint", finding.fingerprint}, {"rule", finding.rule}, {"path", finding.path}});
  }
  for (const UnreadFile& unread : report.files_unread) {
    borne.push_back(
        {{"fingerprint", unread.fingerprint}, {"rule", "unread"}, {"path", unread.path}});
  }
  const Json json = {{"schema", kSchema}, {"borne", borne}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::set<std::string>> ParseBaseline(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("schema", Json()) != kSchema || !json.contains("borne") ||
      !json["borne"].is_array()) {
    return Fail(Code::kMalformed, std::string("no baseline of schema ") + kSchema);
  }
  std::set<std::string> out;
  for (const Json& entry : json["borne"]) {
    const Json fingerprint = entry.is_object() ? entry.value("fingerprint", Json()) : Json();
    if (!fingerprint.is_string() || !IsFingerprint(fingerprint.get<std::string>())) {
      return Fail(Code::kMalformed, "entry " + std::to_string(out.size() + 1) +
                                        " has no fingerprint of 32 hexadecimal digits");
    }
    out.insert(fingerprint.get<std::string>());
  }
  return out;
}

void ApplyBaseline(const std::set<std::string>& baseline, ConfigReport* report) {
  for (ConfigFinding& finding : report->findings) {
    finding.in_baseline = baseline.contains(finding.fingerprint);
  }
  for (UnreadFile& unread : report->files_unread) {
    unread.in_baseline = baseline.contains(unread.fingerprint);
  }
}

}  // namespace sallyport
