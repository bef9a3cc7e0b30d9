// SPDX-License-Identifier: Apache-2.0
// Appraisal of one evidence before it is judged: signature, form, device, freshness, order, and
// the rows behind digests of unchanged tables. Pure over the device and its stream.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sallyport/v1/evidence.pb.h"
#include "service/device.h"

namespace sallyport {

struct Refusal {
  std::string_view reason;  // a word of attestation/verifier.h
  std::string detail;
};
using Verified = tl::expected<void, Refusal>;

// Size, signature, then the payload parsed into `evidence`, and that it is this device's own.
// Needs no lock.
Verified VerifyAndParse(const Device& device, const v1::Envelope& envelope, v1::Evidence* evidence);

enum class Standing { kNext, kRepeated /*the newest again*/, kGap };
// Spends the nonce (not of offline evidence, nor of one that is repeated) and checks the order.
tl::expected<Standing, Refusal> CheckFreshAndInOrder(const Device& device, Session& session,
                                                     const v1::Evidence& evidence,
                                                     std::string_view digest, Now now);

struct Tables {
  std::vector<HeldTable> held;
  std::vector<std::string> missing;  // names of tables whose unchanged digest is not known
  bool same = false;                 // but for their times they are those that the device holds
};
// Takes the times out of the evidence's tables.
tl::expected<Tables, Refusal> ReadTables(Device& device, v1::Evidence& evidence);

// The rows of held tables, as they are `elapsed` later.
std::vector<TableResult> Unpacked(const std::vector<HeldTable>& held, Millis elapsed);

}  // namespace sallyport
