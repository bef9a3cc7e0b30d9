// SPDX-License-Identifier: Apache-2.0
#include "attestation/certificates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/attestation/certificate_fixture.h"

namespace sallyport {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using CertificatesTest = CertificateFixture;

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
  ASSERT_TRUE(SigningKey::Create(FileUri(ca + "/ca.key")));
  EXPECT_THAT(CertificateAuthority::Open(ca, "corp.example", now).error().message,
              HasSubstr("ca.key is not the key of ca.crt"));
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

TEST_F(CertificatesTest, TheCrlIsKeptWhileItIsFresh) {
  OpenCa(At(1'800'000'000));
  const std::string first = folder_.Read("ca/ca.crl");
  OpenCa(At(1'800'000'000 + 5 * 24 * 3600));
  EXPECT_EQ(folder_.Read("ca/ca.crl"), first);
  OpenCa(At(1'800'000'000 + 6 * 24 * 3600 + 1));
  EXPECT_NE(folder_.Read("ca/ca.crl"), first);
}

TEST_F(CertificatesTest, ARequestProvesThePossessionOfItsKeyAndNothingElsePasses) {
  const std::string der = MakeRequest(key_, "anything").value();
  EXPECT_EQ(VerifyRequest(der).value().key_id(), key_.public_key().key_id());
  std::string flipped = der;
  flipped[flipped.find("anything")] = 'A';
  EXPECT_EQ(VerifyRequest(flipped).error().code, Code::kBadSignature);
  EXPECT_EQ(VerifyRequest(der + "x").error().code, Code::kMalformed);
  EXPECT_EQ(VerifyRequest("").error().code, Code::kMalformed);
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

}  // namespace
}  // namespace sallyport
