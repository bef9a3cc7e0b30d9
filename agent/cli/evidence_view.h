// SPDX-License-Identifier: Apache-2.0
// `sallyport evidence show`: what left the laptop, after its signature was verified.
#pragma once

#include <string>
#include <vector>

#include "agent/cli/human.h"
#include "base/result.h"
#include "sallyport/v1/evidence.pb.h"
#include "sallyport/v1/local.pb.h"

namespace sallyport {

struct EvidenceView {
  std::string key_id;  // it verifies with this key
  std::string digest;  // SHA-256 of the payload
  bool accepted = false;
  v1::Evidence evidence;
  // Tables in order; of those that travelled as a digest the rows behind it, checked against it.
  std::vector<v1::TableResult> tables;
};

// Verifies the exact bytes before it parses them: kBadSignature. Rows that do not fit their signed
// digest are kBadSignature, too.
Result<EvidenceView> OpenEvidence(const v1::EvidenceResponse& response);

std::string EvidenceText(const EvidenceView& view, const Style& style);

}  // namespace sallyport
