// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <limits>

#include "attestation/durable_file.h"
#include "attestation/evidence.h"
#include "attestation/keys.h"
#include "base/hex.h"
#include "base/text.h"

namespace sallyport {
namespace {

constexpr std::string_view kMagic = "sallyport-chain v1";
constexpr uint64_t kBlock = 1000;
// Far above what a device can reach by itself; leaves room to count on.
constexpr uint64_t kMaxEpoch = 1ull << 62;

// One line, "sallyport-chain v1 <epoch> <reserved until> <SHA-256 of what stands before it>\n": the
// digest tells a torn or edited file from a whole one.
std::string RenderState(uint64_t epoch, uint64_t reserved_until) {
  const std::string body =
      std::string(kMagic) + " " + std::to_string(epoch) + " " + std::to_string(reserved_until);
  return body + " " + ToHex(Sha256(body)) + "\n";
}

bool ParseU64(std::string_view text, uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

Result<uint64_t> EpochOf(std::string_view content, const std::string& path) {
  const auto fields = Split(content, ' ');
  uint64_t epoch = 0;
  uint64_t reserved_until = 0;
  if (fields.size() != 5 || !ParseU64(fields[2], epoch) || !ParseU64(fields[3], reserved_until) ||
      RenderState(epoch, reserved_until) != content || epoch == 0) {
    return Fail(Code::kMalformed, path + ": not the state of an evidence chain");
  }
  return epoch;
}

}  // namespace

Result<EvidenceChain> EvidenceChain::Open(const std::string& path) {
  EvidenceChain chain;
  chain.path_ = path;
  const auto content = ReadSmallFile(path);
  if (content) {
    const auto epoch = EpochOf(*content, path);
    if (!epoch) return tl::unexpected(epoch.error());
    chain.epoch_ = *epoch;
  } else if (content.error().code != Code::kNotFound) {
    return tl::unexpected(content.error());
  }
  if (const Status s = chain.NewEpoch(); !s) return tl::unexpected(s.error());
  return chain;
}

Result<EvidenceChain::Position> EvidenceChain::Next() {
  if (next_ > reserved_until_) {
    const uint64_t until = reserved_until_ + kBlock;
    const Status s = ReplaceSmallFile(path_, RenderState(epoch_, until), FileAccess::kOwner);
    if (!s) return tl::unexpected(s.error());
    reserved_until_ = until;
  }
  return Position{epoch_, next_++, last_digest_};
}

void EvidenceChain::Sent(std::string_view payload) { last_digest_ = Sha256(payload); }

Status EvidenceChain::NewEpoch(uint64_t above) {
  const uint64_t base = std::max(epoch_, above);
  if (base >= kMaxEpoch) {
    return Fail(Code::kInvalidArgument, path_ + ": no epoch above " + std::to_string(base));
  }
  const Status s = ReplaceSmallFile(path_, RenderState(base + 1, kBlock), FileAccess::kOwner);
  if (!s) return s;
  epoch_ = base + 1;
  next_ = 1;
  reserved_until_ = kBlock;
  last_digest_.clear();
  return {};
}

}  // namespace sallyport
