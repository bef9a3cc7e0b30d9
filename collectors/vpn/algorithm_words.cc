// SPDX-License-Identifier: Apache-2.0
// The words of strongSwan's proposal_keywords_static.txt, 5.9.8: each as charon takes it. RFC 7296,
// 3.3.2 has the transforms.
#include <algorithm>

#include "collectors/vpn/algorithms.h"

namespace sallyport {
namespace {

using enum AlgorithmKind;

// Sorted by their words.
constexpr Algorithm kAlgorithms[] = {
    {"3des", kEncryption, "3DES_CBC", 168, false, true},
    {"aes", kEncryption, "AES_CBC_128", 128, false, false},
    {"aes128", kEncryption, "AES_CBC_128", 128, false, false},
    {"aes128ccm", kEncryption, "AES_CCM_16_128", 128, true, false},
    {"aes128ccm12", kEncryption, "AES_CCM_12_128", 128, true, false},
    {"aes128ccm128", kEncryption, "AES_CCM_16_128", 128, true, false},
    {"aes128ccm16", kEncryption, "AES_CCM_16_128", 128, true, false},
    {"aes128ccm64", kEncryption, "AES_CCM_8_128", 128, true, false},
    {"aes128ccm8", kEncryption, "AES_CCM_8_128", 128, true, false},
    {"aes128ccm96", kEncryption, "AES_CCM_12_128", 128, true, false},
    {"aes128ctr", kEncryption, "AES_CTR_128", 128, false, false},
    {"aes128gcm", kEncryption, "AES_GCM_16_128", 128, true, false},
    {"aes128gcm12", kEncryption, "AES_GCM_12_128", 128, true, false},
    {"aes128gcm128", kEncryption, "AES_GCM_16_128", 128, true, false},
    {"aes128gcm16", kEncryption, "AES_GCM_16_128", 128, true, false},
    {"aes128gcm64", kEncryption, "AES_GCM_8_128", 128, true, false},
    {"aes128gcm8", kEncryption, "AES_GCM_8_128", 128, true, false},
    {"aes128gcm96", kEncryption, "AES_GCM_12_128", 128, true, false},
    {"aes128gmac", kEncryption, "NULL_AES_GMAC_128", 128, true, true},
    {"aes192", kEncryption, "AES_CBC_192", 192, false, false},
    {"aes192ccm", kEncryption, "AES_CCM_16_192", 192, true, false},
    {"aes192ccm12", kEncryption, "AES_CCM_12_192", 192, true, false},
    {"aes192ccm128", kEncryption, "AES_CCM_16_192", 192, true, false},
    {"aes192ccm16", kEncryption, "AES_CCM_16_192", 192, true, false},
    {"aes192ccm64", kEncryption, "AES_CCM_8_192", 192, true, false},
    {"aes192ccm8", kEncryption, "AES_CCM_8_192", 192, true, false},
    {"aes192ccm96", kEncryption, "AES_CCM_12_192", 192, true, false},
    {"aes192ctr", kEncryption, "AES_CTR_192", 192, false, false},
    {"aes192gcm", kEncryption, "AES_GCM_16_192", 192, true, false},
    {"aes192gcm12", kEncryption, "AES_GCM_12_192", 192, true, false},
    {"aes192gcm128", kEncryption, "AES_GCM_16_192", 192, true, false},
    {"aes192gcm16", kEncryption, "AES_GCM_16_192", 192, true, false},
    {"aes192gcm64", kEncryption, "AES_GCM_8_192", 192, true, false},
    {"aes192gcm8", kEncryption, "AES_GCM_8_192", 192, true, false},
    {"aes192gcm96", kEncryption, "AES_GCM_12_192", 192, true, false},
    {"aes192gmac", kEncryption, "NULL_AES_GMAC_192", 192, true, true},
    {"aes256", kEncryption, "AES_CBC_256", 256, false, false},
    {"aes256ccm", kEncryption, "AES_CCM_16_256", 256, true, false},
    {"aes256ccm12", kEncryption, "AES_CCM_12_256", 256, true, false},
    {"aes256ccm128", kEncryption, "AES_CCM_16_256", 256, true, false},
    {"aes256ccm16", kEncryption, "AES_CCM_16_256", 256, true, false},
    {"aes256ccm64", kEncryption, "AES_CCM_8_256", 256, true, false},
    {"aes256ccm8", kEncryption, "AES_CCM_8_256", 256, true, false},
    {"aes256ccm96", kEncryption, "AES_CCM_12_256", 256, true, false},
    {"aes256ctr", kEncryption, "AES_CTR_256", 256, false, false},
    {"aes256gcm", kEncryption, "AES_GCM_16_256", 256, true, false},
    {"aes256gcm12", kEncryption, "AES_GCM_12_256", 256, true, false},
    {"aes256gcm128", kEncryption, "AES_GCM_16_256", 256, true, false},
    {"aes256gcm16", kEncryption, "AES_GCM_16_256", 256, true, false},
    {"aes256gcm64", kEncryption, "AES_GCM_8_256", 256, true, false},
    {"aes256gcm8", kEncryption, "AES_GCM_8_256", 256, true, false},
    {"aes256gcm96", kEncryption, "AES_GCM_12_256", 256, true, false},
    {"aes256gmac", kEncryption, "NULL_AES_GMAC_256", 256, true, true},
    {"aescmac", kIntegrity, "AES_CMAC_96", 0, false, false},
    {"aesxcbc", kIntegrity, "AES_XCBC_96", 0, false, false},
    {"blowfish", kEncryption, "BLOWFISH_CBC_128", 128, false, false},
    {"blowfish128", kEncryption, "BLOWFISH_CBC_128", 128, false, false},
    {"blowfish192", kEncryption, "BLOWFISH_CBC_192", 192, false, false},
    {"blowfish256", kEncryption, "BLOWFISH_CBC_256", 256, false, false},
    {"camellia", kEncryption, "CAMELLIA_CBC_128", 128, false, false},
    {"camellia128", kEncryption, "CAMELLIA_CBC_128", 128, false, false},
    {"camellia128ccm12", kEncryption, "CAMELLIA_CCM_12_128", 128, true, false},
    {"camellia128ccm128", kEncryption, "CAMELLIA_CCM_16_128", 128, true, false},
    {"camellia128ccm16", kEncryption, "CAMELLIA_CCM_16_128", 128, true, false},
    {"camellia128ccm64", kEncryption, "CAMELLIA_CCM_8_128", 128, true, false},
    {"camellia128ccm8", kEncryption, "CAMELLIA_CCM_8_128", 128, true, false},
    {"camellia128ccm96", kEncryption, "CAMELLIA_CCM_12_128", 128, true, false},
    {"camellia128ctr", kEncryption, "CAMELLIA_CTR_128", 128, false, false},
    {"camellia192", kEncryption, "CAMELLIA_CBC_192", 192, false, false},
    {"camellia192ccm12", kEncryption, "CAMELLIA_CCM_12_192", 192, true, false},
    {"camellia192ccm128", kEncryption, "CAMELLIA_CCM_16_192", 192, true, false},
    {"camellia192ccm16", kEncryption, "CAMELLIA_CCM_16_192", 192, true, false},
    {"camellia192ccm64", kEncryption, "CAMELLIA_CCM_8_192", 192, true, false},
    {"camellia192ccm8", kEncryption, "CAMELLIA_CCM_8_192", 192, true, false},
    {"camellia192ccm96", kEncryption, "CAMELLIA_CCM_12_192", 192, true, false},
    {"camellia192ctr", kEncryption, "CAMELLIA_CTR_192", 192, false, false},
    {"camellia256", kEncryption, "CAMELLIA_CBC_256", 256, false, false},
    {"camellia256ccm12", kEncryption, "CAMELLIA_CCM_12_256", 256, true, false},
    {"camellia256ccm128", kEncryption, "CAMELLIA_CCM_16_256", 256, true, false},
    {"camellia256ccm16", kEncryption, "CAMELLIA_CCM_16_256", 256, true, false},
    {"camellia256ccm64", kEncryption, "CAMELLIA_CCM_8_256", 256, true, false},
    {"camellia256ccm8", kEncryption, "CAMELLIA_CCM_8_256", 256, true, false},
    {"camellia256ccm96", kEncryption, "CAMELLIA_CCM_12_256", 256, true, false},
    {"camellia256ctr", kEncryption, "CAMELLIA_CTR_256", 256, false, false},
    {"camelliaxcbc", kIntegrity, "CAMELLIA_XCBC_96", 0, false, false},
    {"cast128", kEncryption, "CAST_CBC_128", 128, false, false},
    {"chacha20poly1305", kEncryption, "CHACHA20_POLY1305", 256, true, false},
    {"chacha20poly1305compat", kEncryption, "CHACHA20_POLY1305_256", 256, true, false},
    {"curve25519", kKeyExchange, "CURVE_25519", 256, false, false},
    {"curve448", kKeyExchange, "CURVE_448", 448, false, false},
    {"des", kEncryption, "DES_CBC", 56, false, true},
    {"ecp192", kKeyExchange, "ECP_192", 192, false, false},
    {"ecp224", kKeyExchange, "ECP_224", 224, false, false},
    {"ecp224bp", kKeyExchange, "ECP_224_BP", 224, false, false},
    {"ecp256", kKeyExchange, "ECP_256", 256, false, false},
    {"ecp256bp", kKeyExchange, "ECP_256_BP", 256, false, false},
    {"ecp384", kKeyExchange, "ECP_384", 384, false, false},
    {"ecp384bp", kKeyExchange, "ECP_384_BP", 384, false, false},
    {"ecp512bp", kKeyExchange, "ECP_512_BP", 512, false, false},
    {"ecp521", kKeyExchange, "ECP_521", 521, false, false},
    {"esn", kSequence, "EXT_SEQ", 0, false, false},
    {"md5", kIntegrity, "HMAC_MD5_96", 0, false, true},
    {"md5_128", kIntegrity, "HMAC_MD5_128", 0, false, true},
    {"modp1024", kKeyExchange, "MODP_1024", 1024, false, true},
    {"modp1024s160", kKeyExchange, "MODP_1024_160", 1024, false, true},
    {"modp1536", kKeyExchange, "MODP_1536", 1536, false, true},
    {"modp2048", kKeyExchange, "MODP_2048", 2048, false, false},
    {"modp2048s224", kKeyExchange, "MODP_2048_224", 2048, false, true},
    {"modp2048s256", kKeyExchange, "MODP_2048_256", 2048, false, true},
    {"modp3072", kKeyExchange, "MODP_3072", 3072, false, false},
    {"modp4096", kKeyExchange, "MODP_4096", 4096, false, false},
    {"modp6144", kKeyExchange, "MODP_6144", 6144, false, false},
    {"modp768", kKeyExchange, "MODP_768", 768, false, true},
    {"modp8192", kKeyExchange, "MODP_8192", 8192, false, false},
    {"modpnone", kKeyExchange, "KE_NONE", 0, false, true},
    {"modpnull", kKeyExchange, "MODP_NULL", 0, false, true},
    {"newhope128", kKeyExchange, "NEWHOPE_128", 0, false, false},
    {"noesn", kSequence, "NO_EXT_SEQ", 0, false, false},
    {"none", kKeyExchange, "KE_NONE", 0, false, true},
    {"ntru112", kKeyExchange, "NTRU_112", 0, false, false},
    {"ntru128", kKeyExchange, "NTRU_128", 0, false, false},
    {"ntru192", kKeyExchange, "NTRU_192", 0, false, false},
    {"ntru256", kKeyExchange, "NTRU_256", 0, false, false},
    {"null", kEncryption, "NULL", 0, false, true},
    {"prfaescmac", kPrf, "PRF_AES128_CMAC", 0, false, false},
    {"prfaesxcbc", kPrf, "PRF_AES128_XCBC", 0, false, false},
    {"prfcamelliaxcbc", kPrf, "PRF_CAMELLIA128_XCBC", 0, false, false},
    {"prfmd5", kPrf, "PRF_HMAC_MD5", 0, false, true},
    {"prfsha1", kPrf, "PRF_HMAC_SHA1", 0, false, false},
    {"prfsha256", kPrf, "PRF_HMAC_SHA2_256", 0, false, false},
    {"prfsha384", kPrf, "PRF_HMAC_SHA2_384", 0, false, false},
    {"prfsha512", kPrf, "PRF_HMAC_SHA2_512", 0, false, false},
    {"serpent", kEncryption, "SERPENT_CBC_128", 128, false, false},
    {"serpent128", kEncryption, "SERPENT_CBC_128", 128, false, false},
    {"serpent192", kEncryption, "SERPENT_CBC_192", 192, false, false},
    {"serpent256", kEncryption, "SERPENT_CBC_256", 256, false, false},
    {"sha", kIntegrity, "HMAC_SHA1_96", 0, false, true},
    {"sha1", kIntegrity, "HMAC_SHA1_96", 0, false, true},
    {"sha1_160", kIntegrity, "HMAC_SHA1_160", 0, false, true},
    {"sha256", kIntegrity, "HMAC_SHA2_256_128", 0, false, false},
    {"sha256_96", kIntegrity, "HMAC_SHA2_256_96", 0, false, false},
    {"sha2_256", kIntegrity, "HMAC_SHA2_256_128", 0, false, false},
    {"sha2_256_96", kIntegrity, "HMAC_SHA2_256_96", 0, false, false},
    {"sha2_384", kIntegrity, "HMAC_SHA2_384_192", 0, false, false},
    {"sha2_512", kIntegrity, "HMAC_SHA2_512_256", 0, false, false},
    {"sha384", kIntegrity, "HMAC_SHA2_384_192", 0, false, false},
    {"sha512", kIntegrity, "HMAC_SHA2_512_256", 0, false, false},
    {"twofish", kEncryption, "TWOFISH_CBC_128", 128, false, false},
    {"twofish128", kEncryption, "TWOFISH_CBC_128", 128, false, false},
    {"twofish192", kEncryption, "TWOFISH_CBC_192", 192, false, false},
    {"twofish256", kEncryption, "TWOFISH_CBC_256", 256, false, false},
    {"x25519", kKeyExchange, "CURVE_25519", 256, false, false},
    {"x448", kKeyExchange, "CURVE_448", 448, false, false},
};
static_assert(std::ranges::is_sorted(kAlgorithms, {}, &Algorithm::keyword));

}  // namespace

std::optional<Algorithm> FindAlgorithm(std::string_view keyword) {
  const auto found = std::ranges::lower_bound(kAlgorithms, keyword, {}, &Algorithm::keyword);
  if (found == std::end(kAlgorithms) || found->keyword != keyword) return std::nullopt;
  return *found;
}

const char* AlgorithmKindName(AlgorithmKind kind) {
  switch (kind) {
    case kEncryption:
      return "encryption";
    case kIntegrity:
      return "integrity";
    case kPrf:
      return "prf";
    case kKeyExchange:
      return "key_exchange";
    case kSequence:
      return "sequence";
  }
  return "";
}

}  // namespace sallyport
