// SPDX-License-Identifier: Apache-2.0
#include "attestation/dsse.h"

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>

#include "attestation/evidence.h"
#include "attestation/openssl_ptr.h"
#include "attestation/verifier.h"

namespace sallyport {
namespace {

using ::testing::HasSubstr;

// DSSE protocol.md, "Test Vectors".
TEST(Dsse, ThePaeIsTheOneOfTheSpecification) {
  EXPECT_EQ(Pae("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(Dsse, LengthsAreInBytesAndKeepFieldsApart) {
  EXPECT_EQ(Pae("", ""), "DSSEv1 0  0 ");
  EXPECT_EQ(Pae("\xc3\xa4", "\xe2\x82\xac"), "DSSEv1 2 \xc3\xa4 3 \xe2\x82\xac");
  EXPECT_NE(Pae("a", "b 1 c"), Pae("a 1 b", "c"));
}

class EnvelopeTest : public ::testing::Test {
 protected:
  Status Verify(const v1::Envelope& envelope) const {
    return VerifyEnvelope(key_.public_key(), kEvidenceType, envelope);
  }
  SigningKey key_ = SigningKey::Generate().value();
  v1::Envelope envelope_ = SignEnvelope(key_, kEvidenceType, "payload").value();
};

TEST_F(EnvelopeTest, WhatWasSignedVerifies) {
  EXPECT_TRUE(Verify(envelope_));
  EXPECT_EQ(envelope_.payload(), "payload");
  EXPECT_EQ(envelope_.payload_type(), kEvidenceType);
  EXPECT_EQ(envelope_.signatures(0).keyid(), key_.public_key().key_id());
}

TEST_F(EnvelopeTest, AFlippedBitAtAnyOffsetIsRefused) {
  const std::string bytes = envelope_.SerializeAsString();
  const google::protobuf::LogSilencer quiet;  // flips in string fields are not UTF-8
  int parsed = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      v1::Envelope envelope;
      if (!envelope.ParseFromString(flipped)) continue;
      ++parsed;
      const Status status = Verify(envelope);
      ASSERT_FALSE(status) << "offset " << at << " bit " << bit;
      EXPECT_EQ(status.error().code, Code::kBadSignature);
    }
  }
  // Most flips stay well-formed protobuf, so the signature is what refused them.
  EXPECT_GT(parsed, static_cast<int>(bytes.size()));
}

TEST_F(EnvelopeTest, AnotherKeyIsRefusedAlsoUnderTheRightKeyId) {
  const SigningKey other = SigningKey::Generate().value();
  v1::Envelope envelope = SignEnvelope(other, kEvidenceType, "payload").value();
  EXPECT_THAT(Verify(envelope).error().message, HasSubstr("key id"));
  envelope.mutable_signatures(0)->set_keyid(key_.public_key().key_id());
  EXPECT_THAT(Verify(envelope).error().message, HasSubstr("does not verify"));
}

TEST_F(EnvelopeTest, TheTypeIsPartOfWhatIsSigned) {
  const v1::Envelope manifest = SignEnvelope(key_, kManifestType, "payload").value();
  EXPECT_THAT(Verify(manifest).error().message, HasSubstr("payload type"));
  v1::Envelope renamed = manifest;
  renamed.set_payload_type(std::string(kEvidenceType));
  EXPECT_THAT(Verify(renamed).error().message, HasSubstr("does not verify"));
}

TEST_F(EnvelopeTest, NoSignatureAndTwoSignaturesAreRefused) {
  v1::Envelope two = envelope_;
  *two.add_signatures() = envelope_.signatures(0);
  EXPECT_THAT(Verify(two).error().message, HasSubstr("2 signatures"));
  v1::Envelope none = envelope_;
  none.clear_signatures();
  EXPECT_THAT(Verify(none).error().message, HasSubstr("0 signatures"));
  v1::Envelope empty = envelope_;
  empty.mutable_signatures(0)->clear_sig();
  EXPECT_EQ(Verify(empty).error().code, Code::kBadSignature);
  EXPECT_EQ(Verify(v1::Envelope()).error().code, Code::kBadSignature);
}

TEST_F(EnvelopeTest, BytesAfterPayloadOrSignatureAreRefused) {
  v1::Envelope envelope = envelope_;
  envelope.set_payload("payload ");
  EXPECT_FALSE(Verify(envelope));
  envelope = envelope_;
  envelope.mutable_signatures(0)->mutable_sig()->push_back('\0');
  EXPECT_FALSE(Verify(envelope));
}

// (r, n - s) verifies wherever (r, s) does.
std::string Reshape(const std::string& der, const EVP_PKEY* key) {
  const unsigned char* at = AsBytes(der);
  ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  BIGNUM* order = nullptr;
  EVP_PKEY_get_bn_param(key, "order", &order);
  BIGNUM* s = BN_new();
  BN_sub(s, order, ECDSA_SIG_get0_s(signature));
  BN_free(order);
  ECDSA_SIG_set0(signature, BN_dup(ECDSA_SIG_get0_r(signature)), s);
  const std::string out = ToDer<i2d_ECDSA_SIG>(signature);
  ECDSA_SIG_free(signature);
  return out;
}

// A stranger can make a second valid envelope of the same payload. That is why digests of chain
// and duplicates are over the payload: the second one is the same evidence, not a new one.
TEST_F(EnvelopeTest, AReshapedSignatureVerifiesAndIsADuplicateNotANewEvidence) {
  v1::Evidence evidence;
  evidence.set_epoch(1);
  evidence.set_sequence(1);
  envelope_ = SignEnvelope(key_, kEvidenceType, evidence.SerializeAsString()).value();
  v1::Envelope reshaped = envelope_;
  reshaped.mutable_signatures(0)->set_sig(Reshape(envelope_.signatures(0).sig(), key_.get()));
  ASSERT_NE(reshaped.SerializeAsString(), envelope_.SerializeAsString());
  ASSERT_TRUE(Verify(reshaped));

  const std::string digest = Sha256(envelope_.payload());
  EXPECT_EQ(CheckChain({{1, 1, digest}}, evidence, Sha256(reshaped.payload())),
            ChainVerdict::kDuplicate);
}

}  // namespace
}  // namespace sallyport
