// SPDX-License-Identifier: Apache-2.0
#include "attestation/certificates.h"

#include <openssl/pem.h>

#include <algorithm>

#include "attestation/openssl_ptr.h"
#include "attestation/x509_info.h"
#include "base/hex.h"
#include "base/text.h"

namespace sallyport {
namespace {

constexpr std::string_view kScheme = "sallyport://";
constexpr size_t kMaxTrustDomain = 253 - 64;  // a DNS name, less an id and its dot

// Names with a NUL inside have fooled comparisons of C strings before (CVE-2009-2408).
Result<std::string> TextOf(const ASN1_STRING* value, const char* what) {
  unsigned char* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, value);
  if (length < 0) {
    ERR_clear_error();
    return Fail(Code::kMalformed, std::string("certificate: ") + what);
  }
  std::string text(reinterpret_cast<const char*>(utf8), static_cast<size_t>(length));
  OPENSSL_free(utf8);
  if (text.find('\0') != std::string::npos) {
    return Fail(Code::kMalformed, std::string("certificate: NUL in ") + what);
  }
  return text;
}

Result<Millis> TimeOf(const ASN1_TIME* time) {
  std::tm tm{};
  if (ASN1_TIME_to_tm(time, &tm) != 1) {
    ERR_clear_error();
    return Fail(Code::kMalformed, "certificate: a date");
  }
  const std::chrono::sys_days day = std::chrono::year(tm.tm_year + 1900) /
                                    std::chrono::month(static_cast<unsigned>(tm.tm_mon + 1)) /
                                    std::chrono::day(static_cast<unsigned>(tm.tm_mday));
  return Millis(day.time_since_epoch() + std::chrono::hours(tm.tm_hour) +
                std::chrono::minutes(tm.tm_min) + std::chrono::seconds(tm.tm_sec));
}

Result<std::string> CommonNameOf(const X509_NAME* subject) {
  const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (index < 0) return std::string();
  return TextOf(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)), "common name");
}

Status AddAlternativeNames(const X509* certificate, CertificateInfo& info) {
  int critical = -1;
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nullptr)));
  if (!names) {
    ERR_clear_error();
    // -1: the certificate has none; anything else: there, but twice or unreadable.
    return critical == -1 ? Status{} : Fail(Code::kMalformed, "certificate: subjectAltName");
  }
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS && name->type != GEN_URI) continue;
    auto text = TextOf(name->d.ia5, "subjectAltName");
    if (!text) return tl::unexpected(text.error());
    (name->type == GEN_DNS ? info.dns_names : info.uris).push_back(*std::move(text));
  }
  return {};
}

std::string SerialOf(const X509* certificate) {
  const BignumPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  std::string bytes(static_cast<size_t>(BN_num_bytes(number.get())), '\0');
  BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(bytes.data()));
  return ToHex(bytes);
}

const char* RoleWord(LeafName::Role role) {
  return role == LeafName::Role::kDevice ? "device" : "gateway";
}

bool IsValidTrustDomain(std::string_view domain) {
  const auto labels = Split(domain, '.');
  return domain.size() <= kMaxTrustDomain && std::ranges::all_of(labels, IsValidId);
}

}  // namespace

bool IsValidId(std::string_view id) {
  const auto is_good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !id.empty() && id.size() <= 63 && id.front() != '-' && id.back() != '-' &&
         std::ranges::all_of(id, is_good);
}

Status CheckLeafName(const LeafName& name) {
  if (!IsValidId(name.id)) {
    return Fail(Code::kInvalidArgument, "id \"" + Excerpt(name.id) + "\"");
  }
  return CheckTrustDomain(name.trust_domain);
}

Status CheckTrustDomain(std::string_view domain) {
  if (IsValidTrustDomain(domain)) return {};
  return Fail(Code::kInvalidArgument, "trust domain \"" + Excerpt(domain) + "\"");
}

std::string LeafUri(const LeafName& name) {
  return std::string(kScheme) + name.trust_domain + "/" + RoleWord(name.role) + "/" + name.id;
}

Result<CertificateInfo> ParseCertificate(std::string_view der) {
  const auto certificate = FromDer<d2i_X509, X509Ptr>(der);
  if (!certificate) return Fail(Code::kMalformed, "certificate: not DER");
  return InfoOf(certificate.get());
}

Result<CertificateInfo> InfoOf(X509* certificate) {
  CertificateInfo info;
  auto cn = CommonNameOf(X509_get_subject_name(certificate));
  if (!cn) return tl::unexpected(cn.error());
  info.subject_cn = *std::move(cn);
  info.serial_hex = SerialOf(certificate);
  if (const Status s = AddAlternativeNames(certificate, info); !s) {
    return tl::unexpected(s.error());
  }
  const auto not_before = TimeOf(X509_get0_notBefore(certificate));
  const auto not_after = TimeOf(X509_get0_notAfter(certificate));
  if (!not_before) return tl::unexpected(not_before.error());
  if (!not_after) return tl::unexpected(not_after.error());
  info.not_before = *not_before;
  info.not_after = *not_after;
  info.spki = ToDer<i2d_X509_PUBKEY>(X509_get_X509_PUBKEY(certificate));
  return info;
}

Result<LeafName> LeafNameOf(const CertificateInfo& certificate) {
  const auto is_ours = [](const std::string& uri) { return uri.starts_with(kScheme); };
  if (std::ranges::count_if(certificate.uris, is_ours) != 1) {
    return Fail(Code::kMalformed, "certificate: not exactly one sallyport URI");
  }
  const std::string& uri = *std::ranges::find_if(certificate.uris, is_ours);
  const auto parts = Split(std::string_view(uri).substr(kScheme.size()), '/');
  const auto malformed = Fail(Code::kMalformed, "certificate: URI " + Excerpt(uri));
  if (parts.size() != 3) return malformed;
  LeafName name;
  if (parts[1] == RoleWord(LeafName::Role::kGateway)) {
    name.role = LeafName::Role::kGateway;
  } else if (parts[1] != RoleWord(LeafName::Role::kDevice)) {
    return malformed;
  }
  name.trust_domain = std::string(parts[0]);
  name.id = std::string(parts[2]);
  if (!CheckLeafName(name)) return malformed;
  return name;
}

std::string CertificatePem(std::string_view der) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio(bio.get(), PEM_STRING_X509, "", AsBytes(der), static_cast<long>(der.size()));
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(length));
}

Result<std::string> CertificateDer(std::string_view pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long length = 0;
  std::string der;
  while (der.empty() && PEM_read_bio(bio.get(), &name, &header, &data, &length) == 1) {
    if (std::string_view(name) == PEM_STRING_X509) {
      der.assign(reinterpret_cast<const char*>(data), static_cast<size_t>(length));
    }
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
  }
  ERR_clear_error();
  if (der.empty()) return Fail(Code::kMalformed, "no certificate in the PEM");
  return der;
}

Result<std::string> MakeRequest(const SigningKey& key, std::string_view common_name) {
  const X509ReqPtr request(X509_REQ_new());
  if (!request || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_NAME_add_entry_by_NID(X509_REQ_get_subject_name(request.get()), NID_commonName,
                                 MBSTRING_UTF8, AsBytes(common_name),
                                 static_cast<int>(common_name.size()), -1, 0) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.get()) != 1 ||
      X509_REQ_sign(request.get(), key.get(), EVP_sha256()) <= 0) {
    return Fail(Code::kInternal, "certificate request: " + DrainOpensslErrors());
  }
  return ToDer<i2d_X509_REQ>(request.get());
}

Result<PublicKey> VerifyRequest(std::string_view request_der) {
  const auto request = FromDer<d2i_X509_REQ, X509ReqPtr>(request_der);
  if (!request) return Fail(Code::kMalformed, "certificate request: not DER");
  auto key = PublicKey::FromSpki(ToDer<i2d_X509_PUBKEY>(X509_REQ_get_X509_PUBKEY(request.get())));
  if (!key) return Wrap(key.error(), "certificate request");
  if (X509_REQ_verify(request.get(), key->get()) != 1) {
    ERR_clear_error();
    return Fail(Code::kBadSignature, "certificate request: its own signature does not verify");
  }
  return key;
}

}  // namespace sallyport
