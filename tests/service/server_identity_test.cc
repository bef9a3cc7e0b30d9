// SPDX-License-Identifier: Apache-2.0
#include "service/server_identity.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <cstdlib>

#include "attestation/durable_file.h"
#include "base/now.h"
#include "tests/service/running_service.h"

namespace sallyport {
namespace {

using std::chrono::hours;

Now In(hours later) {
  Now now = SystemNow();
  now.wall += later;
  return now;
}

class ServerIdentityFiles : public testing::Test {
 protected:
  Result<CertificateInfo> Certificate() const {
    return ParseCertificate(CertificateDer(ReadFile(folder_.path() + "/server.crt")).value());
  }

  TempFolder folder_;
  CertificateAuthority ca_ =
      CertificateAuthority::Open(folder_.path() + "/ca", "test.example", SystemNow()).value();
};

TEST_F(ServerIdentityFiles, AreMadeOnceAndKeptWhileTheyAreGood) {
  ServerIdentity identity(folder_.path(), {"policy.test.example", "127.0.0.1"});
  ASSERT_TRUE(identity.Refresh(ca_, SystemNow()));
  const std::string first = ReadFile(folder_.path() + "/server.crt");
  EXPECT_TRUE(ca_.Verify(CertificateDer(first).value(), SystemNow()));
  ASSERT_TRUE(identity.Refresh(ca_, In(hours{59 * 24})));
  EXPECT_EQ(ReadFile(folder_.path() + "/server.crt"), first);
}

TEST_F(ServerIdentityFiles, AreIssuedAnewWhenLessThanAThirdOfTheirTimeIsLeft) {
  ServerIdentity identity(folder_.path(), {"127.0.0.1"});
  ASSERT_TRUE(identity.Refresh(ca_, SystemNow()));
  const Millis until = Certificate()->not_after;
  ASSERT_TRUE(identity.Refresh(ca_, In(hours{61 * 24})));
  EXPECT_GT(Certificate()->not_after, until + hours{60 * 24});
}

TEST_F(ServerIdentityFiles, AreIssuedAnewForOtherNames) {
  ASSERT_TRUE(ServerIdentity(folder_.path(), {"one.test.example"}).Refresh(ca_, SystemNow()));
  ASSERT_TRUE(ServerIdentity(folder_.path(), {"two.test.example"}).Refresh(ca_, SystemNow()));
  EXPECT_EQ(Certificate()->dns_names, std::vector<std::string>{"two.test.example"});
}

// The serial number of the certificate that a new connection is shown.
std::string SerialShownAt(const std::string& address) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  BIO* connection = BIO_new_ssl_connect(context);
  BIO_set_conn_hostname(connection, address.c_str());
  std::string serial;
  SSL* tls = nullptr;
  BIO_get_ssl(connection, &tls);
  const unsigned char http2[] = {2, 'h', '2'};
  SSL_set_alpn_protos(tls, http2, sizeof(http2));
  if (BIO_do_connect(connection) == 1 && BIO_do_handshake(connection) == 1) {
    X509* certificate = SSL_get1_peer_certificate(tls);
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    const std::string_view bytes(reinterpret_cast<char*>(der), static_cast<size_t>(size));
    serial = ParseCertificate(bytes).value().serial_hex;
    OPENSSL_free(der);
    X509_free(certificate);
  }
  BIO_free_all(connection);
  SSL_CTX_free(context);
  return serial;
}

// Another process, which our own rules for TLS do not bind. `shown` is what it prints when a
// session stood, if only until the server missed a client certificate.
bool Negotiates(const std::string& address, const std::string& option, const std::string& shown) {
  const std::string command = "timeout 10 openssl s_client -alpn h2 -connect " + address + " " +
                              option + " </dev/null 2>&1 | grep -q 'New, " + shown + "'";
  return std::system(command.c_str()) == 0;
}

TEST(ServerIdentity, BothListenersSpeakTls13AndNothingOlder) {
  RunningService service;
  for (const std::string& address : {service->enroll_address(), service->attest_address()}) {
    EXPECT_TRUE(Negotiates(address, "-tls1_3", "TLSv1.3")) << address;
    EXPECT_FALSE(Negotiates(address, "-tls1_2", "TLSv1.2")) << address;
  }
}

TEST(ServerIdentity, AServiceThatRunsForMonthsShowsTheRenewedCertificateWithoutARestart) {
  RunningService service;
  const std::string state = service.folder() + "/state";
  const std::string first = SerialShownAt(service->enroll_address());
  ASSERT_FALSE(first.empty());

  // Two months have gone by.
  const CertificateAuthority ca =
      CertificateAuthority::Open(state + "/ca", "test.example", SystemNow()).value();
  const SigningKey key = SigningKey::Open(FileUri(state + "/server.key")).value();
  const std::string aged =
      ca.IssueServer(key.public_key(), {}, {"127.0.0.1"}, SystemNow(), hours{29 * 24}).value();
  ASSERT_TRUE(
      ReplaceSmallFile(state + "/server.crt", CertificatePem(aged), FileAccess::kEveryoneReads));
  ASSERT_TRUE(service->KeepFresh());

  const std::string renewed =
      ParseCertificate(CertificateDer(ReadFile(state + "/server.crt")).value()).value().serial_hex;
  EXPECT_NE(renewed, ParseCertificate(aged).value().serial_hex);
  EXPECT_EQ(SerialShownAt(service->enroll_address()), renewed);
  EXPECT_TRUE(service.ConnectedDevice()->Attest({Edr(true)}));
}

}  // namespace
}  // namespace sallyport
