// SPDX-License-Identifier: Apache-2.0
// The keys below have a head and no secret part.
#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/bytes.h"
#include "collectors/paths/ssh_key_head.h"
#include "collectors/paths/tables.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

std::string Text(std::string_view text) {
  std::string out;
  PutU32(out, static_cast<uint32_t>(text.size()));
  return out.append(text);
}

// PROTOCOL.key
std::string Openssh(const std::string& cipher, const std::string& public_key) {
  std::string bytes("openssh-key-v1\0", 15);
  bytes += Text(cipher) + Text(cipher == "none" ? "none" : "bcrypt") + Text("");
  PutU32(bytes, 1);
  bytes += Text(public_key) + Text("padding of the secret part");
  return "-----BEGIN OPENSSH PRIVATE KEY-----\n" + EncodeBase64(bytes) +
         "\n-----END OPENSSH PRIVATE KEY-----\n";
}

const std::string kEd25519 = Text("ssh-ed25519") + Text(std::string(32, 'k'));
const std::string kRsa = Text("ssh-rsa") + Text("\1\0\1") + Text('\0' + std::string(384, '\xff'));
const std::string kNist = Text("ecdsa-sha2-nistp384") + Text("nistp384") + Text("point");

TEST(SshKeyHead, TellsOpensshKeysWithAndWithoutAPassphrase) {
  EXPECT_EQ(ReadSshKeyHead(Openssh("none", kEd25519)),
            (SshKeyHead{.encrypted = false, .key_type = "ed25519", .bits = 256}));
  EXPECT_EQ(ReadSshKeyHead(Openssh("aes256-ctr", kRsa)),
            (SshKeyHead{.encrypted = true, .key_type = "rsa", .bits = 3072}));
  EXPECT_EQ(ReadSshKeyHead(Openssh("aes256-ctr", kNist)),
            (SshKeyHead{.encrypted = true, .key_type = "ec", .group = "nistp384", .bits = 384}));
}

TEST(SshKeyHead, TellsPemByItsFirstLines) {
  EXPECT_EQ(ReadSshKeyHead("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                           "DEK-Info: AES-128-CBC,00\n\nAAAA\n"),
            (SshKeyHead{.encrypted = true, .key_type = "rsa"}));
  EXPECT_EQ(ReadSshKeyHead("-----BEGIN EC PRIVATE KEY-----\nAAAA\n"),
            (SshKeyHead{.encrypted = false, .key_type = "ec"}));
  EXPECT_EQ(ReadSshKeyHead("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"),
            (SshKeyHead{.encrypted = true}));
  EXPECT_EQ(ReadSshKeyHead("-----BEGIN PRIVATE KEY-----\nAAAA\n"),
            (SshKeyHead{.encrypted = false}));
}

TEST(SshKeyHead, WhatIsNoKeyIsNoneAndADamagedKeyTellsNothing) {
  for (const char* none : {"", "ssh-ed25519 AAAA ada", "-----BEGIN PUBLIC KEY-----\n",
                           "-----BEGIN OPENSSH PRIVATE KEY", "-----BEGIN -----"}) {
    EXPECT_EQ(ReadSshKeyHead(none), std::nullopt) << none;
  }
  const std::string whole = Openssh("none", kRsa);
  EXPECT_EQ(ReadSshKeyHead("-----BEGIN OPENSSH PRIVATE KEY-----\n!!!!\n"), SshKeyHead{});
  for (size_t size = 0; size < whole.size(); ++size) {
    const auto head = ReadSshKeyHead(std::string_view(whole).substr(0, size));
    if (head && head->bits) {
      EXPECT_EQ(head->bits, 3072);
    }
  }
}

TEST(UserSshKeys, AreThoseOfEachHomeAndOneUserCanBeAskedFor) {
  FakeHost host;
  host.Put("/etc/passwd",
           "root:x:0:0::/home/eve:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n"
           "nobody:x:65534:65534::/nonexistent:/bin/false\n");
  host.Put("/home/eve/.ssh/id_rsa", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n");
  host.Put("/home/ada/.ssh/id_ed25519", Openssh("aes256-ctr", kEd25519));
  host.Put("/home/ada/.ssh/id_ed25519.pub", "ssh-ed25519 AAAA");
  host.PutDir("/home/ada/.ssh/old");
  const Row root{Cell(0),
                 Cell("/home/eve/.ssh/id_rsa"),
                 Cell(0),
                 Cell("rsa"),
                 Cell(std::nullopt),
                 Cell(Unknown{}),
                 Cell(Unknown{})};
  const Row ada{Cell(1000),
                Cell("/home/ada/.ssh/id_ed25519"),
                Cell(1),
                Cell("ed25519"),
                Cell(std::nullopt),
                Cell(256),
                Cell(Unknown{})};
  EXPECT_EQ(UserSshKeysLinux(host, {}).value(), (Rows{root, ada}));
  EXPECT_EQ(UserSshKeysLinux(host, {{"uid", "1000"}}).value(), (Rows{ada}));
  host.Fail("/home/ada/.ssh", Code::kDenied);
  EXPECT_EQ(UserSshKeysLinux(host, {}).error(), (Error{Code::kDenied, "/home/ada/.ssh"}));
  EXPECT_EQ(UserSshKeysLinux(host, {{"uid", "0"}}).value(), (Rows{root}));
}

TEST(UserSshKeys, OfMacosBelongToTheOwnerOfTheHome) {
  FakeHost host(Os::kMacos);
  host.Put("/Users/ada/.ssh/id_rsa", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n");
  const Rows rows = UserSshKeysMacos(host, {}).value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at(1), Cell("/Users/ada/.ssh/id_rsa"));
  EXPECT_EQ(UserSshKeysMacos(FakeHost(Os::kMacos), {}).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace sallyport
