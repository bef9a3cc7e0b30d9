// SPDX-License-Identifier: Apache-2.0
#include "collectors/gvdb.h"

#include <gtest/gtest.h>

#include "tests/collectors/gvdb_bytes.h"

namespace sallyport {
namespace {

// What `dconf compile` 0.40 of Debian 12 made of
//   [org/gnome/desktop/session] idle-delay=uint32 300
//   [org/gnome/desktop/screensaver] lock-enabled=true, lock-delay=uint32 0
//   [org/x] a="text", b=[1,2]
// and locks on idle-delay and lock-enabled.
constexpr char kCompiled[] =
    "4756617269616e740000000000000000180000008c010000000000280d000000000000000100000003000000"
    "0300000005000000060000000700000007000000080000000a0000000b0000000b0000000b000000e6c919d5"
    "020000008c0100000a007600980100009e010000d4b50200ffffffff9e01000001004c00a0010000a4010000"
    "8c87dd6607000000a401000008004c00ac010000b00100004b50900b01000000b001000004004c00b4010000"
    "bc010000b0b7243003000000bc01000006004c00c4010000c8010000aacd93600c000000c80100000c007600"
    "d8010000db010000cee25d700c000000db0100000a007600e8010000ee010000b988fdda04000000ee010000"
    "08004c00f8010000000200005375994d090000000002000001007600080200000f020000b29ee53003000000"
    "0f02000002004c00140200001c0200005475994d090000001c02000001007600200200002b0200008f390d7b"
    "ffffffff2b02000006004800340200007402000029b90fc607000000cb0200000c004c00d8020000e0020000"
    "69646c652d64656c617900002c01000000752f000300000073657373696f6e2f000000006f72672f04000000"
    "09000000676e6f6d652f0000070000006c6f636b2d656e61626c6564000000000100626c6f636b2d64656c61"
    "790000000000000000756465736b746f702f00000c0000000200000061000000000000007465787400007378"
    "2f000000080000000a0000006200000001000000020000000061692e6c6f636b730000000000002802000000"
    "0000000002000000aacd9360ffffffff740200002b007600a0020000a3020000e6c919d5ffffffffa3020000"
    "25007600c8020000cb0200002f6f72672f676e6f6d652f6465736b746f702f73637265656e73617665722f6c"
    "6f636b2d656e61626c6564000000732f6f72672f676e6f6d652f6465736b746f702f73657373696f6e2f6964"
    "6c652d64656c617900007373637265656e73617665722f000600000005000000";

std::string FromHex(std::string_view hex) {
  const auto nibble = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(nibble(hex[i]) << 4 | nibble(hex[i + 1]));
  }
  return out;
}

TEST(Gvdb, AFileThatDconfMadeHasItsValuesByPathAndItsLocks) {
  const std::string bytes = FromHex(kCompiled);
  const Gvdb file = Gvdb::Open(bytes, "db").value();
  const Gvdb::Values values = file.Read().value();
  ASSERT_EQ(values.size(), 5u);
  const auto number = [&](const char* path) { return file.Number(values.at(path), path); };
  EXPECT_EQ(number("/org/gnome/desktop/session/idle-delay"), 300);
  EXPECT_EQ(number("/org/gnome/desktop/screensaver/lock-enabled"), 1);
  EXPECT_EQ(number("/org/gnome/desktop/screensaver/lock-delay"), 0);
  EXPECT_EQ(number("/org/x/a").error().message, "db: /org/x/a: neither a boolean nor a number");
  EXPECT_EQ(number("/org/x/b").error().code, Code::kMalformed);

  const Gvdb::Values locks = file.Read(".locks").value();
  EXPECT_EQ(locks.size(), 2u);
  EXPECT_TRUE(locks.contains("/org/gnome/desktop/session/idle-delay"));
  EXPECT_TRUE(locks.contains("/org/gnome/desktop/screensaver/lock-enabled"));
  EXPECT_EQ(file.Read("org.x").error().code, Code::kNotFound);
}

TEST(Gvdb, ValuesOfTheOtherByteOrderAreTurned) {
  std::string bytes = ToGvdb({{"/a", NumberVariant(300)}});
  bytes.replace(0, 8, "raVGtnai");
  const Gvdb file = Gvdb::Open(bytes, "db").value();
  EXPECT_EQ(file.Number(file.Read().value().at("/a"), "/a"), 0x2c010000);
}

TEST(Gvdb, ATupleOfOneIsItsMemberAndNothingElseIsANumber) {
  const std::string bytes = ToGvdb({});
  const Gvdb file = Gvdb::Open(bytes, "db").value();
  EXPECT_EQ(file.Number(NumberVariant(7, "(u)"), "k"), 7);
  EXPECT_EQ(file.Number(BoolVariant(true, "(b)"), "k"), 1);
  for (const std::string& bad :
       {std::string(), std::string("\0", 1), std::string("\2\0b", 3), std::string("\1\0u", 3),
        std::string("\1\1\1\1\1\0u", 7), NumberVariant(7, "i"), BoolVariant(true, "(by)")}) {
    EXPECT_EQ(file.Number(bad, "k").error().code, Code::kMalformed);
  }
}

TEST(Gvdb, AFileThatIsCutOrDamagedIsAnErrorOrHasItsBytesWithin) {
  const std::string whole = FromHex(kCompiled);
  constexpr size_t kLastList = 0x2d7;  // what lies there is asked by nobody
  for (size_t size = 0; size < kLastList; ++size) {
    const auto file = Gvdb::Open(std::string_view(whole).substr(0, size), "db");
    EXPECT_FALSE(file && file->Read()) << size;
  }
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'\0', '\x7f', '\xff'}) {
      std::string damaged = whole;
      damaged[at] = byte;
      const auto file = Gvdb::Open(damaged, "db");
      if (!file) continue;
      for (const char* table : {"", ".locks"}) {
        const auto values = file->Read(table);
        if (!values) continue;
        for (const auto& [name, value] : *values) {
          EXPECT_GE(value.data(), damaged.data());
          EXPECT_LE(value.data() + value.size(), damaged.data() + damaged.size());
        }
      }
    }
  }
}

TEST(Gvdb, AnItemThatIsItsOwnParentHasNoName) {
  std::string bytes = ToGvdb({{"/a", BoolVariant(true)}});
  bytes.replace(bytes.size() - 20, 4, LittleEndian(0));
  EXPECT_EQ(Gvdb::Open(bytes, "db").value().Read().error().message, "db: a name without end");
}

TEST(Gvdb, MoreItemsThanTheBoundAreRefused) {
  std::string bytes = "GVariant" + std::string(16, '\0');
  const auto begin = static_cast<uint32_t>(bytes.size());
  bytes += std::string(8 + (Gvdb::kMaxItems + 1) * 24, '\0');
  bytes.replace(16, 8, LittleEndian(begin) + LittleEndian(static_cast<uint32_t>(bytes.size())));
  EXPECT_EQ(Gvdb::Open(bytes, "db").value().Read().error().code, Code::kTooLarge);
}

}  // namespace
}  // namespace sallyport
