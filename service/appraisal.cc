// SPDX-License-Identifier: Apache-2.0
#include "service/appraisal.h"

#include <algorithm>

#include "base/text.h"

namespace sallyport {
namespace {

tl::unexpected<Refusal> Refuse(std::string_view reason, std::string detail) {
  return tl::unexpected<Refusal>(Refusal{reason, std::move(detail)});
}

std::string PositionText(uint64_t epoch, uint64_t sequence) {
  return "epoch " + std::to_string(epoch) + " sequence " + std::to_string(sequence);
}

std::string_view NonceWord(const Error& error) {
  for (const std::string_view word : {refusal::kSpentNonce, refusal::kExpiredNonce}) {
    if (error.message.find(word) != std::string::npos) return word;
  }
  return refusal::kUnknownNonce;
}

// The held table with this digest and name, or null. Digests are made when first asked for.
const HeldTable* FindUnchanged(Device& device, const v1::TableResult& message) {
  for (HeldTable& held : device.held) {
    if (held.digest.empty()) {
      v1::TableResult parsed;
      if (!parsed.ParseFromString(*held.bytes)) continue;
      const Result<TableResult> table = FromProto(parsed);
      if (!table) continue;
      held.digest = TableDigest(*table);
    }
    if (held.digest == message.unchanged_digest()) return &held;
  }
  return nullptr;
}

Result<TableResult> TableOf(const HeldTable& held) {
  v1::TableResult message;
  if (!message.ParseFromString(*held.bytes)) return Fail(Code::kInternal, "held table");
  return FromProto(message);
}

}  // namespace

Verified VerifyAndParse(const Device& device, const v1::Envelope& envelope,
                        v1::Evidence* evidence) {
  const std::string& payload = envelope.payload();
  if (payload.size() > kMaxEvidenceBytes) {
    return Refuse(refusal::kTooLarge, "evidence: " + std::to_string(payload.size()) + " bytes of " +
                                          std::to_string(kMaxEvidenceBytes));
  }
  if (envelope.signatures_size() == 1 && envelope.signatures(0).keyid() != device.key.key_id()) {
    return Refuse(refusal::kWrongKey, "key id " + Excerpt(envelope.signatures(0).keyid(), 64) +
                                          " is not the one of " + device.id);
  }
  if (Status signature = VerifyEnvelope(device.key, kEvidenceType, envelope); !signature) {
    return Refuse(refusal::kBadSignature, signature.error().message);
  }
  if (!evidence->ParseFromString(payload)) {
    return Refuse(refusal::kMalformed, "evidence: not a message of its type");
  }
  if (evidence->device_id() != device.id) {
    return Refuse(refusal::kWrongDevice, "evidence of " + Excerpt(evidence->device_id(), 64) +
                                             " on the stream of " + device.id);
  }
  if (!OsFromName(evidence->platform())) {
    return Refuse(refusal::kMalformed, "platform " + Excerpt(evidence->platform(), 64));
  }
  return {};
}

tl::expected<Standing, Refusal> CheckFreshAndInOrder(const Device& device, Session& session,
                                                     const v1::Evidence& evidence,
                                                     std::string_view digest, Now now) {
  // An answer that was lost on the way is asked for by sending the same bytes again.
  if (!device.recent.empty() && device.recent.front().digest == digest) return Standing::kRepeated;
  if (!evidence.offline()) {
    if (Status spent = session.nonces.Spend(evidence.nonce(), now); !spent) {
      return Refuse(NonceWord(spent.error()), spent.error().message);
    }
  }
  const std::string at = PositionText(evidence.epoch(), evidence.sequence());
  switch (CheckChain(device.recent, evidence, digest)) {
    case ChainVerdict::kNext:
      return Standing::kNext;
    case ChainVerdict::kGap:
      return Standing::kGap;
    case ChainVerdict::kFork:
      return Refuse(refusal::kFork, at + ": another evidence follows the same predecessor");
    case ChainVerdict::kDuplicate:
    case ChainVerdict::kBackwards:
      break;
  }
  const std::string newest = device.recent.empty() ? "none"
                                                   : PositionText(device.recent.front().epoch,
                                                                  device.recent.front().sequence);
  return Refuse(refusal::kBackwards, at + ", the newest is " + newest);
}

tl::expected<Tables, Refusal> ReadTables(Device& device, const v1::Evidence& evidence) {
  if (evidence.tables_size() > kMaxTables) {
    return Refuse(refusal::kTooLarge, std::to_string(evidence.tables_size()) + " tables");
  }
  Tables tables;
  tables.results.reserve(static_cast<size_t>(evidence.tables_size()) + 1);
  tables.held.reserve(static_cast<size_t>(evidence.tables_size()));
  size_t held_bytes = 0;
  for (const v1::TableResult& message : evidence.tables()) {
    Result<TableResult> result = FromProto(message);
    if (!result) {
      const bool large = result.error().code == Code::kTooLarge;
      return Refuse(large ? refusal::kTooLarge : refusal::kMalformed, result.error().message);
    }
    HeldTable held{nullptr, {}, result->age};
    if (message.unchanged_digest().empty()) {
      held.bytes = std::make_shared<const std::string>(message.SerializeAsString());
    } else {
      // What is held may not grow past what one evidence could carry.
      const HeldTable* known =
          held_bytes < kMaxEvidenceBytes ? FindUnchanged(device, message) : nullptr;
      Result<TableResult> rows = known ? TableOf(*known) : result;
      if (!known || !rows || rows->table != result->table || rows->keys != result->keys) {
        tables.missing.push_back(result->table);
        continue;
      }
      held.bytes = known->bytes;
      held.digest = known->digest;
      rows->age = result->age;
      rows->took = result->took;
      result = std::move(rows);
    }
    held_bytes += held.bytes->size();
    tables.results.push_back(*std::move(result));
    tables.held.push_back(std::move(held));
  }
  return tables;
}

std::vector<TableResult> AgedTables(const Device& device, Millis elapsed) {
  std::vector<TableResult> tables;
  tables.reserve(device.held.size() + 1);
  for (const HeldTable& held : device.held) {
    Result<TableResult> table = TableOf(held);
    if (!table) continue;
    table->age = held.age + elapsed;
    tables.push_back(*std::move(table));
  }
  return tables;
}

}  // namespace sallyport
