// SPDX-License-Identifier: Apache-2.0
// Certificates against the openssl command and against permission bits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "attestation/certificates.h"
#include "tests/attestation/certificate_fixture.h"
#include "tests/attestation/shell.h"

namespace sallyport {
namespace {

using std::chrono::hours;
using ::testing::HasSubstr;

using CertificatesPosixTest = CertificateFixture;

TEST_F(CertificatesPosixTest, OpensslAcceptsEveryKindStrictlyForItsPurposeAndNoOther) {
  const Now now = WallClock();
  const CertificateAuthority ca = OpenCa(now);
  const PublicKey& key = key_.public_key();
  folder_.Put("leaf.pem", CertificatePem(ca.IssueLeaf(key, kLaptop, now, hours(8)).value()));
  folder_.Put("vpn.pem", CertificatePem(ca.IssueVpn(key, kLaptop, now, hours(24)).value()));
  folder_.Put("gate.pem", CertificatePem(ca.IssueVpn(key, kGate, now, hours(24)).value()));
  folder_.Put("server.pem", CertificatePem(ca.IssueServer(key, {"policy.corp.example", "localhost"},
                                                          {"127.0.0.1", "::1"}, now, hours(24))
                                               .value()));
  const ShellOutput out = RunShell(folder_.path(), R"(
    openssl crl -inform DER -in ca/ca.crl -out crl.pem
    check() { openssl verify -x509_strict -CAfile ca/ca.crt -CRLfile crl.pem -crl_check "$@"; }
    check -purpose sslclient leaf.pem
    check -purpose sslclient -verify_hostname laptop-1.corp.example vpn.pem
    check -purpose sslserver -verify_hostname gate-1.corp.example gate.pem
    check -purpose sslserver -verify_hostname policy.corp.example server.pem
    check -purpose sslserver -verify_hostname localhost server.pem
    check -purpose sslserver -verify_ip 127.0.0.1 server.pem
    check -purpose sslserver -verify_ip ::1 server.pem
    if check -purpose sslserver leaf.pem; then exit 1; fi
    if check -purpose sslclient gate.pem; then exit 1; fi
    if check -purpose sslclient server.pem; then exit 1; fi
    if check -purpose sslserver -verify_hostname evil.example server.pem; then exit 1; fi
    openssl verify -x509_strict -CAfile ca/ca.crt ca/ca.crt)");
  EXPECT_EQ(out.exit_code, 0) << out.text;
}

TEST_F(CertificatesPosixTest, TheTextOfACertificateShowsTheWholeProfile) {
  const CertificateAuthority ca = OpenCa(At(1'800'000'000));
  folder_.Put(
      "vpn.pem",
      CertificatePem(ca.IssueVpn(key_.public_key(), kLaptop, At(1'800'000'000), hours(1)).value()));
  const ShellOutput out = RunShell(folder_.path(), R"(
    openssl x509 -in vpn.pem -noout -subject -startdate -enddate \
      -ext keyUsage,extendedKeyUsage,basicConstraints,subjectAltName
    openssl x509 -in ca/ca.crt -noout -startdate -ext keyUsage,basicConstraints,subjectAltName
    openssl x509 -in vpn.pem -noout -text | grep -c 'Key Identifier'
    openssl crl -inform DER -in ca/ca.crl -noout -text | grep -E 'Version|CRL Number|Authority')");
  EXPECT_EQ(out.text, R"(subject=CN = laptop-1.corp.example
notBefore=Jan 15 07:55:00 2027 GMT
notAfter=Jan 15 09:00:00 2027 GMT
X509v3 Basic Constraints: critical
    CA:FALSE
X509v3 Key Usage: critical
    Digital Signature
X509v3 Extended Key Usage: 
    TLS Web Client Authentication
X509v3 Subject Alternative Name: 
    DNS:laptop-1.corp.example, URI:sallyport://corp.example/device/laptop-1
notBefore=Jan 15 07:55:00 2027 GMT
X509v3 Basic Constraints: critical
    CA:TRUE, pathlen:0
X509v3 Key Usage: critical
    Certificate Sign, CRL Sign
X509v3 Subject Alternative Name: 
    URI:sallyport://corp.example
2
        Version 2 (0x1)
            X509v3 Authority Key Identifier: 
            X509v3 CRL Number: 
)");
}

TEST_F(CertificatesPosixTest, TheCaKeyIsItsOwnersOnlyAndIsOpenedAgainNotMadeAgain) {
  const CertificateAuthority ca = OpenCa(WallClock());
  const auto mode = [this](const std::string& name) {
    return std::filesystem::status(folder_.File(name)).permissions();
  };
  using std::filesystem::perms;
  EXPECT_EQ(mode("ca"), perms::owner_all);
  EXPECT_EQ(mode("ca/ca.key"), perms::owner_read | perms::owner_write);
  EXPECT_EQ(OpenCa(WallClock()).certificate_der(), ca.certificate_der());

  std::filesystem::permissions(folder_.File("ca/ca.key"), perms::owner_all | perms::others_read);
  EXPECT_EQ(
      CertificateAuthority::Open(folder_.File("ca"), "corp.example", WallClock()).error().code,
      Code::kDenied);
}

TEST_F(CertificatesPosixTest, TheNumberOfTheCrlGrows) {
  OpenCa(At(1'800'000'000));
  folder_.Put("first.crl", folder_.Read("ca/ca.crl"));
  OpenCa(At(1'800'000'000 + 6 * 24 * 3600 + 1));
  EXPECT_EQ(RunShell(folder_.path(), R"(
    openssl crl -inform DER -in first.crl -noout -crlnumber
    openssl crl -inform DER -in ca/ca.crl -noout -crlnumber
    openssl crl -inform DER -in ca/ca.crl -noout -CAfile ca/ca.crt 2>&1)")
                .text,
            "crlNumber=0x6B49D200\ncrlNumber=0x6B51BB01\nverify OK\n");
}

TEST_F(CertificatesPosixTest, OpensslVerifiesOurRequest) {
  const std::string der = MakeRequest(key_, "anything").value();
  EXPECT_EQ(VerifyRequest(der).value().key_id(), key_.public_key().key_id());
  folder_.Put("request.der", der);
  EXPECT_THAT(
      RunShell(folder_.path(), "openssl req -inform DER -in request.der -noout -verify").text,
      HasSubstr("OK"));
}

TEST_F(CertificatesPosixTest, ARequestWithAnRsaKeyIsUnsupported) {
  const ShellOutput out = RunShell(folder_.path(), R"(
    openssl req -new -newkey rsa:2048 -nodes -keyout k.pem -subj /CN=x -outform DER -out r.der)");
  ASSERT_EQ(out.exit_code, 0) << out.text;
  EXPECT_EQ(VerifyRequest(folder_.Read("r.der")).error().code, Code::kUnsupported);
}

TEST_F(CertificatesPosixTest, ANameWithANulByteIsMalformed) {
  const ShellOutput out = RunShell(folder_.path(), R"(
    openssl ecparam -name prime256v1 -genkey -noout -out k.pem
    openssl req -x509 -new -key k.pem -subj /CN=x -days 1 -outform DER -out c.der \
      -addext 'subjectAltName=DER:30:07:82:05:61:00:62:63:64')");
  ASSERT_EQ(out.exit_code, 0) << out.text;
  EXPECT_EQ(ParseCertificate(folder_.Read("c.der")).error(),
            (Error{Code::kMalformed, "certificate: NUL in subjectAltName"}));
}

}  // namespace
}  // namespace sallyport
