// SPDX-License-Identifier: Apache-2.0
#include "collectors/paths/digests.h"

#include <openssl/evp.h>

#include <array>

#include "base/hex.h"

namespace sallyport {
namespace {

Result<std::string> Digest(const EVP_MD* kind, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, kind, nullptr) != 1) {
    return Fail(Code::kUnsupported, "OpenSSL: digest refused");  // MD5 where FIPS rules
  }
  return ToHex({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace

Result<Digests> DigestsOf(std::string_view bytes) {
  auto md5 = Digest(EVP_md5(), bytes);
  auto sha1 = Digest(EVP_sha1(), bytes);
  auto sha256 = Digest(EVP_sha256(), bytes);
  for (const auto* digest : {&md5, &sha1, &sha256}) {
    if (!*digest) return tl::unexpected(digest->error());
  }
  return Digests{*std::move(md5), *std::move(sha1), *std::move(sha256)};
}

}  // namespace sallyport
