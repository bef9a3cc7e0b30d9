// SPDX-License-Identifier: Apache-2.0
// The enrollment listener.
#include <gtest/gtest.h>

#include "attestation/dsse.h"
#include "service/token.h"
#include "tests/service/running_service.h"

namespace sallyport {
namespace {

class Enrollment : public testing::Test {
 protected:
  grpc::Status Renew(const v1::Envelope& envelope) {
    v1::RenewLeafResponse response;
    grpc::ClientContext context;
    return service_.enroller().stub().RenewLeaf(&context, envelope, &response);
  }
  std::string Nonce() {
    v1::ChallengeResponse response;
    grpc::ClientContext context;
    EXPECT_TRUE(service_.enroller().stub().Challenge(&context, {}, &response).ok());
    return response.nonce();
  }
  v1::RenewLeafRequest RequestOf(const TestEnroller::Identity& identity) {
    v1::RenewLeafRequest request;
    request.set_device_id(identity.record.name.id);
    request.set_nonce(Nonce());
    request.set_leaf_csr(*MakeRequest(*SigningKey::Generate(), "x"));
    return request;
  }
  v1::Envelope Signed(const SigningKey& key, const v1::RenewLeafRequest& request) {
    return *SignEnvelope(key, kRenewLeafType, request.SerializeAsString());
  }
  TestEnroller::Identity Enrolled() {
    return *service_.enroller().Enroll(service_.Token(LeafName::Role::kDevice),
                                       LeafName::Role::kDevice);
  }

  RunningService service_;
};

TEST_F(Enrollment, ADevicesIdComesOfItsKeyAndAGatewaysOfItsToken) {
  const TestEnroller::Identity device = Enrolled();
  EXPECT_EQ(device.record.name.id, DeviceIdOf(device.key.public_key().spki()));
  EXPECT_EQ(device.record.name.trust_domain, "test.example");
  EXPECT_EQ(device.record.attestation_address, service_->attest_address());
  const auto gate = service_.enroller().Enroll(service_.Token(LeafName::Role::kGateway, "gate-7"),
                                               LeafName::Role::kGateway);
  EXPECT_EQ(gate->record.name.id, "gate-7");
}

TEST_F(Enrollment, TheClientOfTheAttestationLibraryGetsIdentityVpnCertificateAndLeaf) {
  TempFolder folder;
  const auto record = sallyport::Enroll({.folder = folder.path() + "/id",
                                         .service = service_->enroll_address(),
                                         .ca_file = service_->ca_file(),
                                         .token = service_.Token(LeafName::Role::kDevice),
                                         .hostname = "laptop",
                                         .platform = "linux"});
  ASSERT_TRUE(record) << record.error().message;
  const auto identity = SigningKey::Open(record->identity_key_uri);
  ASSERT_TRUE(identity);
  const auto leaf = FetchLeaf(*record, *identity, std::chrono::seconds(20));
  ASSERT_TRUE(leaf) << leaf.error().message;
  const auto vpn = ParseCertificate(*CertificateDer(ReadFile(folder.path() + "/id/vpn.crt")));
  ASSERT_TRUE(vpn);
  EXPECT_EQ(vpn->dns_names, std::vector<std::string>{record->name.id + ".test.example"});
  TestDevice device({*record, *identity}, *leaf);
  EXPECT_TRUE(device.Connect());
}

TEST_F(Enrollment, AUsedAnExpiredAndAnUnknownTokenEachSayWhatTheyAre) {
  const std::string token = service_.Token(LeafName::Role::kDevice);
  ASSERT_TRUE(service_.enroller().Enroll(token, LeafName::Role::kDevice));
  EXPECT_EQ(ErrorText(service_.enroller().Enroll(token, LeafName::Role::kDevice)),
            "7: token: used up");
  const std::string brief = service_.Token(LeafName::Role::kDevice, "", 1, Millis{1});
  EXPECT_EQ(ErrorText(service_.enroller().Enroll(brief, LeafName::Role::kDevice)),
            "7: token: expired");
  EXPECT_EQ(ErrorText(service_.enroller().Enroll("spt-guess", LeafName::Role::kDevice)),
            "7: token: not known");
  EXPECT_EQ(service_.Count("enroll_refused_conflict"), 1u);
  EXPECT_EQ(service_.Count("enroll_refused_timeout"), 1u);
  EXPECT_EQ(service_.Count("enroll_refused_not_found"), 1u);
}

TEST_F(Enrollment, TheDatabaseHoldsNoToken) {
  const std::string token = service_.Token(LeafName::Role::kDevice);
  service_.Stop();
  const std::string state = service_.folder() + "/state/";
  EXPECT_EQ(ReadFile(state + "service.db").find(token), std::string::npos);
  EXPECT_NE(ReadFile(state + "service.db").find(HashToken(token)), std::string::npos);
}

TEST_F(Enrollment, GuessingTokensIsStoppedAfterTen) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(ErrorText(service_.enroller().Enroll("guess", LeafName::Role::kDevice)),
              "7: token: not known");
  }
  const auto stopped =
      service_.enroller().Enroll(service_.Token(LeafName::Role::kDevice), LeafName::Role::kDevice);
  EXPECT_EQ(ErrorText(stopped), "8: token: too many wrong ones, wait");
}

TEST_F(Enrollment, ARequestWithoutProofOfPossessionIsRefusedAndItsTokenStaysGood) {
  const std::string token = service_.Token(LeafName::Role::kDevice);
  v1::EnrollRequest request;
  request.set_token(token);
  std::string csr = *MakeRequest(*SigningKey::Generate(), "x");
  csr.back() = static_cast<char>(csr.back() ^ 1);
  request.set_identity_csr(csr);
  v1::EnrollResponse response;
  grpc::ClientContext context;
  const grpc::Status status = service_.enroller().stub().Enroll(&context, request, &response);
  EXPECT_FALSE(status.ok());
  EXPECT_TRUE(status.error_message().starts_with("identity_csr: ")) << status.error_message();
  EXPECT_TRUE(service_.enroller().Enroll(token, LeafName::Role::kDevice));
}

TEST_F(Enrollment, AnOversizedRequestIsRefused) {
  v1::EnrollRequest request;
  request.set_token(std::string(100'000, 'x'));
  v1::EnrollResponse response;
  grpc::ClientContext context;
  EXPECT_EQ(service_.enroller().stub().Enroll(&context, request, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(Enrollment, ALeafNeedsTheIdentityKeysSignatureAndAFreshNonce) {
  const TestEnroller::Identity identity = Enrolled();
  const v1::Envelope good = Signed(identity.key, RequestOf(identity));
  EXPECT_TRUE(Renew(good).ok());
  EXPECT_EQ(Renew(good).error_message(), "nonce: spent or not given here");
  v1::Envelope forged = Signed(identity.key, RequestOf(identity));
  forged.mutable_payload()->back() = static_cast<char>(forged.payload().back() ^ 1);
  EXPECT_EQ(Renew(forged).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Renew(Signed(*SigningKey::Generate(), RequestOf(identity))).error_message(),
            "identity key: not enrolled");
}

TEST_F(Enrollment, OneDevicesKeyGetsNoLeafOfAnother) {
  const TestEnroller::Identity mine = Enrolled();
  const TestEnroller::Identity other = Enrolled();
  const grpc::Status status = Renew(Signed(mine.key, RequestOf(other)));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_NE(status.error_message().find("by the key of"), std::string::npos);
}

TEST_F(Enrollment, EnrollingTheSameKeyAgainKeepsTheDeviceAndIsCounted) {
  const TestEnroller::Identity first = Enrolled();
  const auto again = service_.enroller().EnrollKey(
      first.key, service_.Token(LeafName::Role::kDevice), LeafName::Role::kDevice, "new-name");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->record.name.id, first.record.name.id);
  const auto stored = service_->store().Load(first.record.name.id);
  EXPECT_EQ(stored->device.enrollments, 2);
  EXPECT_EQ(stored->device.hostname, "new-name");
}

}  // namespace
}  // namespace sallyport
