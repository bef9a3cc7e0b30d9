// SPDX-License-Identifier: Apache-2.0
#include <openssl/pem.h>

#include <algorithm>
#include <filesystem>

#include "attestation/certificates.h"
#include "attestation/durable_file.h"
#include "attestation/openssl_ptr.h"
#include "attestation/x509_info.h"
#include "base/text.h"

namespace sallyport {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

// Clocks of laptops and gateways differ a little from the service's.
constexpr seconds kBackdate{300};
constexpr seconds kCaLifetime{10 * 365 * 24 * 3600};
constexpr seconds kCrlLifetime{7 * 24 * 3600};
constexpr seconds kCrlRenewBefore{24 * 3600};
constexpr size_t kMaxCommonName = 64;  // RFC 5280, ub-common-name

seconds WallSeconds(Now now) { return std::chrono::duration_cast<seconds>(now.wall); }

std::time_t TimeT(seconds s) { return static_cast<std::time_t>(s.count()); }

tl::unexpected<Error> FailOpenssl(const char* what) {
  return Fail(Code::kInternal, std::string(what) + ": " + DrainOpensslErrors());
}

struct Extension {
  int nid;
  const char* value;  // x509v3_config(5)
};

struct Profile {
  std::string common_name;
  std::vector<Extension> extensions;
  GeneralNamesPtr names;  // null: no subjectAltName
};

GeneralNamesPtr NoNames() { return GeneralNamesPtr(sk_GENERAL_NAME_new_null()); }

// Names are set as values: through the config syntax a comma in one would begin the next.
bool AddName(GENERAL_NAMES* names, int type, std::string_view text) {
  GeneralNamePtr name(GENERAL_NAME_new());
  ASN1_IA5STRING* value = ASN1_IA5STRING_new();
  if (!name || value == nullptr ||
      ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) != 1) {
    ASN1_IA5STRING_free(value);
    return false;
  }
  GENERAL_NAME_set0_value(name.get(), type, value);
  if (sk_GENERAL_NAME_push(names, name.get()) <= 0) return false;
  name.release();
  return true;
}

bool AddAddress(GENERAL_NAMES* names, const std::string& address) {
  ASN1_OCTET_STRING* bytes = a2i_IPADDRESS(address.c_str());
  GeneralNamePtr name(GENERAL_NAME_new());
  if (bytes == nullptr || !name) {
    ASN1_OCTET_STRING_free(bytes);
    return false;
  }
  GENERAL_NAME_set0_value(name.get(), GEN_IPADD, bytes);
  if (sk_GENERAL_NAME_push(names, name.get()) <= 0) return false;
  name.release();
  return true;
}

bool SetRandomSerial(X509* certificate) {
  const BignumPtr number(BN_new());
  // 128 random bits; zero is not a serial number (RFC 5280, 4.1.2.2).
  do {
    if (!number || BN_rand(number.get(), 128, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) != 1) {
      return false;
    }
  } while (BN_is_zero(number.get()));
  return BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool SetCommonName(X509_NAME* subject, const std::string& name) {
  return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, AsBytes(name),
                                    static_cast<int>(name.size()), -1, 0) == 1;
}

bool AddExtensions(X509* certificate, X509* issuer, const Profile& profile) {
  X509V3_CTX ctx;
  X509V3_set_ctx_nodb(&ctx);
  X509V3_set_ctx(&ctx, issuer, certificate, nullptr, nullptr, 0);
  for (const Extension& wanted : profile.extensions) {
    const X509ExtPtr extension(X509V3_EXT_nconf_nid(nullptr, &ctx, wanted.nid, wanted.value));
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) return false;
  }
  return !profile.names || X509_add1_ext_i2d(certificate, NID_subject_alt_name, profile.names.get(),
                                             0, X509V3_ADD_DEFAULT) == 1;
}

// `issuer` null: signs itself.
Result<X509Ptr> MakeCertificate(EVP_PKEY* subject_key, X509* issuer, EVP_PKEY* issuer_key,
                                const Profile& profile, seconds not_before, seconds not_after) {
  X509Ptr certificate(X509_new());
  if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      !SetRandomSerial(certificate.get()) ||
      !SetCommonName(X509_get_subject_name(certificate.get()), profile.common_name) ||
      ASN1_TIME_set(X509_getm_notBefore(certificate.get()), TimeT(not_before)) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(certificate.get()), TimeT(not_after)) == nullptr ||
      X509_set_pubkey(certificate.get(), subject_key) != 1) {
    return FailOpenssl("certificate");
  }
  X509* const signer = issuer != nullptr ? issuer : certificate.get();
  if (X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer)) != 1 ||
      !AddExtensions(certificate.get(), signer, profile) ||
      X509_sign(certificate.get(), issuer_key, EVP_sha256()) <= 0) {
    return FailOpenssl("certificate");
  }
  return certificate;
}

Profile LeafProfile(std::string common_name, const char* extended_usage) {
  Profile profile;
  profile.common_name = std::move(common_name);
  profile.extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                        {NID_key_usage, "critical,digitalSignature"},
                        {NID_ext_key_usage, extended_usage},
                        {NID_subject_key_identifier, "hash"},
                        {NID_authority_key_identifier, "keyid:always"}};
  profile.names = NoNames();
  return profile;
}

Result<X509Ptr> MakeCaCertificate(const SigningKey& key, const std::string& trust_domain, Now now) {
  Profile profile;
  // The digits keep two fleets' CAs apart in a trust store; the trust domain is in the URI.
  profile.common_name = "Sallyport CA " + key.public_key().key_id().substr(0, 8);
  profile.extensions = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                        {NID_key_usage, "critical,keyCertSign,cRLSign"},
                        {NID_subject_key_identifier, "hash"},
                        {NID_authority_key_identifier, "keyid:always"}};
  profile.names = NoNames();
  if (!AddName(profile.names.get(), GEN_URI, "sallyport://" + trust_domain)) {
    return FailOpenssl("certificate");
  }
  const seconds wall = WallSeconds(now);
  return MakeCertificate(key.get(), nullptr, key.get(), profile, wall - kBackdate,
                         wall + kCaLifetime);
}

Result<std::string> Issue(X509* ca, EVP_PKEY* ca_key, const PublicKey& key, const Profile& profile,
                          Now now, seconds lifetime) {
  const auto own = ParseCertificate(ToDer<i2d_X509>(ca));
  if (!own) return tl::unexpected(own.error());
  const seconds wall = WallSeconds(now);
  const auto ca_end = std::chrono::duration_cast<seconds>(own->not_after);
  if (lifetime <= seconds(0)) return Fail(Code::kInvalidArgument, "certificate lifetime");
  if (wall >= ca_end) return Fail(Code::kConflict, "the CA certificate has expired");
  const auto certificate = MakeCertificate(key.get(), ca, ca_key, profile, wall - kBackdate,
                                           std::min(wall + lifetime, ca_end));
  if (!certificate) return tl::unexpected(certificate.error());
  return ToDer<i2d_X509>(certificate->get());
}

// A host name of a server: labels as in RFC 1123, also upper case and single labels.
bool IsDnsName(std::string_view name) { return CheckTrustDomain(Lower(name)).has_value(); }

// The number of a CRL, and when it says to look for the next one; nothing when it is none of ours.
struct CrlState {
  uint64_t number = 0;
  bool fresh = false;
};
CrlState ReadCrl(const std::string& path, X509* issuer, Now now) {
  const auto der = ReadSmallFile(path);
  if (!der) return {};
  const auto crl = FromDer<d2i_X509_CRL, X509CrlPtr>(*der);
  if (!crl || X509_CRL_verify(crl.get(), X509_get0_pubkey(issuer)) != 1) {
    ERR_clear_error();
    return {};
  }
  CrlState state;
  ASN1_INTEGER* number =
      static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl.get(), NID_crl_number, nullptr, nullptr));
  if (number == nullptr || ASN1_INTEGER_get_uint64(&state.number, number) != 1) state.number = 0;
  ASN1_INTEGER_free(number);
  std::time_t renew_at = TimeT(WallSeconds(now) + kCrlRenewBefore);
  const ASN1_TIME* next = X509_CRL_get0_nextUpdate(crl.get());
  state.fresh = next != nullptr && X509_cmp_time(next, &renew_at) > 0;
  return state;
}

}  // namespace

struct CertificateAuthority::Impl {
  SigningKey key;
  X509Ptr certificate;
  X509StorePtr store;
  std::string certificate_der;
  std::string trust_domain;
};

namespace {

Result<X509StorePtr> StoreOf(X509* certificate) {
  X509StorePtr store(X509_STORE_new());
  if (!store || X509_STORE_add_cert(store.get(), certificate) != 1 ||
      X509_STORE_set_flags(store.get(), X509_V_FLAG_X509_STRICT) != 1) {
    return FailOpenssl("certificate store");
  }
  return store;
}

std::string KeyUri(const std::string& folder) {
  return FileUri(fs::absolute(folder + "/ca.key").string());
}

Result<std::string> MakeFirstStart(const std::string& folder, const std::string& trust_domain,
                                   Now now) {
  // Key first: a certificate without its key could never be completed.
  auto key = SigningKey::Create(KeyUri(folder));
  if (!key) return tl::unexpected(key.error());
  auto certificate = MakeCaCertificate(*key, trust_domain, now);
  if (!certificate) return tl::unexpected(certificate.error());
  std::string der = ToDer<i2d_X509>(certificate->get());
  const Status s =
      CreateSmallFile(folder + "/ca.crt", CertificatePem(der), FileAccess::kEveryoneReads);
  if (!s) return tl::unexpected(s.error());
  return der;
}

Result<std::string> ReadCertificate(const std::string& path) {
  const auto pem = ReadSmallFile(path);
  if (!pem) return tl::unexpected(pem.error());
  auto der = CertificateDer(*pem);
  if (!der) return Wrap(der.error(), path);
  return der;
}

Status CheckTrustDomainOf(std::string_view der, const std::string& trust_domain,
                          const std::string& folder) {
  const auto info = ParseCertificate(der);
  if (!info) return Wrap(info.error(), folder + "/ca.crt");
  if (info->uris == std::vector<std::string>{"sallyport://" + trust_domain}) return {};
  return Fail(Code::kConflict, folder + "/ca.crt: not the CA of trust domain " + trust_domain);
}

}  // namespace

Result<CertificateAuthority> CertificateAuthority::Open(const std::string& folder,
                                                        const std::string& trust_domain, Now now) {
  if (const Status s = CheckTrustDomain(trust_domain); !s) return tl::unexpected(s.error());
  if (const Status s = MakeOwnerFolder(folder); !s) return tl::unexpected(s.error());
  const bool has_key = fs::exists(folder + "/ca.key");
  const bool has_certificate = fs::exists(folder + "/ca.crt");
  if (has_key != has_certificate) {
    return Fail(Code::kConflict, folder + ": ca." + (has_key ? "key" : "crt") + " without ca." +
                                     (has_key ? "crt" : "key") +
                                     "; put the missing file back, or empty the folder for a new "
                                     "CA that none of the issued certificates belongs to");
  }
  auto der =
      has_key ? ReadCertificate(folder + "/ca.crt") : MakeFirstStart(folder, trust_domain, now);
  if (!der) return tl::unexpected(der.error());
  auto key = SigningKey::Open(KeyUri(folder));
  if (!key) return tl::unexpected(key.error());
  if (const Status s = CheckTrustDomainOf(*der, trust_domain, folder); !s) {
    return tl::unexpected(s.error());
  }

  auto impl = std::make_shared<Impl>();
  impl->key = *std::move(key);
  impl->certificate = FromDer<d2i_X509, X509Ptr>(*der);
  if (X509_check_private_key(impl->certificate.get(), impl->key.get()) != 1) {
    ERR_clear_error();
    return Fail(Code::kConflict, folder + ": ca.key is not the key of ca.crt");
  }
  auto store = StoreOf(impl->certificate.get());
  if (!store) return tl::unexpected(store.error());
  impl->store = *std::move(store);
  impl->certificate_der = *std::move(der);
  impl->trust_domain = trust_domain;
  CertificateAuthority out;
  out.impl_ = std::move(impl);
  if (const Status s = out.RefreshCrl(folder, now); !s) return tl::unexpected(s.error());
  return out;
}

Status CertificateAuthority::RefreshCrl(const std::string& folder, Now now) const {
  const std::string path = folder + "/ca.crl";
  const CrlState old = ReadCrl(path, impl_->certificate.get(), now);
  if (old.fresh) return {};
  // Seconds grow also when the old file is lost.
  const auto wall = static_cast<uint64_t>(WallSeconds(now).count());
  const auto crl = MakeCrl(std::max(old.number + 1, wall), now, kCrlLifetime);
  if (!crl) return tl::unexpected(crl.error());
  return ReplaceSmallFile(path, *crl, FileAccess::kEveryoneReads);
}

Result<CertificateInfo> CertificateAuthority::Verify(std::string_view certificate_der,
                                                     Now now) const {
  const auto certificate = FromDer<d2i_X509, X509Ptr>(certificate_der);
  if (!certificate) return Fail(Code::kMalformed, "certificate: not DER");
  const X509StoreCtxPtr ctx(X509_STORE_CTX_new());
  if (!ctx || X509_STORE_CTX_init(ctx.get(), impl_->store.get(), certificate.get(), nullptr) != 1) {
    return FailOpenssl("certificate");
  }
  X509_STORE_CTX_set_time(ctx.get(), 0, TimeT(WallSeconds(now)));
  if (X509_verify_cert(ctx.get()) == 1) return InfoOf(certificate.get());
  ERR_clear_error();
  const int error = X509_STORE_CTX_get_error(ctx.get());
  return Fail(Code::kBadSignature,
              std::string("certificate: ") + X509_verify_cert_error_string(error));
}

Result<std::string> CertificateAuthority::IssueLeaf(const PublicKey& key, const LeafName& name,
                                                    Now now, seconds lifetime) const {
  if (const Status s = CheckOwnName(name); !s) return tl::unexpected(s.error());
  Profile profile = LeafProfile(name.id, "clientAuth");
  if (!AddName(profile.names.get(), GEN_URI, LeafUri(name))) return FailOpenssl("certificate");
  return Issue(impl_->certificate.get(), impl_->key.get(), key, profile, now, lifetime);
}

Result<std::string> CertificateAuthority::IssueVpn(const PublicKey& key, const LeafName& name,
                                                   Now now, seconds lifetime) const {
  if (const Status s = CheckOwnName(name); !s) return tl::unexpected(s.error());
  const std::string fqdn = name.id + "." + name.trust_domain;
  const bool is_device = name.role == LeafName::Role::kDevice;
  Profile profile = LeafProfile(fqdn.size() <= kMaxCommonName ? fqdn : name.id,
                                is_device ? "clientAuth" : "serverAuth");
  if (!AddName(profile.names.get(), GEN_DNS, fqdn) ||
      !AddName(profile.names.get(), GEN_URI, LeafUri(name))) {
    return FailOpenssl("certificate");
  }
  return Issue(impl_->certificate.get(), impl_->key.get(), key, profile, now, lifetime);
}

Result<std::string> CertificateAuthority::IssueServer(const PublicKey& key,
                                                      const std::vector<std::string>& dns_names,
                                                      const std::vector<std::string>& ip_addresses,
                                                      Now now, seconds lifetime) const {
  if (dns_names.empty() && ip_addresses.empty()) {
    return Fail(Code::kInvalidArgument, "server certificate: neither a name nor an address");
  }
  const std::string& first = dns_names.empty() ? ip_addresses.front() : dns_names.front();
  Profile profile =
      LeafProfile(first.size() <= kMaxCommonName ? first : "Sallyport service", "serverAuth");
  for (const std::string& name : dns_names) {
    if (!IsDnsName(name)) return Fail(Code::kInvalidArgument, "DNS name \"" + Excerpt(name) + "\"");
    if (!AddName(profile.names.get(), GEN_DNS, name)) return FailOpenssl("certificate");
  }
  for (const std::string& address : ip_addresses) {
    if (!AddAddress(profile.names.get(), address)) {
      ERR_clear_error();
      return Fail(Code::kInvalidArgument, "IP address \"" + Excerpt(address) + "\"");
    }
  }
  return Issue(impl_->certificate.get(), impl_->key.get(), key, profile, now, lifetime);
}

Status CertificateAuthority::CheckOwnName(const LeafName& name) const {
  if (const Status s = CheckLeafName(name); !s) return s;
  if (name.trust_domain == impl_->trust_domain) return {};
  return Fail(Code::kInvalidArgument, "trust domain " + name.trust_domain + " is not this CA's");
}

Result<std::string> CertificateAuthority::MakeCrl(uint64_t number, Now now,
                                                  seconds lifetime) const {
  const X509CrlPtr crl(X509_CRL_new());
  const AsnTimePtr last(ASN1_TIME_set(nullptr, TimeT(WallSeconds(now) - kBackdate)));
  const AsnTimePtr next(ASN1_TIME_set(nullptr, TimeT(WallSeconds(now) + lifetime)));
  const AsnIntegerPtr serial(ASN1_INTEGER_new());
  X509* const issuer = impl_->certificate.get();
  X509V3_CTX ctx;
  X509V3_set_ctx_nodb(&ctx);
  X509V3_set_ctx(&ctx, issuer, nullptr, nullptr, crl.get(), 0);
  const X509ExtPtr authority(
      X509V3_EXT_nconf_nid(nullptr, &ctx, NID_authority_key_identifier, "keyid:always"));
  if (!crl || !last || !next || !serial || !authority ||
      X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) != 1 ||
      X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer)) != 1 ||
      X509_CRL_set1_lastUpdate(crl.get(), last.get()) != 1 ||
      X509_CRL_set1_nextUpdate(crl.get(), next.get()) != 1 ||
      X509_CRL_add_ext(crl.get(), authority.get(), -1) != 1 ||
      ASN1_INTEGER_set_uint64(serial.get(), number) != 1 ||
      X509_CRL_add1_ext_i2d(crl.get(), NID_crl_number, serial.get(), 0, X509V3_ADD_DEFAULT) != 1 ||
      X509_CRL_sign(crl.get(), impl_->key.get(), EVP_sha256()) <= 0) {
    return FailOpenssl("CRL");
  }
  return ToDer<i2d_X509_CRL>(crl.get());
}

const std::string& CertificateAuthority::certificate_der() const { return impl_->certificate_der; }
const std::string& CertificateAuthority::trust_domain() const { return impl_->trust_domain; }

}  // namespace sallyport
