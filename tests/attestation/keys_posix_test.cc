// SPDX-License-Identifier: Apache-2.0
// Keys against the openssl command and against permission bits.
#include <gtest/gtest.h>

#include <filesystem>

#include "attestation/keys.h"
#include "tests/attestation/shell.h"

namespace sallyport {
namespace {

using std::filesystem::perms;

std::string UriOf(const TemporaryFolder& folder, const std::string& name) {
  return FileUri(folder.File(name));
}

TEST(KeysPosix, OpensslVerifiesOurSignatureAndWeVerifyOpenssls) {
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

TEST(KeysPosix, AKeyIsMadeWithMode0600) {
  const TemporaryFolder folder;
  ASSERT_TRUE(SigningKey::Create(UriOf(folder, "k.pem")));
  EXPECT_EQ(std::filesystem::status(folder.File("k.pem")).permissions(),
            perms::owner_read | perms::owner_write);
}

TEST(KeysPosix, AKeyThatOthersMayReadIsRefused) {
  const TemporaryFolder folder;
  ASSERT_TRUE(SigningKey::Create(UriOf(folder, "k.pem")));
  std::filesystem::permissions(folder.File("k.pem"), perms::owner_read | perms::group_read);
  EXPECT_EQ(SigningKey::Open(UriOf(folder, "k.pem")).error().code, Code::kDenied);
}

TEST(KeysPosix, EachWrongFileHasItsOwnError) {
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
}

TEST(KeysPosix, APublicKeyHasOneEncodingAndOneKeyId) {
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

}  // namespace
}  // namespace sallyport
