// SPDX-License-Identifier: Apache-2.0
#include "attestation/keys.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "attestation/durable_file.h"
#include "attestation/openssl_ptr.h"
#include "attestation/thread_contexts.h"
#include "base/hex.h"

namespace sallyport {
namespace {

// Where paths begin with C: instead of a slash.
constexpr bool kDrives = std::filesystem::path::preferred_separator != '/';

constexpr size_t kDigestBytes = 32;
using Digest = std::array<unsigned char, kDigestBytes>;

// Fetched once: an implicit fetch by EVP_sha256() takes a lock in every EVP_DigestInit
// (crypto(7), "Performance").
const EVP_MD* FetchedSha256() {
  static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return md;
}

// One key has one encoding, so that it has one key id. RFC 5480: id-ecPublicKey, the named curve
// prime256v1, a bit string of 66 bytes that holds an uncompressed point.
constexpr std::string_view kSpkiStart(
    "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
    "\x03"
    "\x42\x00\x04",
    27);
constexpr size_t kSpkiBytes = 91;

[[noreturn]] void DieOf(const char* what) {
  std::fprintf(stderr, "sallyport: OpenSSL cannot do %s\n", what);
  std::abort();
}

Digest DigestOf(std::string_view bytes) {
  MdCtxPtr& ctx = ContextsOfThisThread().digest;
  if (!ctx) ctx.reset(EVP_MD_CTX_new());
  Digest out;
  // With out of memory or a broken provider there is nothing that could be trusted further.
  if (EVP_DigestInit_ex2(ctx.get(), FetchedSha256(), nullptr) != 1 ||
      EVP_DigestUpdate(ctx.get(), bytes.data(), bytes.size()) != 1 ||
      EVP_DigestFinal_ex(ctx.get(), out.data(), nullptr) != 1) {
    DieOf("SHA-256");
  }
  return out;
}

// For one thread, and fetched once like the digest: a MAC that is set up anew for each message, by
// HMAC(3), costs three times as much and takes that lock.
MacCtxPtr NewHmacSha256() {
  EVP_MAC* const mac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  MacCtxPtr ctx(EVP_MAC_CTX_new(mac));
  EVP_MAC_free(mac);  // the context holds it
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  if (!ctx || EVP_MAC_CTX_set_params(ctx.get(), parameters) != 1) DieOf("HMAC");
  return ctx;
}

bool IsP256(const EVP_PKEY* key) {
  std::array<char, 64> group{};
  size_t length = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) == 1 &&
         std::string_view(group.data(), length) == SN_X9_62_prime256v1;
}

}  // namespace

// ---- PublicKey ------------------------------------------------------------------------------

struct PublicKey::Impl {
  PkeyPtr key;
  std::string spki;
  std::string key_id;
  PkeyCtxPtr verify;  // initialised for verifying; never used itself, only copied
};

Result<PublicKey> PublicKey::FromSpki(std::string_view der) {
  PkeyPtr key = FromDer<d2i_PUBKEY, PkeyPtr>(der);
  if (!key) return Fail(Code::kMalformed, "public key: not a SubjectPublicKeyInfo");
  if (!IsP256(key.get())) return Fail(Code::kUnsupported, "public key: not P-256");
  if (der.size() != kSpkiBytes || !der.starts_with(kSpkiStart)) {
    return Fail(Code::kMalformed, "public key: not the canonical encoding");
  }
  PkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (!ctx || EVP_PKEY_verify_init(ctx.get()) != 1) {
    return Fail(Code::kInternal, "public key: " + DrainOpensslErrors());
  }
  auto impl = std::make_shared<Impl>();
  impl->key = std::move(key);
  impl->spki = std::string(der);
  impl->key_id = ToHex(Sha256(der));
  impl->verify = std::move(ctx);
  PublicKey out;
  out.impl_ = std::move(impl);
  return out;
}

Status PublicKey::Verify(std::string_view message, std::string_view signature) const {
  const Digest digest = DigestOf(message);
  // The copy takes references only; EVP_PKEY_verify_init per message would fetch under a lock and
  // two threads would wait for each other.
  const PkeyCtxPtr ctx(EVP_PKEY_CTX_dup(impl_->verify.get()));
  // OpenSSL refuses what is not strict DER (ossl_ecdsa_verify re-encodes and compares).
  if (!ctx || EVP_PKEY_verify(ctx.get(), AsBytes(signature), signature.size(), digest.data(),
                              digest.size()) != 1) {
    ERR_clear_error();
    return Fail(Code::kBadSignature, "signature does not verify under key " + impl_->key_id);
  }
  return {};
}

const std::string& PublicKey::spki() const { return impl_->spki; }
const std::string& PublicKey::key_id() const { return impl_->key_id; }
EVP_PKEY* PublicKey::get() const { return impl_->key.get(); }

// ---- SigningKey -----------------------------------------------------------------------------

struct SigningKey::Impl {
  PkeyPtr key;
  PublicKey public_key;
};

Result<std::string> PathOfUri(const std::string& uri) {
  constexpr std::string_view kScheme = "file:";
  if (!uri.starts_with(kScheme)) {
    return Fail(Code::kUnsupported,
                "key URI " + uri.substr(0, uri.find(':') + 1) + ": only file: is supported");
  }
  std::string_view rest = std::string_view(uri).substr(kScheme.size());
  if (rest.starts_with("//")) rest.remove_prefix(2);
  if (!rest.starts_with('/')) return Fail(Code::kInvalidArgument, uri + ": not an absolute path");
  std::string path;
  for (size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] != '%') {
      path.push_back(rest[i]);
      continue;
    }
    const auto byte = FromHex(rest.substr(i + 1, 2));
    if (!byte || byte->size() != 1 || *byte == std::string(1, '\0')) {
      return Fail(Code::kInvalidArgument, uri + ": bad percent-encoding");
    }
    path += *byte;
    i += 2;
  }
  // RFC 8089, appendix E.2: file:///C:/path is the path C:/path.
  if (kDrives && path.size() > 2 && path[2] == ':') path.erase(0, 1);
  return path;
}

namespace {

// Private bytes leave no copy behind, however the function that holds them ends.
class WipedAtEnd {
 public:
  explicit WipedAtEnd(std::string* secret) : secret_(secret) {}
  ~WipedAtEnd() { OPENSSL_cleanse(secret_->data(), secret_->size()); }
  WipedAtEnd(const WipedAtEnd&) = delete;
  WipedAtEnd& operator=(const WipedAtEnd&) = delete;

 private:
  std::string* secret_;
};

int NoPassphrase(char*, int, int, void*) { return -1; }

Result<std::string> PemOf(const EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (!bio ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Fail(Code::kInternal, "private key: " + DrainOpensslErrors());
  }
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(length));
}

}  // namespace

Result<SigningKey> SigningKey::Adopt(EVP_PKEY* raw) {
  auto impl = std::make_shared<Impl>(Impl{PkeyPtr(raw), {}});
  auto public_key = PublicKey::FromSpki(ToDer<i2d_PUBKEY>(raw));
  if (!public_key) return tl::unexpected(public_key.error());
  impl->public_key = *std::move(public_key);
  SigningKey out;
  out.impl_ = std::move(impl);
  return out;
}

Result<SigningKey> SigningKey::Open(const std::string& uri) {
  const auto path = PathOfUri(uri);
  if (!path) return tl::unexpected(path.error());
  auto read = ReadSmallFile(*path, 16 << 10);
  if (!read) return tl::unexpected(read.error());
  std::string& pem = *read;
  const WipedAtEnd wiped(&pem);
  if (const Status s = CheckOwnerOnly(*path); !s) return tl::unexpected(s.error());
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr);
  if (key == nullptr) {
    ERR_clear_error();
    return Fail(Code::kMalformed, *path + ": not an unencrypted private key in PEM");
  }
  auto out = Adopt(key);
  if (!out) return Wrap(out.error(), *path);
  return out;
}

Result<SigningKey> SigningKey::Create(const std::string& uri) {
  const auto path = PathOfUri(uri);
  if (!path) return tl::unexpected(path.error());
  auto key = Generate();
  if (!key) return key;
  auto pem = key->PrivatePem();
  if (!pem) return tl::unexpected(pem.error());
  const WipedAtEnd wiped(&*pem);
  const Status written = CreateSmallFile(*path, *pem, FileAccess::kOwner);
  if (!written) return tl::unexpected(written.error());
  return key;
}

Result<SigningKey> SigningKey::Generate() {
  EVP_PKEY* key = EVP_EC_gen(SN_X9_62_prime256v1);
  if (key == nullptr) return Fail(Code::kInternal, "making a P-256 key: " + DrainOpensslErrors());
  return Adopt(key);
}

Result<std::string> SigningKey::Sign(std::string_view message) const {
  const MdCtxPtr ctx(EVP_MD_CTX_new());
  std::array<unsigned char, 80> out;  // a P-256 signature is 72 bytes at most
  size_t length = out.size();
  if (!ctx ||
      EVP_DigestSignInit_ex(ctx.get(), nullptr, "SHA256", nullptr, nullptr, get(), nullptr) != 1 ||
      EVP_DigestSign(ctx.get(), out.data(), &length, AsBytes(message), message.size()) != 1) {
    return Fail(Code::kInternal, "signing: " + DrainOpensslErrors());
  }
  return std::string(reinterpret_cast<const char*>(out.data()), length);
}

const PublicKey& SigningKey::public_key() const { return impl_->public_key; }
EVP_PKEY* SigningKey::get() const { return impl_->key.get(); }
Result<std::string> SigningKey::PrivatePem() const { return PemOf(get()); }

// ---- digests and codes ----------------------------------------------------------------------

std::string FileUri(std::string_view path) {
  std::string uri("file:");
  if (kDrives && !path.starts_with('/')) uri.push_back('/');
  for (const char c : path) {
    if (c == '%') {
      uri += "%25";
    } else {
      uri.push_back(kDrives && c == '\\' ? '/' : c);
    }
  }
  return uri;
}

std::string Sha256(std::string_view bytes) {
  const Digest digest = DigestOf(bytes);
  return std::string(reinterpret_cast<const char*>(digest.data()), digest.size());
}

std::string HmacSha256(std::string_view key, std::string_view message) {
  MacCtxPtr& ctx = ContextsOfThisThread().mac;
  if (!ctx) ctx = NewHmacSha256();
  // To EVP_MAC_init no key means "as before"; to us it is the empty key.
  const unsigned char* const bytes = key.empty() ? AsBytes("") : AsBytes(key);
  std::string out(kDigestBytes, '\0');
  size_t length = 0;
  if (EVP_MAC_init(ctx.get(), bytes, key.size(), nullptr) != 1 ||
      EVP_MAC_update(ctx.get(), AsBytes(message), message.size()) != 1 ||
      EVP_MAC_final(ctx.get(), reinterpret_cast<unsigned char*>(out.data()), &length, out.size()) !=
          1 ||
      length != out.size()) {
    DieOf("HMAC");
  }
  return out;
}

bool EqualConstantTime(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string RandomBytes(size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) {
    DieOf("random bytes");  // nothing that needs randomness may go on without
  }
  return out;
}

std::string ToBase64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends with a NUL
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), AsBytes(bytes),
                                     static_cast<int>(bytes.size()));
  out.resize(static_cast<size_t>(length));
  return out;
}

Result<std::string> FromBase64(std::string_view text) {
  std::string out(text.size() / 4 * 3, '\0');
  const int length = text.empty() ? 0
                                  : EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                                    AsBytes(text), static_cast<int>(text.size()));
  if (text.size() % 4 == 0 && length == static_cast<int>(out.size())) {
    if (text.ends_with("==")) out.pop_back();
    if (text.ends_with('=')) out.pop_back();
    // EVP_DecodeBlock is lenient (blanks, padding, spare bits); the canonical text is not.
    if (ToBase64(out) == text) return out;
  }
  ERR_clear_error();
  return Fail(Code::kMalformed, "not base64");
}

}  // namespace sallyport
