// SPDX-License-Identifier: Apache-2.0
#include "agent/lint/finding.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "base/hex.h"

namespace sallyport {
namespace {

constexpr std::array<const char*, 3> kSeverityNames = {"note", "warning", "error"};
constexpr std::array<const char*, 3> kKindNames = {"fail", "unknown", "file"};
constexpr size_t kFingerprintBytes = 16;

// Each part with its length before it: no two lists of parts give one text.
std::string Digest(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (std::string_view part : parts) {
    text += std::to_string(part.size()) + ":" + std::string(part);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), bytes.data(), &size, EVP_sha256(), nullptr);
  return ToHex(std::string_view(reinterpret_cast<const char*>(bytes.data()), kFingerprintBytes));
}

}  // namespace

const char* SeverityName(Severity severity) {
  return kSeverityNames.at(static_cast<size_t>(severity));
}

std::optional<Severity> SeverityFromName(std::string_view name) {
  const auto found = std::ranges::find(kSeverityNames, name);
  if (found == kSeverityNames.end()) return std::nullopt;
  return static_cast<Severity>(found - kSeverityNames.begin());
}

Severity SeverityOf(const Policy& policy) {
  if (policy.mode == Mode::kBlock || policy.critical) return Severity::kError;
  return policy.mode == Mode::kWarn ? Severity::kWarning : Severity::kNote;
}

const char* FindingKindName(FindingKind kind) { return kKindNames.at(static_cast<size_t>(kind)); }

void FinishReport(ConfigReport* report) {
  std::ranges::stable_sort(report->findings, {}, [](const ConfigFinding& finding) {
    return std::tie(finding.path, finding.line, finding.column, finding.rule);
  });
  std::ranges::stable_sort(report->files_read, {}, &ReadFile::path);
  std::ranges::stable_sort(report->files_unread, {}, &UnreadFile::path);
  std::map<std::string, int> seen;
  const auto told_apart = [&seen](const std::string& digest) {
    const int before = seen[digest]++;
    return before == 0 ? digest : Digest({digest, std::to_string(before)});
  };
  for (ConfigFinding& finding : report->findings) {
    finding.fingerprint = told_apart(
        Digest({finding.rule, FindingKindName(finding.kind), finding.path, finding.observed}));
  }
  for (UnreadFile& unread : report->files_unread) {
    unread.fingerprint = told_apart(Digest({"unread", unread.kind, unread.path}));
  }
}

}  // namespace sallyport
