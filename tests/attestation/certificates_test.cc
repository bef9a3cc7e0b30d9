// SPDX-License-Identifier: Apache-2.0
#include "attestation/certificates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/attestation/shell.h"

namespace sallyport {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const LeafName kLaptop{LeafName::Role::kDevice, "corp.example", "laptop-1"};
const LeafName kGate{LeafName::Role::kGateway, "corp.example", "gate-1"};

Now WallClock() {
  return {Millis(0),
          std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch())};
}

Now At(int64_t wall_s) { return {Millis(0), Millis(wall_s * 1000)}; }

class CertificatesTest : public ::testing::Test {
 protected:
  CertificateAuthority OpenCa(Now now) const {
    return CertificateAuthority::Open(folder_.path() + "/ca", "corp.example", now).value();
  }
  TemporaryFolder folder_;
  SigningKey key_ = SigningKey::Generate().value();
};

TEST_F(CertificatesTest, OpensslAcceptsEveryKindStrictlyForItsPurposeAndNoOther) {
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

TEST_F(CertificatesTest, TheTextOfACertificateShowsTheWholeProfile) {
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

TEST_F(CertificatesTest, WhatWasIssuedParsesBackToItsNameKeyAndDates) {
  const CertificateAuthority ca = OpenCa(At(1'800'000'000));
  const std::string der =
      ca.IssueLeaf(key_.public_key(), kGate, At(1'800'000'000), hours(1)).value();
  const CertificateInfo info = ParseCertificate(der).value();
  EXPECT_EQ(info.subject_cn, "gate-1");
  EXPECT_THAT(info.uris, ElementsAre("sallyport://corp.example/gateway/gate-1"));
  EXPECT_EQ(LeafNameOf(info).value(), kGate);
  EXPECT_EQ(info.not_before, Millis((1'800'000'000LL - 300) * 1000));
  EXPECT_EQ(info.not_after, Millis((1'800'000'000LL + 3600) * 1000));
  EXPECT_EQ(info.spki, key_.public_key().spki());
  EXPECT_EQ(CertificateDer(CertificatePem(der)).value(), der);
  EXPECT_EQ(ParseCertificate(der + "x").error().code, Code::kMalformed);
  EXPECT_EQ(ParseCertificate(der.substr(0, der.size() - 1)).error().code, Code::kMalformed);
}

TEST_F(CertificatesTest, SerialsOfTwoCertificatesDifferAndAreUpTo128BitsLong) {
  const CertificateAuthority ca = OpenCa(At(1'800'000'000));
  const auto serial = [&] {
    return ParseCertificate(
               ca.IssueLeaf(key_.public_key(), kGate, At(1'800'000'000), hours(1)).value())
        .value()
        .serial_hex;
  };
  const std::string first = serial();
  EXPECT_NE(first, serial());
  EXPECT_LE(first.size(), 32u);
  EXPECT_GE(first.size(), 24u);  // 2^-32 that a good generator fails here
}

TEST_F(CertificatesTest, VerifyHoldsDatesAndIssuer) {
  const CertificateAuthority ca = OpenCa(At(1'800'000'000));
  const std::string der =
      ca.IssueLeaf(key_.public_key(), kLaptop, At(1'800'000'000), hours(1)).value();
  EXPECT_TRUE(ca.Verify(der, At(1'800'000'000 - 299)));
  EXPECT_TRUE(ca.Verify(der, At(1'800'003'599)));
  EXPECT_EQ(ca.Verify(der, At(1'800'000'000 - 301)).error(),
            (Error{Code::kBadSignature, "certificate: certificate is not yet valid"}));
  EXPECT_EQ(ca.Verify(der, At(1'800'003'601)).error(),
            (Error{Code::kBadSignature, "certificate: certificate has expired"}));

  const CertificateAuthority other =
      CertificateAuthority::Open(folder_.File("other"), "corp.example", At(1'800'000'000)).value();
  EXPECT_EQ(other.Verify(der, At(1'800'000'000)).error().code, Code::kBadSignature);

  std::string flipped = der;
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  EXPECT_EQ(ca.Verify(flipped, At(1'800'000'000)).error().code, Code::kBadSignature);
  EXPECT_EQ(ca.Verify("junk", At(1'800'000'000)).error().code, Code::kMalformed);
}

TEST_F(CertificatesTest, ACertificateNeverOutlivesItsCa) {
  const CertificateAuthority ca = OpenCa(At(1'800'000'000));
  const int64_t end = 1'800'000'000LL + 10 * 365 * 24 * 3600LL;
  const std::string der = ca.IssueLeaf(key_.public_key(), kLaptop, At(end - 60), hours(8)).value();
  EXPECT_EQ(ParseCertificate(der)->not_after, Millis(end * 1000));
  EXPECT_EQ(ca.IssueLeaf(key_.public_key(), kLaptop, At(end), hours(8)).error().code,
            Code::kConflict);
}

TEST_F(CertificatesTest, TheCaKeyIsItsOwnersOnlyAndIsOpenedAgainNotMadeAgain) {
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

TEST_F(CertificatesTest, HalfACaIsAConflictAndNeverANewCa) {
  const Now now = WallClock();
  const std::string ca = folder_.File("ca");
  OpenCa(now);
  for (const char* name : {"/ca.key", "/ca.crt"}) {
    std::filesystem::rename(ca + name, folder_.File("aside"));
    EXPECT_EQ(CertificateAuthority::Open(ca, "corp.example", now).error().code, Code::kConflict);
    EXPECT_FALSE(std::filesystem::exists(ca + name));
    std::filesystem::rename(folder_.File("aside"), ca + name);
  }
  EXPECT_THAT(CertificateAuthority::Open(ca, "other.example", now).error().message,
              HasSubstr("not the CA of trust domain other.example"));

  std::filesystem::remove(ca + "/ca.key");
  ASSERT_TRUE(SigningKey::Create("file:" + ca + "/ca.key"));
  EXPECT_THAT(CertificateAuthority::Open(ca, "corp.example", now).error().message,
              HasSubstr("ca.key is not the key of ca.crt"));
}

TEST_F(CertificatesTest, TheCrlIsKeptWhileFreshAndItsNumberGrows) {
  OpenCa(At(1'800'000'000));
  const std::string first = folder_.Read("ca/ca.crl");
  OpenCa(At(1'800'000'000 + 5 * 24 * 3600));
  EXPECT_EQ(folder_.Read("ca/ca.crl"), first);
  OpenCa(At(1'800'000'000 + 6 * 24 * 3600 + 1));
  EXPECT_NE(folder_.Read("ca/ca.crl"), first);
  folder_.Put("first.crl", first);
  EXPECT_EQ(RunShell(folder_.path(), R"(
    openssl crl -inform DER -in first.crl -noout -crlnumber
    openssl crl -inform DER -in ca/ca.crl -noout -crlnumber
    openssl crl -inform DER -in ca/ca.crl -noout -CAfile ca/ca.crt 2>&1)")
                .text,
            "crlNumber=0x6B49D200\ncrlNumber=0x6B51BB01\nverify OK\n");
}

TEST_F(CertificatesTest, NamesThatAreNoneAreNotCertified) {
  const Now now = WallClock();
  const CertificateAuthority ca = OpenCa(now);
  const auto code = [&](const LeafName& name) {
    const auto vpn = ca.IssueVpn(key_.public_key(), name, now, hours(1));
    const auto leaf = ca.IssueLeaf(key_.public_key(), name, now, hours(1));
    EXPECT_EQ(vpn.has_value(), leaf.has_value());
    return leaf ? Code::kInternal : leaf.error().code;
  };
  for (const char* id : {"", "UPPER", "a/b", "-a", "a-", "a.b", "a b", "a\n"}) {
    EXPECT_EQ(code({LeafName::Role::kDevice, "corp.example", id}), Code::kInvalidArgument) << id;
  }
  EXPECT_EQ(code({LeafName::Role::kDevice, "corp.example", std::string(64, 'a')}),
            Code::kInvalidArgument);
  EXPECT_EQ(code({LeafName::Role::kDevice, "other.example", "a"}), Code::kInvalidArgument);
  EXPECT_EQ(ca.IssueServer(key_.public_key(), {"a,DNS:evil"}, {}, now, hours(1)).error().code,
            Code::kInvalidArgument);
  EXPECT_EQ(ca.IssueServer(key_.public_key(), {}, {"1.2.3"}, now, hours(1)).error().code,
            Code::kInvalidArgument);
  EXPECT_EQ(ca.IssueServer(key_.public_key(), {}, {}, now, hours(1)).error().code,
            Code::kInvalidArgument);
  EXPECT_EQ(ca.IssueLeaf(key_.public_key(), kLaptop, now, seconds(0)).error().code,
            Code::kInvalidArgument);
}

TEST_F(CertificatesTest, AnIdOf63CharactersStillFitsItsVpnCertificate) {
  const Now now = WallClock();
  const LeafName name{LeafName::Role::kDevice, "corp.example", std::string(63, 'a')};
  const CertificateInfo info =
      ParseCertificate(OpenCa(now).IssueVpn(key_.public_key(), name, now, hours(1)).value())
          .value();
  EXPECT_EQ(info.subject_cn, name.id);
  EXPECT_THAT(info.dns_names, ElementsAre(name.id + ".corp.example"));
}

TEST(LeafNames, OnlyOneWellFormedSallyportUriMakesAName) {
  const auto name = [](std::vector<std::string> uris) {
    CertificateInfo info;
    info.uris = std::move(uris);
    return LeafNameOf(info);
  };
  EXPECT_EQ(name({"sallyport://corp.example/device/laptop-1"}).value(), kLaptop);
  EXPECT_EQ(name({"https://x.example/", "sallyport://corp.example/device/laptop-1"}).value(),
            kLaptop);
  const std::vector<std::vector<std::string>> bad = {
      {},
      {"https://x.example/"},
      {"sallyport://corp.example/device/laptop-1", "sallyport://corp.example/device/laptop-2"},
      {"sallyport://corp.example"},
      {"sallyport://corp.example/device/"},
      {"sallyport://corp.example/admin/laptop-1"},
      {"sallyport://corp.example/device/laptop-1/x"},
      {"sallyport:///device/laptop-1"},
      {"sallyport://corp..example/device/laptop-1"},
      {"sallyport://corp.example/device/Laptop"},
  };
  for (const auto& uris : bad) EXPECT_EQ(name(uris).error().code, Code::kMalformed);
}

TEST_F(CertificatesTest, ARequestProvesThePossessionOfItsKey) {
  const std::string der = MakeRequest(key_, "anything").value();
  EXPECT_EQ(VerifyRequest(der).value().key_id(), key_.public_key().key_id());
  folder_.Put("request.der", der);
  EXPECT_THAT(
      RunShell(folder_.path(), "openssl req -inform DER -in request.der -noout -verify").text,
      HasSubstr("OK"));

  std::string flipped = der;
  flipped[flipped.find("anything")] = 'A';
  EXPECT_EQ(VerifyRequest(flipped).error().code, Code::kBadSignature);
  EXPECT_EQ(VerifyRequest(der + "x").error().code, Code::kMalformed);
  EXPECT_EQ(VerifyRequest("").error().code, Code::kMalformed);
}

TEST_F(CertificatesTest, ARequestWithAnRsaKeyIsUnsupported) {
  const ShellOutput out = RunShell(folder_.path(), R"(
    openssl req -new -newkey rsa:2048 -nodes -keyout k.pem -subj /CN=x -outform DER -out r.der)");
  ASSERT_EQ(out.exit_code, 0) << out.text;
  EXPECT_EQ(VerifyRequest(folder_.Read("r.der")).error().code, Code::kUnsupported);
}

TEST_F(CertificatesTest, ANameWithANulByteIsMalformed) {
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
