// SPDX-License-Identifier: Apache-2.0
#include "attestation/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/hex.h"
#include "tests/attestation/temporary_folder.h"

namespace sallyport {
namespace {

using ::testing::HasSubstr;

TEST(Keys, WhatAKeySignsItsPublicKeyVerifiesAndNoOtherDoes) {
  const SigningKey key = SigningKey::Generate().value();
  const SigningKey other = SigningKey::Generate().value();
  const std::string signature = key.Sign("message").value();
  EXPECT_TRUE(key.public_key().Verify("message", signature));
  EXPECT_EQ(key.public_key().Verify("messagE", signature).error().code, Code::kBadSignature);
  EXPECT_EQ(other.public_key().Verify("message", signature).error().code, Code::kBadSignature);
  const auto again = PublicKey::FromSpki(key.public_key().spki()).value();
  EXPECT_EQ(again.key_id(), key.public_key().key_id());
  EXPECT_TRUE(again.Verify("message", signature));
}

TEST(Keys, ASignatureIsStrictDerAndNothingElse) {
  const SigningKey key = SigningKey::Generate().value();
  const std::string good = key.Sign("m").value();
  ASSERT_TRUE(key.public_key().Verify("m", good));
  std::string long_length = good;  // 30 81 LL: BER, not DER
  long_length.insert(1, "\x81");
  for (const std::string& bad :
       {good + std::string(1, '\0'), good + "x", std::string(), good.substr(0, good.size() - 1),
        long_length, std::string("\x30"), std::string("\x30\x00", 2), std::string(1 << 20, 'A')}) {
    EXPECT_EQ(key.public_key().Verify("m", bad).error().code, Code::kBadSignature)
        << bad.size() << " bytes";
  }
}

TEST(Keys, AllThreadsVerifyWithOneKeyAtTheSameTime) {
  const SigningKey key = SigningKey::Generate().value();
  const std::string signature = key.Sign("m").value();
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        if (key.public_key().Verify("m", signature) && !key.public_key().Verify("n", signature)) {
          ++right;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 800);
}

TEST(Keys, AKeyIsMadeOnceAndOpensAgainAsTheSame) {
  const TemporaryFolder folder;
  const std::string uri = FileUri(folder.File("device key%.pem"));
  const SigningKey made = SigningKey::Create(uri).value();
  EXPECT_THAT(folder.Read("device key%.pem"), HasSubstr("BEGIN PRIVATE KEY"));
  EXPECT_EQ(SigningKey::Open(uri)->public_key().key_id(), made.public_key().key_id());
  EXPECT_EQ(SigningKey::Open("file://" + uri.substr(5))->public_key().key_id(),
            made.public_key().key_id());
  EXPECT_EQ(SigningKey::Create(uri).error().code, Code::kConflict);
  EXPECT_EQ(SigningKey::Open(uri)->public_key().key_id(), made.public_key().key_id());
  EXPECT_EQ(folder.Names(), std::vector<std::string>{"device key%.pem"});  // no temporary file
}

TEST(Keys, AUriThatNamesNoFileIsRefused) {
  EXPECT_EQ(SigningKey::Open("pkcs11:token=x;pin-value=1234").error(),
            (Error{Code::kUnsupported, "key URI pkcs11:: only file: is supported"}));
  EXPECT_EQ(SigningKey::Open("file:relative").error().code, Code::kInvalidArgument);
  EXPECT_EQ(SigningKey::Open("file:/a%2").error().code, Code::kInvalidArgument);
  EXPECT_EQ(SigningKey::Open("file:/a%00b").error().code, Code::kInvalidArgument);
}

TEST(Keys, DigestsAndCodesMatchTheirPublishedVectors) {
  // FIPS 180-4 example; RFC 4231, cases 1, 2 and 6 (a key longer than a block).
  EXPECT_EQ(ToHex(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ToHex(HmacSha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(ToHex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(ToHex(HmacSha256(std::string(131, '\xaa'),
                             "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Keys, MacOfAnEmptyKeyIsNotThatOfTheKeyBefore) {
  // $ printf "" | openssl mac -digest SHA256 -macopt hexkey: HMAC
  const std::string empty = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  const std::string other = HmacSha256("Jefe", "");
  EXPECT_EQ(ToHex(HmacSha256({}, {})), empty);
  EXPECT_EQ(HmacSha256("Jefe", ""), other);
  EXPECT_EQ(ToHex(HmacSha256("", "")), empty);
}

TEST(Keys, Base64IsCanonicalBothWays) {
  // RFC 4648, section 10.
  const std::vector<std::pair<std::string, std::string>> vectors = {{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    EXPECT_EQ(ToBase64(plain), coded);
    EXPECT_EQ(FromBase64(coded).value(), plain);
  }
  for (const char* bad :
       {"Z", "Zg", "Zg=", "Zh==", " Zg==", "Zg==\n", "Zg=a", "====", "Zm9v!m9v"}) {
    EXPECT_EQ(FromBase64(bad).error().code, Code::kMalformed) << bad;
  }
}

TEST(Keys, ConstantTimeEqualityIsEquality) {
  EXPECT_TRUE(EqualConstantTime("abc", "abc"));
  EXPECT_TRUE(EqualConstantTime("", ""));
  EXPECT_FALSE(EqualConstantTime("abc", "abd"));
  EXPECT_FALSE(EqualConstantTime("abc", "abcd"));
}

}  // namespace
}  // namespace sallyport
