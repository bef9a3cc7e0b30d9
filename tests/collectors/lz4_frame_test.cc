// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "base/hex.h"
#include "base/text.h"
#include "collectors/apt_lists.h"
#include "collectors/dpkg_status.h"
#include "collectors/lz4_frame.h"
#include "platform/host_linux.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

Result<std::string> Unpack(std::string_view frames, size_t max_bytes = 1 << 20) {
  std::string out;
  const Status status = UnpackLz4(frames, max_bytes, [&](std::string_view p) { out += p; });
  if (!status) return tl::unexpected(status.error());
  return out;
}

std::string Bytes(std::string_view hex) { return FromHex(hex).value(); }

constexpr std::string_view kHeader =
    "04224d18"
    "4040c0";
constexpr std::string_view kEnd = "00000000";

std::string Frame(const std::string& blocks) {
  return Bytes(kHeader) + Bytes(blocks) + Bytes(kEnd);
}

// "abc", then 9 bytes from 3 back, then the last 12, which are always literals.
constexpr std::string_view kBlock =
    "13000000"
    "35"
    "616263"
    "0300"
    "c0"
    "303132333435363738394142";

TEST(Lz4Frame, LiteralsAndAMatchThatOverlapsItself) {
  EXPECT_EQ(Unpack(Frame(std::string(kBlock))), "abcabcabcabc0123456789AB");
}

TEST(Lz4Frame, ABlockThatIsStoredAndAMatchIntoTheBlockBefore) {
  EXPECT_EQ(Unpack(Frame("04000080"
                         "61626364"
                         "10000000"
                         "01"
                         "0400"
                         "c0"
                         "303132333435363738394142")),
            "abcdabcda0123456789AB");
}

// What lz4(1) 1.9.4 writes: independent blocks of 64 KiB, a checksum of the content at the end.
TEST(Lz4Frame, AFrameOfTheLz4ProgramWithAContentChecksum) {
  EXPECT_EQ(Unpack(Bytes("04224d186440a727000000ff085061636b6167653a20610a56657273696f6e3a20310a0a"
                         "1700011f32170000506e3a20330a000000007fb88d3f")),
            "Package: a\nVersion: 1\n\nPackage: a\nVersion: 2\n\nPackage: a\nVersion: 3\n");
}

TEST(Lz4Frame, FramesFollowOneAnotherAndSkippableOnesAreSkipped) {
  const std::string one = Frame(
      "01000080"
      "61");
  EXPECT_EQ(Unpack(one +
                   Bytes("532a4d18"
                         "02000000"
                         "ffff") +
                   one),
            "aa");
  EXPECT_EQ(Unpack(""), "");
}

TEST(Lz4Frame, WhatDoesNotFollowTheFormatIsMalformed) {
  const std::string good = Frame(std::string(kBlock));
  const auto code = [](const std::string& frames) {
    const auto content = Unpack(frames);
    return content ? std::string("accepted") : CodeName(content.error().code);
  };
  for (size_t size = 1; size < good.size(); ++size) {
    EXPECT_EQ(code(good.substr(0, size)), "malformed") << size;
  }
  EXPECT_EQ(code(good + "x"), "malformed");
  std::string bad = good;  // a match from before the beginning
  bad.replace(bad.find(Bytes("0300")), 2, Bytes("0400"));
  EXPECT_EQ(code(bad), "malformed");
  EXPECT_EQ(code("Package: a\n"), "malformed");
}

TEST(Lz4Frame, AChecksumThatIsWrongIsMalformed) {
  EXPECT_EQ(Unpack(Bytes("04224d186440a727000000ff085061636b6167653a20610a56657273696f6e3a20310a0a"
                         "1700011f32170000506e3a20330a000000007fb88d40"))
                .error()
                .code,
            Code::kMalformed);
}

TEST(Lz4Frame, ContentOverTheBoundIsRefused) {
  const std::string one = Frame(
      "04000080"
      "61626364");
  EXPECT_EQ(Unpack(one + one, 8).value().size(), 8u);
  EXPECT_EQ(Unpack(one + one, 7).error().code, Code::kTooLarge);
}

std::string StoredFrame(const std::string& text) {
  const auto size = static_cast<unsigned char>(text.size());
  if (text.empty()) return "";
  return Bytes(kHeader) + std::string({static_cast<char>(size), 0, 0, '\x80'}) + text + Bytes(kEnd);
}

// A frame of its own for each piece: that is how it is handed on.
TEST(Lz4Frame, AListHasTheSameStanzasWhereverItsPiecesEnd) {
  const std::string text = "Package: a\nVersion: 1\n\nPackage: b\n\n\n\nPackage: c\n\nPackage: d\n";
  std::vector<std::string> expected;
  ForEachStanza(text, [&](std::string_view stanza) { expected.emplace_back(Trim(stanza)); });
  ASSERT_EQ(expected, (std::vector<std::string>{"Package: a\nVersion: 1", "Package: b",
                                                "Package: c", "Package: d"}));
  for (size_t first = 0; first <= text.size(); ++first) {
    for (size_t second = first; second <= text.size(); ++second) {
      FakeHost host;
      host.Put("/lists/x_Packages.lz4", StoredFrame(text.substr(0, first)) +
                                            StoredFrame(text.substr(first, second - first)) +
                                            StoredFrame(text.substr(second)));
      std::vector<std::string> stanzas;
      const Status read =
          ForEachListed(host, "/lists/x_Packages.lz4",
                        [&](std::string_view stanza) { stanzas.emplace_back(Trim(stanza)); });
      ASSERT_TRUE(read) << read.error().message;
      ASSERT_EQ(stanzas, expected) << first << " and " << second;
    }
  }
}

// This machine's own lists, where apt keeps them as LZ4: the same text as apt's helper unpacks.
TEST(Lz4Frame, AgreesWithAptOnThisMachinesLists) {
  const LinuxHost host;
  const auto entries = host.ListDir(kAptListsFolder);
  int compared = 0;
  for (const DirEntry& entry : entries.value_or(std::vector<DirEntry>{})) {
    const std::string path = std::string(kAptListsFolder) + "/" + entry.name;
    const auto stat = host.Stat(path);
    if (!entry.name.ends_with("_Packages.lz4") || !stat || stat->size > 2 << 20) continue;
    const auto expected =
        host.Run({.argv = {"/usr/lib/apt/apt-helper", "cat-file", path}, .max_output = 64 << 20});
    ASSERT_TRUE(expected) << expected.error().message;
    const std::string packed = host.ReadFile(path).value();
    EXPECT_TRUE(Unpack(packed, 64 << 20).value() == expected->out) << path;
    ++compared;
  }
  if (compared == 0) GTEST_SKIP() << "no small LZ4 list here";
}

}  // namespace
}  // namespace sallyport
