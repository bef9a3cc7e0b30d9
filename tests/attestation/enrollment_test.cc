// SPDX-License-Identifier: Apache-2.0
#include "attestation/enrollment.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <mutex>

#include "attestation/dsse.h"
#include "attestation/tls13.h"
#include "sallyport/v1/attestation.grpc.pb.h"
#include "sallyport/v1/enrollment.grpc.pb.h"
#include "tests/attestation/shell.h"

namespace sallyport {
namespace {

using std::chrono::hours;
using ::testing::HasSubstr;
using ::testing::Not;

Now WallClock() {
  return {Millis(0),
          std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch())};
}

// What a policy service does at the least, with the real CA.
class EnrollmentServer final : public v1::Enrollment::Service {
 public:
  explicit EnrollmentServer(const CertificateAuthority& ca) : ca_(ca) {}

  grpc::Status Enroll(grpc::ServerContext*, const v1::EnrollRequest* request,
                      v1::EnrollResponse* response) override {
    const std::scoped_lock lock(mutex_);
    last_request = *request;
    if (request->token() != "good-token") {
      return {grpc::StatusCode::PERMISSION_DENIED, "token used or expired"};
    }
    const auto identity = VerifyRequest(request->identity_csr());
    if (!identity) return {grpc::StatusCode::INVALID_ARGUMENT, identity.error().message};
    identity_ = *identity;
    const LeafName name{role, "corp.example", "laptop-1"};
    response->set_device_id(answer_id);
    response->set_trust_domain("corp.example");
    response->set_attestation_address(address);
    response->set_ca_certificate(ca_.certificate_der());
    response->set_service_key(service_key.public_key().spki());
    if (!request->vpn_csr().empty()) {
      const auto key = VerifyRequest(request->vpn_csr());
      if (!key) return {grpc::StatusCode::INVALID_ARGUMENT, key.error().message};
      response->set_vpn_certificate(ca_.IssueVpn(*key, name, WallClock(), hours(24)).value());
    }
    return grpc::Status::OK;
  }

  grpc::Status Challenge(grpc::ServerContext*, const v1::ChallengeRequest*,
                         v1::ChallengeResponse* response) override {
    const std::scoped_lock lock(mutex_);
    nonce_ = RandomBytes(32);
    response->set_nonce(nonce_);
    return grpc::Status::OK;
  }

  grpc::Status RenewLeaf(grpc::ServerContext*, const v1::Envelope* envelope,
                         v1::RenewLeafResponse* response) override {
    const std::scoped_lock lock(mutex_);
    if (const Status s = VerifyEnvelope(identity_.value(), kRenewLeafType, *envelope); !s) {
      return {grpc::StatusCode::PERMISSION_DENIED, s.error().message};
    }
    v1::RenewLeafRequest request;
    if (!request.ParseFromString(envelope->payload()) || request.nonce() != nonce_) {
      return {grpc::StatusCode::PERMISSION_DENIED, "nonce"};
    }
    const auto key = VerifyRequest(request.leaf_csr());
    if (!key) return {grpc::StatusCode::INVALID_ARGUMENT, key.error().message};
    const LeafName name{role, "corp.example", request.device_id()};
    response->set_leaf_certificate(ca_.IssueLeaf(*key, name, WallClock(), hours(8)).value());
    return grpc::Status::OK;
  }

  v1::EnrollRequest last_request;
  LeafName::Role role = LeafName::Role::kDevice;
  std::string answer_id = "laptop-1";
  std::string address = "127.0.0.1:1";
  SigningKey service_key = SigningKey::Generate().value();

 private:
  const CertificateAuthority& ca_;
  std::mutex mutex_;
  std::optional<PublicKey> identity_;
  std::string nonce_;
};

// The identity that mutual TLS shows to the attestation listener.
class AttestationServer final : public v1::Attestation::Service {
 public:
  grpc::Status Attest(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<v1::ServiceMessage, v1::AgentMessage>* stream) override {
    v1::ServiceMessage message;
    std::string uris;
    for (const auto& uri : context->auth_context()->FindPropertyValues("peer_uri")) {
      uris += std::string(uri.data(), uri.size());
    }
    message.mutable_goodbye()->set_reason(uris);
    stream->Write(message);
    return grpc::Status::OK;
  }
};

class EnrollmentTest : public ::testing::Test {
 protected:
  EnrollmentTest() {
    EXPECT_TRUE(RequireTls13());
    const SigningKey key = SigningKey::Generate().value();
    const std::string der =
        ca_.IssueServer(key.public_key(), {"localhost"}, {}, WallClock(), hours(1)).value();
    const grpc::SslServerCredentialsOptions::PemKeyCertPair pair{key.PrivatePem().value(),
                                                                 CertificatePem(der)};
    grpc::SslServerCredentialsOptions plain;
    plain.pem_key_cert_pairs = {pair};
    enrollment_ = Listen(&service_, plain, &enrollment_port_);

    grpc::SslServerCredentialsOptions mutual(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    mutual.pem_key_cert_pairs = {pair};
    mutual.pem_root_certs = CertificatePem(ca_.certificate_der());
    attestation_ = Listen(&attestation_service_, mutual, &attestation_port_);
    service_.address = "localhost:" + std::to_string(attestation_port_);
  }

  static std::unique_ptr<grpc::Server> Listen(grpc::Service* service,
                                              const grpc::SslServerCredentialsOptions& options,
                                              int* port) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("localhost:0", grpc::SslServerCredentials(options), port);
    builder.RegisterService(service);
    return builder.BuildAndStart();
  }

  EnrollmentOptions Options() const {
    EnrollmentOptions options;
    options.folder = folder_.File("state/agent");
    options.service = "localhost:" + std::to_string(enrollment_port_);
    options.ca_file = folder_.File("ca/ca.crt");
    options.token = "good-token";
    options.hostname = "host";
    options.platform = "linux";
    return options;
  }

  std::filesystem::perms Mode(const std::string& name) const {
    return std::filesystem::status(folder_.File(name)).permissions();
  }

  TemporaryFolder folder_;
  CertificateAuthority ca_ =
      CertificateAuthority::Open(folder_.path() + "/ca", "corp.example", WallClock()).value();
  EnrollmentServer service_{ca_};
  AttestationServer attestation_service_;
  int enrollment_port_ = 0;
  int attestation_port_ = 0;
  std::unique_ptr<grpc::Server> enrollment_;
  std::unique_ptr<grpc::Server> attestation_;
};

TEST_F(EnrollmentTest, AnEnrolledFolderHoldsEverythingAndLoadsBackTheSame) {
  const EnrollmentRecord record = Enroll(Options()).value();
  EXPECT_EQ(record.name, (LeafName{LeafName::Role::kDevice, "corp.example", "laptop-1"}));
  EXPECT_EQ(record.attestation_address, service_.address);
  EXPECT_EQ(record.service_key_spki, service_.service_key.public_key().spki());
  EXPECT_EQ(LoadEnrollment(Options().folder).value(), record);

  using std::filesystem::perms;
  EXPECT_EQ(Mode("state/agent"), perms::owner_all);
  EXPECT_EQ(Mode("state/agent/identity.key"), perms::owner_read | perms::owner_write);
  EXPECT_EQ(Mode("state/agent/vpn.key"), perms::owner_read | perms::owner_write);
  EXPECT_EQ(Mode("state/agent/enrollment.json"), perms::owner_read | perms::owner_write);
  EXPECT_EQ(service_.last_request.hostname(), "host");
  EXPECT_EQ(SigningKey::Open(record.identity_key_uri)->public_key().key_id(),
            VerifyRequest(service_.last_request.identity_csr())->key_id());
  const ShellOutput out = RunShell(folder_.path(), R"(
    openssl verify -x509_strict -CAfile state/agent/ca.crt state/agent/vpn.crt
    cmp <(openssl pkey -in state/agent/vpn.key -pubout) <(openssl x509 -in state/agent/vpn.crt -pubkey -noout)
    ls state/agent)");
  EXPECT_EQ(out.text,
            "state/agent/vpn.crt: OK\nca.crt\nenrollment.json\nidentity.key\nservice.spki\n"
            "vpn.crt\nvpn.key\n");
}

TEST_F(EnrollmentTest, ALeafOpensMutualTlsAsTheEnrolledDevice) {
  const EnrollmentRecord record = Enroll(Options()).value();
  const SigningKey identity = SigningKey::Open(record.identity_key_uri).value();
  const Leaf leaf = FetchLeaf(record, identity, std::chrono::seconds(10)).value();
  EXPECT_NEAR(static_cast<double>((leaf.not_after - WallClock().wall).count()), 8 * 3600e3, 60e3);

  const auto stub = v1::Attestation::NewStub(
      grpc::CreateChannel(record.attestation_address, LeafCredentials(record, leaf)));
  grpc::ClientContext context;
  const auto stream = stub->Attest(&context);
  v1::ServiceMessage message;
  ASSERT_TRUE(stream->Read(&message)) << stream->Finish().error_message();
  EXPECT_EQ(message.goodbye().reason(), "sallyport://corp.example/device/laptop-1");
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(EnrollmentTest, WithoutALeafTheAttestationListenerIsClosed) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = CertificatePem(ca_.certificate_der());
  const auto stub = v1::Attestation::NewStub(
      grpc::CreateChannel(service_.address, grpc::SslCredentials(options)));
  grpc::ClientContext context;
  const auto stream = stub->Attest(&context);
  v1::ServiceMessage message;
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(EnrollmentTest, AnotherIdentityKeyGetsNoLeaf) {
  const EnrollmentRecord record = Enroll(Options()).value();
  const auto leaf = FetchLeaf(record, SigningKey::Generate().value(), std::chrono::seconds(10));
  EXPECT_EQ(leaf.error().code, Code::kDenied);
  EXPECT_THAT(leaf.error().message, HasSubstr("key id"));
}

TEST_F(EnrollmentTest, TheTokenIsNotSentToAServerOfAnotherCa) {
  EnrollmentOptions options = Options();
  ASSERT_TRUE(CertificateAuthority::Open(folder_.path() + "/other", "corp.example", WallClock()));
  options.ca_file = folder_.File("other/ca.crt");
  EXPECT_EQ(Enroll(options).error().code, Code::kBadSignature) << Enroll(options).error().message;
  EXPECT_EQ(service_.last_request.token(), "");
}

TEST_F(EnrollmentTest, TheTokenIsNotSentToAServerOfAnotherName) {
  EnrollmentOptions options = Options();
  // The certificate is for "localhost" only.
  options.service = "127.0.0.1:" + std::to_string(enrollment_port_);
  EXPECT_EQ(Enroll(options).error().code, Code::kBadSignature) << Enroll(options).error().message;
  EXPECT_EQ(service_.last_request.token(), "");
}

TEST_F(EnrollmentTest, AnEmptyCaFileDoesNotFallBackToTheSystemsRoots) {
  EnrollmentOptions options = Options();
  options.ca_file = folder_.Put("empty.crt", "");
  EXPECT_EQ(Enroll(options).error().code, Code::kMalformed);
  options.ca_file = folder_.File("missing.crt");
  EXPECT_EQ(Enroll(options).error().code, Code::kNotFound);
}

TEST_F(EnrollmentTest, ARefusedTokenSaysWhyAndTheNextAttemptUsesTheSameKey) {
  EnrollmentOptions options = Options();
  options.token = "old-token";
  const auto refused = Enroll(options);
  EXPECT_EQ(refused.error().code, Code::kDenied);
  EXPECT_THAT(refused.error().message, HasSubstr("token used or expired"));
  EXPECT_EQ(refused.error().message.find("old-token"), std::string::npos);
  EXPECT_EQ(LoadEnrollment(options.folder).error().code, Code::kNotFound);

  const std::string first = VerifyRequest(service_.last_request.identity_csr())->key_id();
  ASSERT_TRUE(Enroll(Options()));
  EXPECT_EQ(VerifyRequest(service_.last_request.identity_csr())->key_id(), first);
}

TEST_F(EnrollmentTest, AnEnrolledFolderIsNotEnrolledAgain) {
  ASSERT_TRUE(Enroll(Options()));
  const std::string json = folder_.Read("state/agent/enrollment.json");
  service_.last_request.Clear();
  EXPECT_EQ(Enroll(Options()).error().code, Code::kConflict);
  EXPECT_EQ(folder_.Read("state/agent/enrollment.json"), json);
  EXPECT_EQ(service_.last_request.token(), "");
}

TEST_F(EnrollmentTest, ACrashBeforeTheRecordLeavesAFolderThatEnrolls) {
  ASSERT_TRUE(Enroll(Options()));
  // Everything but the record was written, as after a power cut.
  std::filesystem::remove(folder_.File("state/agent/enrollment.json"));
  EXPECT_EQ(LoadEnrollment(Options().folder).error().code, Code::kNotFound);
  ASSERT_TRUE(Enroll(Options()));
  EXPECT_TRUE(LoadEnrollment(Options().folder));
}

TEST_F(EnrollmentTest, ALostOrDamagedPartIsNotTakenForNeverEnrolled) {
  ASSERT_TRUE(Enroll(Options()));
  std::filesystem::remove(folder_.File("state/agent/ca.crt"));
  EXPECT_EQ(LoadEnrollment(Options().folder).error().code, Code::kMalformed);
  folder_.Put("state/agent/enrollment.json", R"({"schema": "sallyport.enrollment/v2"})");
  EXPECT_EQ(LoadEnrollment(Options().folder).error().code, Code::kMalformed);
  folder_.Put("state/agent/enrollment.json", "{");
  EXPECT_EQ(LoadEnrollment(Options().folder).error().code, Code::kMalformed);
}

TEST_F(EnrollmentTest, ATokenForAnotherRoleOrIdDoesNotEnroll) {
  service_.role = LeafName::Role::kGateway;
  EXPECT_EQ(Enroll(Options()).error().code, Code::kConflict);
  service_.role = LeafName::Role::kDevice;
  service_.answer_id = "laptop-2";
  EXPECT_EQ(Enroll(Options()).error().code, Code::kConflict);
  service_.answer_id = "../etc";
  EXPECT_EQ(Enroll(Options()).error().code, Code::kMalformed);
  EXPECT_EQ(LoadEnrollment(Options().folder).error().code, Code::kNotFound);
}

TEST_F(EnrollmentTest, WithoutAVpnWishThereIsNoVpnKey) {
  EnrollmentOptions options = Options();
  options.want_vpn = false;
  ASSERT_TRUE(Enroll(options));
  EXPECT_FALSE(std::filesystem::exists(folder_.File("state/agent/vpn.key")));
  EXPECT_FALSE(std::filesystem::exists(folder_.File("state/agent/vpn.crt")));
}

TEST_F(EnrollmentTest, AServerThatIsNotThereIsUnavailable) {
  EnrollmentOptions options = Options();
  enrollment_->Shutdown();
  EXPECT_EQ(Enroll(options).error().code, Code::kUnavailable);
}

TEST_F(EnrollmentTest, OurListenersRefuseTls12AndAccept13) {
  const std::string connect =
      "openssl s_client -connect localhost:" + std::to_string(enrollment_port_) +
      " -CAfile ca/ca.crt -alpn h2 -brief </dev/null ";
  const ShellOutput old = RunShell(folder_.path(), connect + "-tls1_2");
  EXPECT_NE(old.exit_code, 0);
  EXPECT_THAT(old.text, Not(HasSubstr("Protocol version: TLSv1.2"))) << old.text;
  const ShellOutput current = RunShell(folder_.path(), connect + "-tls1_3");
  EXPECT_THAT(current.text, HasSubstr("Protocol version: TLSv1.3"));
}

TEST_F(EnrollmentTest, OurClientRefusesAServerThatSpeaksOnly12) {
  const SigningKey key = SigningKey::Generate().value();
  folder_.Put("key.pem", key.PrivatePem().value());
  folder_.Put(
      "cert.pem",
      CertificatePem(
          ca_.IssueServer(key.public_key(), {"localhost"}, {}, WallClock(), hours(1)).value()));
  const ShellOutput started = RunShell(folder_.path(), R"(
    openssl s_server -accept localhost:0 -cert cert.pem -key key.pem -alpn h2 -tls1_2 \
      >server.log 2>&1 </dev/zero & echo $! >server.pid
    until grep -qs ACCEPT server.log; do read -rt 0.05 <> <(:) || true; done
    sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' server.log)");
  EnrollmentOptions options = Options();
  options.service = "localhost:" + started.text.substr(0, started.text.find('\n'));
  const auto refused = Enroll(options);
  RunShell(folder_.path(), "kill $(cat server.pid)");
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("protocol version"));
}

}  // namespace
}  // namespace sallyport
