// SPDX-License-Identifier: Apache-2.0
#include "collectors/paths/certificate_fields.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <limits>
#include <memory>

#include "base/hex.h"
#include "base/text.h"
#include "collectors/paths/flat_rows.h"

namespace sallyport {
namespace {

constexpr size_t kMaxCertificates = 10'000;

struct FreeX509 {
  void operator()(X509* x) const { X509_free(x); }
};
using Certificate = std::unique_ptr<X509, FreeX509>;
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;
struct FreeOpenssl {
  void operator()(void* memory) const { OPENSSL_free(memory); }
};

Value TextCell(std::string text) {
  return IsPlainText(text) ? Cell(std::move(text)) : Cell(Unknown{});
}

// X509_NAME_oneline writes what is not ASCII as \xNN.
Value OneLine(const X509_NAME* name) {
  const std::unique_ptr<char, FreeOpenssl> text(X509_NAME_oneline(name, nullptr, 0));
  return text ? TextCell(text.get()) : Cell(Unknown{});
}

Value Printed(const X509_NAME* name) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_ONELINE) < 0) return Unknown{};
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return TextCell(size > 0 ? std::string(text, static_cast<size_t>(size)) : "");
}

Value CommonName(const X509_NAME* name) {
  const int place = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (place < 0) return std::monostate{};
  const ASN1_STRING* data = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, place));
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, data);
  if (size < 0) return Unknown{};
  const std::unique_ptr<unsigned char, FreeOpenssl> owned(utf8);
  return TextCell(std::string(reinterpret_cast<char*>(utf8), static_cast<size_t>(size)));
}

// osquery's column is text, of seconds since 1970.
Value Seconds(const ASN1_TIME* time) {
  const std::unique_ptr<ASN1_TIME, void (*)(ASN1_TIME*)> epoch(ASN1_TIME_set(nullptr, 0),
                                                               ASN1_TIME_free);
  int days = 0;
  int seconds = 0;
  if (!epoch || ASN1_TIME_diff(&days, &seconds, epoch.get(), time) != 1) return Unknown{};
  return std::to_string(int64_t{days} * 86'400 + seconds);
}

Value LongName(int nid) { return nid == NID_undef ? Cell(Unknown{}) : Cell(OBJ_nid2ln(nid)); }

int KeyAlgorithm(X509* x) {
  ASN1_OBJECT* algorithm = nullptr;
  if (X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, nullptr, X509_get_X509_PUBKEY(x)) != 1) {
    return NID_undef;
  }
  return OBJ_obj2nid(algorithm);
}

// Bits of RSA and DSA, the curve of EC, nothing of others.
Value KeyStrength(X509* x) {
  const EVP_PKEY* key = X509_get0_pubkey(x);
  const int kind = KeyAlgorithm(x);
  if (key == nullptr) return Unknown{};
  if (kind == NID_rsaEncryption || kind == NID_dsa) return std::to_string(EVP_PKEY_size(key) * 8);
  if (kind != NID_X9_62_id_ecPublicKey) return std::monostate{};
  std::array<char, 80> group;
  size_t size = 0;
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) != 1) return Unknown{};
  const int nid = OBJ_txt2nid(group.data());
  return nid == NID_undef ? Cell(std::string(group.data(), size)) : LongName(nid);
}

Value KeyUsage(X509* x) {
  // In osquery's order.
  static constexpr std::pair<uint32_t, std::string_view> kUsages[] = {
      {KU_ENCIPHER_ONLY, "Encipher Only"},         {KU_CRL_SIGN, "CRL Sign"},
      {KU_KEY_CERT_SIGN, "Key Cert Sign"},         {KU_KEY_AGREEMENT, "Key Agreement"},
      {KU_DATA_ENCIPHERMENT, "Data Encipherment"}, {KU_KEY_ENCIPHERMENT, "Key Encipherment"},
      {KU_NON_REPUDIATION, "Non Repudiation"},     {KU_DIGITAL_SIGNATURE, "Digital Signature"},
      {KU_DECIPHER_ONLY, "Decipher Only"}};
  const uint32_t usage = X509_get_key_usage(x);
  if (usage == std::numeric_limits<uint32_t>::max()) return std::monostate{};
  std::vector<std::string> names;
  for (const auto& [bit, name] : kUsages) {
    if ((usage & bit) != 0) names.emplace_back(name);
  }
  return Join(names, ", ");
}

Value Identifier(const ASN1_OCTET_STRING* id) {
  if (id == nullptr) return std::monostate{};
  return ToHex({reinterpret_cast<const char*>(ASN1_STRING_get0_data(id)),
                static_cast<size_t>(ASN1_STRING_length(id))});
}

Value Sha1(const X509* x) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (X509_digest(x, EVP_sha1(), digest.data(), &size) != 1) return Unknown{};
  return ToHex({reinterpret_cast<const char*>(digest.data()), size});
}

Value Serial(const X509* x) {
  const std::unique_ptr<BIGNUM, void (*)(BIGNUM*)> number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), nullptr), BN_free);
  if (!number) return Unknown{};
  const std::unique_ptr<char, FreeOpenssl> text(BN_bn2hex(number.get()));
  return text ? Cell(text.get()) : Cell(Unknown{});
}

CertificateFields FieldsOf(X509* x) {
  const X509_NAME* subject = X509_get_subject_name(x);
  const X509_NAME* issuer = X509_get_issuer_name(x);
  // Reads the extensions; the flag says that one of them cannot be understood.
  const bool damaged = (X509_get_extension_flags(x) & EXFLAG_INVALID) != 0;
  const auto told = [damaged](Value value) { return damaged ? Cell(Unknown{}) : value; };
  return {{{"common_name", CommonName(subject)},
           {"subject", OneLine(subject)},
           {"subject2", Printed(subject)},
           {"issuer", OneLine(issuer)},
           {"issuer2", Printed(issuer)},
           {"ca", told(Cell(X509_check_ca(x) > 0))},
           {"self_signed", told(Cell(X509_check_issued(x, x) == X509_V_OK))},
           {"not_valid_before", Seconds(X509_get0_notBefore(x))},
           {"not_valid_after", Seconds(X509_get0_notAfter(x))},
           {"signing_algorithm", LongName(X509_get_signature_nid(x))},
           {"key_algorithm", LongName(KeyAlgorithm(x))},
           {"key_strength", KeyStrength(x)},
           {"key_usage", told(KeyUsage(x))},
           {"subject_key_id", told(Identifier(X509_get0_subject_key_id(x)))},
           {"authority_key_id", told(Identifier(X509_get0_authority_key_id(x)))},
           {"sha1", Sha1(x)},
           {"serial", Serial(x)}}};
}

// The whole of `der`.
Certificate Parse(std::string_view der, bool trusted) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = at + der.size();
  Certificate x(trusted ? d2i_X509_AUX(nullptr, &at, static_cast<long>(der.size()))
                        : d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  return at == end ? std::move(x) : nullptr;
}

// A block of PEM; `name` is empty at the end.
struct PemBlock {
  std::string name;
  std::string bytes;
};
Result<PemBlock> NextBlock(BIO* bio, const std::string& path) {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (PEM_read_bio(bio, &name, &header, &data, &size) != 1) {
    const bool end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (end) return PemBlock{};
    return Fail(Code::kMalformed, path + ": a damaged block of PEM");
  }
  const std::unique_ptr<char, FreeOpenssl> names(name);
  const std::unique_ptr<char, FreeOpenssl> headers(header);
  const std::unique_ptr<unsigned char, FreeOpenssl> bytes(data);
  return PemBlock{name, {reinterpret_cast<char*>(data), static_cast<size_t>(size)}};
}

Result<std::vector<CertificateFields>> FromPem(std::string_view text, const std::string& path) {
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!bio) return Fail(Code::kInternal, path + ": OpenSSL has no memory");
  std::vector<CertificateFields> out;
  for (;;) {
    const auto block = NextBlock(bio.get(), path);
    if (!block) return tl::unexpected(block.error());
    if (block->name.empty()) return out;
    const bool trusted = block->name == PEM_STRING_X509_TRUSTED;
    if (!trusted && block->name != PEM_STRING_X509 && block->name != PEM_STRING_X509_OLD) continue;
    const std::string number = std::to_string(out.size() + 1);
    const Certificate x = Parse(block->bytes, trusted);
    if (!x) return Fail(Code::kMalformed, path + ": certificate " + number + " is damaged");
    if (out.size() == kMaxCertificates) {
      return Fail(Code::kTooLarge,
                  path + ": over " + std::to_string(kMaxCertificates) + " certificates");
    }
    out.push_back(FieldsOf(x.get()));
  }
}

}  // namespace

Result<std::vector<CertificateFields>> ReadCertificates(std::string_view bytes,
                                                        const std::string& path) {
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return Fail(Code::kTooLarge, path + ": over 2 GiB");
  }
  // X.690: a SEQUENCE with its length in two bytes or more.
  if (!bytes.starts_with("\x30\x82") && !bytes.starts_with("\x30\x81")) return FromPem(bytes, path);
  const Certificate x = Parse(bytes, false);
  if (!x) return Fail(Code::kMalformed, path + ": no certificate in DER");
  return std::vector<CertificateFields>{FieldsOf(x.get())};
}

}  // namespace sallyport
