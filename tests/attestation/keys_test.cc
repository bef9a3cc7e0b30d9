// SPDX-License-Identifier: Apache-2.0
#include "attestation/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include "base/hex.h"
#include "tests/attestation/shell.h"

namespace sallyport {
namespace {

using std::filesystem::perms;
using ::testing::HasSubstr;

std::string UriOf(const TemporaryFolder& folder, const std::string& name) {
  return FileUri(folder.File(name));
}

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

TEST(Keys, OpensslVerifiesOurSignatureAndWeVerifyOpenssls) {
  const TemporaryFolder folder;
  const SigningKey key = SigningKey::Create(UriOf(folder, "k.pem")).value();
  folder.Put("message", "what was said");
  folder.Put("ours.sig", key.Sign("what was said").value());
  folder.Put("spki.der", key.public_key().spki());
  const ShellOutput out = RunShell(folder.path(), R"(
    openssl dgst -sha256 -verify spki.der -signature ours.sig message
    openssl dgst -sha256 -sign k.pem -out theirs.sig message
    sha256sum spki.der | cut -d' ' -f1)");
  EXPECT_EQ(out.text, "Verified OK\n" + key.public_key().key_id() + "\n");
  EXPECT_TRUE(key.public_key().Verify("what was said", folder.Read("theirs.sig")));
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

TEST(Keys, AKeyIsMadeOnceWithMode0600AndOpensAgainAsTheSame) {
  const TemporaryFolder folder;
  const std::string uri = UriOf(folder, "device key%.pem");
  const SigningKey made = SigningKey::Create(uri).value();
  EXPECT_EQ(std::filesystem::status(folder.File("device key%.pem")).permissions(),
            perms::owner_read | perms::owner_write);
  EXPECT_THAT(folder.Read("device key%.pem"), HasSubstr("BEGIN PRIVATE KEY"));
  EXPECT_EQ(SigningKey::Open(uri)->public_key().key_id(), made.public_key().key_id());
  EXPECT_EQ(SigningKey::Open("file://" + uri.substr(5))->public_key().key_id(),
            made.public_key().key_id());

  EXPECT_EQ(SigningKey::Create(uri).error().code, Code::kConflict);
  EXPECT_EQ(SigningKey::Open(uri)->public_key().key_id(), made.public_key().key_id());
  // No temporary file stays behind.
  EXPECT_EQ(RunShell(folder.path(), "ls").text, "device key%.pem\n");
}

TEST(Keys, AKeyThatOthersMayReadIsRefused) {
  const TemporaryFolder folder;
  ASSERT_TRUE(SigningKey::Create(UriOf(folder, "k.pem")));
  std::filesystem::permissions(folder.File("k.pem"), perms::owner_read | perms::group_read);
  EXPECT_EQ(SigningKey::Open(UriOf(folder, "k.pem")).error().code, Code::kDenied);
}

TEST(Keys, EachWrongFileHasItsOwnError) {
  const TemporaryFolder folder;
  const auto code = [&](const std::string& name) {
    return SigningKey::Open(UriOf(folder, name)).error().code;
  };
  const ShellOutput out = RunShell(folder.path(), R"(
    umask 077
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.pem
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -pass pass:x -out pw.pem
    echo junk > junk.pem; : > empty.pem; head -c 100000 /dev/zero > big.pem)");
  ASSERT_EQ(out.exit_code, 0) << out.text;
  EXPECT_EQ(code("rsa.pem"), Code::kUnsupported);
  EXPECT_EQ(code("p384.pem"), Code::kUnsupported);
  EXPECT_EQ(code("pw.pem"), Code::kMalformed);
  EXPECT_EQ(code("junk.pem"), Code::kMalformed);
  EXPECT_EQ(code("empty.pem"), Code::kMalformed);
  EXPECT_EQ(code("big.pem"), Code::kTooLarge);
  EXPECT_EQ(code("missing.pem"), Code::kNotFound);
  EXPECT_EQ(SigningKey::Open("pkcs11:token=x;pin-value=1234").error(),
            (Error{Code::kUnsupported, "key URI pkcs11:: only file: is supported"}));
  EXPECT_EQ(SigningKey::Open("file:relative").error().code, Code::kInvalidArgument);
  EXPECT_EQ(SigningKey::Open("file:/a%2").error().code, Code::kInvalidArgument);
  EXPECT_EQ(SigningKey::Open("file:/a%00b").error().code, Code::kInvalidArgument);
}

TEST(Keys, APublicKeyHasOneEncodingAndOneKeyId) {
  const TemporaryFolder folder;
  const ShellOutput out = RunShell(folder.path(), R"(
    openssl ecparam -name prime256v1 -genkey -noout -out k.pem
    openssl pkey -in k.pem -pubout -outform DER -out good.der
    openssl ec -in k.pem -pubout -conv_form compressed -outform DER -out compressed.der
    openssl ec -in k.pem -pubout -param_enc explicit -outform DER -out explicit.der)");
  ASSERT_EQ(out.exit_code, 0) << out.text;
  EXPECT_TRUE(PublicKey::FromSpki(folder.Read("good.der")));
  EXPECT_EQ(PublicKey::FromSpki(folder.Read("compressed.der")).error().code, Code::kMalformed);
  EXPECT_EQ(PublicKey::FromSpki(folder.Read("explicit.der")).error().code, Code::kMalformed);
  EXPECT_EQ(PublicKey::FromSpki(folder.Read("good.der") + "x").error().code, Code::kMalformed);
  EXPECT_EQ(PublicKey::FromSpki("").error().code, Code::kMalformed);
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
