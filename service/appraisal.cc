// SPDX-License-Identifier: Apache-2.0
#include "service/appraisal.h"

#include <algorithm>
#include <optional>

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

Result<TableResult> TableOf(const HeldTable& held) {
  v1::TableResult message;
  if (!message.ParseFromString(*held.bytes)) return Fail(Code::kInternal, "held table");
  return FromProto(message);
}

// The held table with this digest and name, or null. Digests are made when first asked for.
const HeldTable* FindUnchanged(Device& device, const v1::TableResult& message) {
  for (HeldTable& held : device.held) {
    if (held.table != message.table()) continue;
    if (held.digest.empty()) {
      const Result<TableResult> table = TableOf(held);
      if (!table) continue;
      held.digest = TableDigest(*table);
    }
    if (held.digest == message.unchanged_digest()) return &held;
  }
  return nullptr;
}

Refusal RefusalOf(const Error& error) {
  return {error.code == Code::kTooLarge ? refusal::kTooLarge : refusal::kMalformed, error.message};
}

// Whether the message says, but for its times, what is held: then it was checked when it came.
bool IsHeld(v1::TableResult& message, const HeldTable& held) {
  thread_local std::string scratch;
  const uint64_t age = message.age_ms();
  const uint64_t took = message.took_us();
  if (age > kMaxDuration || took > kMaxDuration) return false;
  message.clear_age_ms();
  message.clear_took_us();
  message.SerializeToString(&scratch);
  message.set_age_ms(age);
  message.set_took_us(took);
  return scratch == *held.bytes;
}

HeldTable AtTimesOf(const HeldTable& known, const v1::TableResult& message) {
  HeldTable held = known;
  held.age = Millis(message.age_ms());
  held.took = std::chrono::microseconds(message.took_us());
  return held;
}

// A table that travelled with its rows; `before` is what is held in its place, or null.
Result<HeldTable> WithRows(v1::TableResult& message, const HeldTable* before) {
  if (before != nullptr && IsHeld(message, *before)) return AtTimesOf(*before, message);
  Result<TableResult> checked = FromProto(message);
  if (!checked) return tl::unexpected(checked.error());
  message.clear_age_ms();
  message.clear_took_us();
  return HeldTable{.table = std::move(checked->table),
                   .keys = std::move(checked->keys),
                   .bytes = std::make_shared<const std::string>(message.SerializeAsString()),
                   .digest = {},
                   .age = checked->age,
                   .took = checked->took};
}

// A table that travelled as a digest; nothing when what it is the digest of is not held.
Result<std::optional<HeldTable>> AsBefore(const v1::TableResult& message, Device& device) {
  const Result<TableResult> checked = FromProto(message);
  if (!checked) return tl::unexpected(checked.error());
  const HeldTable* known = FindUnchanged(device, message);
  if (known == nullptr || known->keys != checked->keys) return std::nullopt;
  return AtTimesOf(*known, message);
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

tl::expected<Tables, Refusal> ReadTables(Device& device, v1::Evidence& evidence) {
  const auto count = static_cast<size_t>(evidence.tables_size());
  if (count > kMaxTables) return Refuse(refusal::kTooLarge, std::to_string(count) + " tables");
  Tables tables;
  tables.held.reserve(count);
  tables.same = count == device.held.size();
  size_t bytes = 0;
  for (size_t i = 0; i < count; ++i) {
    v1::TableResult& message = *evidence.mutable_tables(static_cast<int>(i));
    const HeldTable* before = i < device.held.size() ? &device.held[i] : nullptr;
    Result<std::optional<HeldTable>> held;
    if (message.unchanged_digest().empty()) {
      held = WithRows(message, before);
    } else if (held = AsBefore(message, device); held && bytes > kMaxEvidenceBytes) {
      held = std::nullopt;  // what is held may not grow past what one evidence could carry
    }
    if (!held) return tl::unexpected(RefusalOf(held.error()));
    if (!*held) {
      tables.missing.push_back(message.table());
      tables.same = false;
      continue;
    }
    bytes += (*held)->bytes->size();
    tables.same = tables.same && (*held)->bytes == before->bytes;
    tables.held.push_back(**std::move(held));
  }
  return tables;
}

std::vector<TableResult> Unpacked(const std::vector<HeldTable>& held, Millis elapsed) {
  std::vector<TableResult> tables;
  tables.reserve(held.size() + 1);
  for (const HeldTable& one : held) {
    Result<TableResult> table = TableOf(one);
    if (!table) continue;
    table->age = one.age + elapsed;
    table->took = one.took;
    tables.push_back(*std::move(table));
  }
  return tables;
}

}  // namespace sallyport
