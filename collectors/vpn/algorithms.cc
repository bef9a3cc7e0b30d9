// SPDX-License-Identifier: Apache-2.0
#include "collectors/vpn/algorithms.h"

#include <algorithm>

#include "base/text.h"

namespace sallyport {
namespace {

using enum AlgorithmKind;

// proposal_create_default() and proposal_create_default_aead(), as charon-systemd of Debian 12
// logs them.
constexpr std::string_view kIkeBlocks =
    "aes128-aes192-aes256-aes128ctr-aes192ctr-aes256ctr-camellia128-camellia192-camellia256-"
    "camellia128ctr-camellia192ctr-camellia256ctr-3des-sha256-sha384-sha512-aesxcbc-aescmac-sha1";
constexpr std::string_view kIkeAead =
    "aes128ccm16-aes192ccm16-aes256ccm16-aes128gcm16-aes192gcm16-aes256gcm16-chacha20poly1305-"
    "camellia128ccm16-camellia192ccm16-camellia256ccm16-aes128ccm8-aes192ccm8-aes256ccm8-"
    "aes128ccm12-aes192ccm12-aes256ccm12-aes128gcm8-aes192gcm8-aes256gcm8-aes128gcm12-aes192gcm12-"
    "aes256gcm12-camellia128ccm8-camellia192ccm8-camellia256ccm8-camellia128ccm12-"
    "camellia192ccm12-camellia256ccm12";
constexpr std::string_view kIkeRest =
    "-prfsha256-prfsha384-prfsha512-prfaesxcbc-prfaescmac-prfsha1-curve25519-curve448-ecp256-"
    "ecp384-ecp521-ecp256bp-ecp384bp-ecp512bp-modp3072-modp4096-modp6144-modp8192-modp2048";
constexpr std::string_view kEspAead = "aes128gcm16-aes192gcm16-aes256gcm16";
constexpr std::string_view kEspBlocks = "aes128-aes192-aes256-sha256-sha384-sha512-sha1-aesxcbc";
constexpr std::string_view kAh = "sha256-sha384-sha512-sha1-aesxcbc";

// Unwritten, ESP begins with AEAD; where "default" is a word of the list, with the others.
std::vector<std::string> DefaultProposals(ProposalPhase phase, bool written) {
  if (phase == ProposalPhase::kAh) return {std::string(kAh)};
  if (phase == ProposalPhase::kIke) {
    return {std::string(kIkeBlocks) + std::string(kIkeRest),
            std::string(kIkeAead) + std::string(kIkeRest)};
  }
  if (written) return {std::string(kEspBlocks), std::string(kEspAead)};
  return {std::string(kEspAead), std::string(kEspBlocks)};
}

struct Proposal {
  std::string text;
  bool is_default = false;
  bool lower = true;  // as it is written; charon knows no other words
};

std::vector<Proposal> ProposalsOf(std::string_view list, ProposalPhase phase) {
  std::vector<Proposal> out;
  bool any = false;
  for (std::string_view part : Split(list, ',')) {
    const std::string text = Lower(Trim(part));
    if (text.empty()) continue;
    any = true;
    if (text != "default") {
      out.push_back({text, false, text == Trim(part)});
      continue;
    }
    for (std::string& each : DefaultProposals(phase, true)) out.push_back({std::move(each), true});
  }
  if (any) return out;
  for (std::string& each : DefaultProposals(phase, false)) out.push_back({std::move(each), true});
  return out;
}

std::vector<OfferedAlgorithm> WordsOf(const Proposal& proposal) {
  std::vector<OfferedAlgorithm> out;
  for (std::string_view part : Split(proposal.text, '-')) {
    const std::string word(Trim(part));
    if (!word.empty()) out.push_back({word, FindAlgorithm(word), 1, proposal.is_default});
  }
  return out;
}

bool Is(const OfferedAlgorithm& word, AlgorithmKind kind) {
  return word.algorithm && word.algorithm->kind == kind;
}

bool Has(const std::vector<OfferedAlgorithm>& words, AlgorithmKind kind) {
  return std::ranges::any_of(words, [&](const auto& word) { return Is(word, kind); });
}

bool IsNoKeyExchange(const OfferedAlgorithm& word) {
  return word.algorithm && word.algorithm->transform == "KE_NONE";
}

bool IsGmac(const OfferedAlgorithm& word) {
  return word.algorithm && word.algorithm->transform.starts_with("NULL_AES_GMAC");
}

// The PRF of the same function; "" where there is none, as for sha256_96.
std::string PrfOf(std::string_view integrity_transform) {
  constexpr std::pair<std::string_view, std::string_view> kPrfs[] = {
      {"HMAC_MD5_96", "prfmd5"},          {"HMAC_MD5_128", "prfmd5"},
      {"HMAC_SHA1_96", "prfsha1"},        {"HMAC_SHA1_160", "prfsha1"},
      {"HMAC_SHA2_256_128", "prfsha256"}, {"HMAC_SHA2_384_192", "prfsha384"},
      {"HMAC_SHA2_512_256", "prfsha512"}, {"AES_XCBC_96", "prfaesxcbc"},
      {"AES_CMAC_96", "prfaescmac"},      {"CAMELLIA_XCBC_96", "prfcamelliaxcbc"}};
  for (const auto& [integrity, prf] : kPrfs) {
    if (integrity == integrity_transform) return std::string(prf);
  }
  return "";
}

// RFC 7296, 2.14: IKE needs a PRF; charon takes those of the integrity functions.
void AddPrfs(std::vector<OfferedAlgorithm>* words) {
  if (Has(*words, kPrf)) return;
  std::vector<OfferedAlgorithm> prfs;
  for (const OfferedAlgorithm& word : *words) {
    if (!Is(word, kIntegrity)) continue;
    const std::string prf = PrfOf(word.algorithm->transform);
    if (!prf.empty()) prfs.push_back({prf, FindAlgorithm(prf), 1, true});
  }
  words->insert(words->end(), prfs.begin(), prfs.end());
}

bool HasAead(const std::vector<OfferedAlgorithm>& words) {
  return std::ranges::any_of(words, [](const auto& w) { return w.algorithm && w.algorithm->aead; });
}

std::string WhyRefusedOne(std::vector<OfferedAlgorithm> words, ProposalPhase phase) {
  for (const OfferedAlgorithm& word : words) {
    if (!word.algorithm) return "\"" + Excerpt(word.keyword, 40) + "\" is no algorithm";
  }
  if (phase == ProposalPhase::kAh) {
    // GMAC is a word of encryption that only authenticates, RFC 4543.
    const bool gmac = std::ranges::any_of(words, IsGmac);
    return Has(words, kIntegrity) || gmac ? "" : "a proposal without integrity";
  }
  const bool plain = std::ranges::any_of(
      words, [](const auto& w) { return Is(w, kEncryption) && !w.algorithm->aead; });
  if (!Has(words, kEncryption)) return "a proposal without encryption";
  if (plain && HasAead(words)) return "a proposal that mixes AEAD with other encryption";
  if (phase == ProposalPhase::kEsp) return "";
  if (plain && !Has(words, kIntegrity)) return "a proposal without integrity";
  AddPrfs(&words);
  if (!Has(words, kPrf)) return "a proposal without PRF";
  const bool exchange = std::ranges::any_of(
      words, [](const auto& w) { return Is(w, kKeyExchange) && !IsNoKeyExchange(w); });
  return exchange ? "" : "a proposal without key exchange";
}

// Does the word count in this phase?
bool Counts(const OfferedAlgorithm& word, ProposalPhase phase, bool aead) {
  if (!word.algorithm) return true;
  const AlgorithmKind kind = word.algorithm->kind;
  if (kind == kIntegrity) return !aead || phase == ProposalPhase::kAh;
  if (kind == kPrf) return phase == ProposalPhase::kIke;
  if (kind == kEncryption) return phase != ProposalPhase::kAh || IsGmac(word);
  return true;
}

std::vector<OfferedAlgorithm> OfferedByOne(const Proposal& proposal, ProposalPhase phase) {
  std::vector<OfferedAlgorithm> words = WordsOf(proposal);
  const bool refused = !proposal.is_default && !WhyRefusedOne(words, phase).empty();
  if (refused) return words;
  if (phase == ProposalPhase::kIke) {
    AddPrfs(&words);
    std::erase_if(words, IsNoKeyExchange);
  }
  const bool aead = HasAead(words);
  std::erase_if(words, [&](const auto& word) { return !Counts(word, phase, aead); });
  std::ranges::stable_sort(words, {}, [](const auto& word) {
    return word.algorithm ? static_cast<int>(word.algorithm->kind) : 99;
  });
  return words;
}

const char* PhasePrefix(ProposalPhase phase) {
  if (phase == ProposalPhase::kIke) return "IKE:";
  return phase == ProposalPhase::kEsp ? "ESP:" : "AH:";
}

}  // namespace

std::vector<OfferedAlgorithm> OfferedBy(std::string_view proposals, ProposalPhase phase) {
  std::vector<OfferedAlgorithm> out;
  int number = 0;
  for (const Proposal& proposal : ProposalsOf(proposals, phase)) {
    ++number;
    for (OfferedAlgorithm& word : OfferedByOne(proposal, phase)) {
      word.proposal = number;
      out.push_back(std::move(word));
    }
  }
  return out;
}

std::string WhyRefused(std::string_view proposals, ProposalPhase phase) {
  for (const Proposal& proposal : ProposalsOf(proposals, phase)) {
    if (proposal.is_default) continue;
    if (!proposal.lower) return "a proposal with capital letters";
    const std::string why = WhyRefusedOne(WordsOf(proposal), phase);
    if (!why.empty()) return why;
  }
  return "";
}

std::string AsCharonPrints(const std::vector<OfferedAlgorithm>& offered, ProposalPhase phase) {
  std::vector<std::string> proposals;
  bool sequence = false;
  const auto close = [&] {
    if (!proposals.empty() && !sequence && phase != ProposalPhase::kIke) {
      proposals.back() += (proposals.back().ends_with(':') ? "" : "/") + std::string("NO_EXT_SEQ");
    }
    sequence = false;
  };
  int number = 0;
  for (const OfferedAlgorithm& word : offered) {
    if (word.proposal != number) {
      close();
      proposals.emplace_back(PhasePrefix(phase));
      number = word.proposal;
    }
    if (!word.algorithm) continue;
    sequence = sequence || word.algorithm->kind == kSequence;
    if (!proposals.back().ends_with(':')) proposals.back() += "/";
    proposals.back() += word.algorithm->transform;
  }
  close();
  return Join(proposals, ", ");
}

}  // namespace sallyport
