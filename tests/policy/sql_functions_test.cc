// SPDX-License-Identifier: Apache-2.0
// The functions and collations that osquery has besides SQLite's, by the examples of its
// documentation and what these leave open.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "policy/ip_address.h"
#include "policy/regex.h"
#include "policy/sql_guard.h"
#include "tests/policy/evidence.h"

namespace sallyport {
namespace {

using testing::HasSubstr;

// What SQLite makes of an expression, as text; "error: ..." for an error.
std::string Value(const std::string& expression) {
  const auto db = OpenGuarded();
  sqlite3_stmt* raw = nullptr;
  const std::string sql = "SELECT quote(" + expression + ")";
  sqlite3_prepare_v2(db->get(), sql.c_str(), -1, &raw, nullptr);
  const Statement statement(raw);
  if (raw == nullptr || sqlite3_step(raw) != SQLITE_ROW) {
    return std::string("error: ") + sqlite3_errmsg(db->get());
  }
  return reinterpret_cast<const char*>(sqlite3_column_text(raw, 0));
}

void ExpectValues(std::initializer_list<std::pair<const char*, const char*>> cases) {
  for (const auto& [expression, value] : cases) EXPECT_EQ(Value(expression), value) << expression;
}

TEST(SqlFunctions, RegexMatchGivesTheMatchOrAGroupOrNull) {
  ExpectValues({
      {R"(regex_match('hello world. Goodbye', '(\w+) \w+', 0))", "'hello world'"},
      {R"(regex_match('hello world. Goodbye', '(\w+) \w+', 1))", "'hello'"},
      {R"(regex_match('hello', '(\w+) \w+', 1))", "NULL"},
      {R"(regex_match('abc', 'b', 1))", "NULL"},
      {R"(regex_match('abc', 'b', -1))", "NULL"},
      {R"(regex_match('abc', 'a(x)?', 1))", "''"},
      {R"(regex_match(NULL, 'a', 0))", "NULL"},
      {R"(regex_match('a', NULL, 0))", "NULL"},
      {R"(regex_match(1042, '4.', 0))", "'42'"},
      {R"(regex_match('Case', 'case', 0))", "NULL"},
  });
}

TEST(SqlFunctions, ARegexThatRe2LacksOrThatExplodesEndsTheRunAsUnknown) {
  const auto evidence = std::vector<TableResult>{Table("os_version", {{Cell("14"), Cell("x")}})};
  const auto with = [&](const std::string& pattern) {
    return Brief("SELECT 1 FROM os_version WHERE regex_match(arch, '" + pattern + "', 0) IS NULL",
                 evidence);
  };
  EXPECT_EQ(with("(?=x)x"),
            "unknown: regular expression \"(?=x)x\": lookaround ((?=) is not supported");
  EXPECT_THAT(with("(?<!a)x"), HasSubstr("lookaround"));
  EXPECT_EQ(with("(a)\\1"),
            "unknown: regular expression \"(a)\\1\": back-references (\\1) are not supported");
  EXPECT_THAT(with("(a"), HasSubstr("missing )"));
  EXPECT_THAT(with("((((a{1,99}){1,99}){1,99}){1,99})"), HasSubstr("unknown: "));
  EXPECT_THAT(with(std::string(9000, 'a')), HasSubstr("longer than 8 KiB"));
  EXPECT_EQ(with("(a*)*b"), "pass");
}

TEST(SqlFunctions, ARegexMatchesAtMost64KiBAndNotForever) {
  const auto long_text = Table("os_version", {{Cell("1"), Cell(std::string(65'537, 'a'))}});
  EXPECT_THAT(
      Brief("SELECT 1 FROM os_version WHERE regex_match(arch, 'b', 0) IS NULL", {long_text}),
      HasSubstr("unknown: "));
  const auto regex = CompileRegex("((a?){200}a{200})");
  ASSERT_TRUE(regex);
  EXPECT_TRUE(IsTooMuchToMatch(**regex, std::string(65'536, 'a')));
  EXPECT_FALSE(IsTooMuchToMatch(**regex, std::string(1'000, 'a')));
  EXPECT_TRUE(IsTooMuchToMatch(**CompileRegex("a"), std::string(65'537, 'a')));
}

TEST(SqlFunctions, SplitDropsEmptyPiecesAndRegexSplitCountsThem) {
  ExpectValues({
      {"split('192.168.0.1', '.', 1)", "'168'"},
      {"split(500, 1, 0)", "'500'"},
      {"split(1001, 1, 0)", "'00'"},
      {"split(1001, 1, 1)", "NULL"},
      {"split('a; b ;;c', ';', 1)", "'b'"},
      {"split('a;b,c', ';,', 2)", "'c'"},
      {"split('a', ';', -1)", "NULL"},
      {"split('', ';', 0)", "NULL"},
      {"split(NULL, ';', 0)", "NULL"},
      {"split('a', '', 0)", "error: split(): no character to split at"},
      {R"(regex_split('a, b,,c', ', *', 1))", "'b'"},
      {R"(regex_split('a, b,,c', ', *', 2))", "''"},
      {R"(regex_split('a, b,,c', ', *', 3))", "'c'"},
      {R"(regex_split('a, b,,c', ', *', 4))", "NULL"},
      {R"(regex_split('abc', 'x*', 0))", "'abc'"},
      {R"(regex_split('', ',', 0))", "''"},
  });
}

TEST(SqlFunctions, ConcatLeavesNullsOut) {
  ExpectValues({
      {"concat('hello', NULL, ' ', 'world')", "'hello world'"},
      {"concat(1, 2.5, NULL)", "'12.5'"},
      {"concat(NULL)", "''"},
      {"concat_ws(' ', 'hello', NULL, 'world')", "'hello world'"},
      {"concat_ws('/', '', 'etc')", "'/etc'"},
      {"concat_ws(NULL, 'a')", "NULL"},
      {"concat_ws(',')", "error: concat_ws(): a separator and texts are wanted"},
  });
}

TEST(SqlFunctions, VersionsAreComparedByFlavour) {
  ExpectValues({
      {"version_compare('1.0', '1.0')", "0"},
      {"version_compare('50.4.1b', '50.4.1c')", "-1"},
      {"version_compare('1.10', '1.9')", "1"},
      {"version_compare('4:1.1.0', '4:1.1.0-3', 'ARCH')", "0"},
      {"version_compare('1:1.2.13-2', '4.2.1', 'arch')", "1"},
      {"version_compare('1.0.0~rc2^2021', '1.0.0', 'RHEL')", "-1"},
      {"version_compare('1.0~rc1', '1.0', 'DPKG')", "-1"},
      {"version_compare(NULL, '1')", "NULL"},
      {"version_compare('1', '1', 'GENTOO')",
       "error: version_compare(): flavour gentoo is none of ARCH, DPKG, RHEL"},
      {"'1.9' < '1.10' COLLATE version", "1"},
      {"'22.07.5-2ubuntu1.3' < '22.07.5-2ubuntu1.4' COLLATE VERSION_DPKG", "1"},
      {"'1.1.0~BETA2' < '1.1.0~CR1' COLLATE VERSION_RHEL", "1"},
      {"'4:2' = '4:2-1' COLLATE VERSION_ARCH", "1"},
  });
}

TEST(SqlFunctions, AddressesAreReadWithoutASystem) {
  ExpectValues({
      {"inet_aton('1.0.1.5')", "16777477"},
      {"inet_aton('255.255.255.255')", "4294967295"},
      {"inet_aton('::1')", "NULL"},
      {"inet_aton('256.0.0.1')", "NULL"},
      {"inet_aton('01.0.0.1')", "NULL"},
      {"inet_aton(NULL)", "NULL"},
      {"in_cidr_block('10.0.0.0/26', '10.0.0.24')", "1"},
      {"in_cidr_block('10.0.0.0/26', '10.0.0.64')", "0"},
      {"in_cidr_block('0.0.0.0/0', '8.8.8.8')", "1"},
      {"in_cidr_block('10.0.0.1/32', '10.0.0.1')", "1"},
      {"in_cidr_block('2001:db8::/48', '2001:db8:0:ffff:ffff:ffff:ffff:ffff')", "1"},
      {"in_cidr_block('2001:db8::/48', '2001:db8:1::')", "0"},
      {"in_cidr_block('10.0.0.0/8', '::1')", "0"},
      {"in_cidr_block('10.0.0.0', '10.0.0.1')", "error: in_cidr_block(): no block or no address"},
      {"in_cidr_block('10.0.0.0/33', '10.0.0.1')",
       "error: in_cidr_block(): no block or no address"},
  });
}

TEST(SqlFunctions, AnAddressHasOneReading) {
  EXPECT_EQ(ParseIpAddress("::"), std::string(16, '\0'));
  EXPECT_EQ(ParseIpAddress("::ffff:192.0.2.1")->substr(10),
            std::string("\xff\xff\xc0\x00\x02\x01", 6));
  for (const char* wrong :
       {"", ".", "1.2.3", "1.2.3.4.5", "1.2.3.-4", ":", ":::", "1::2::3", "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7", "12345::", "g::", "fe80::1%eth0", "1.2.3.4::", "1:2:3:4:5:6:7::8"}) {
    EXPECT_EQ(ParseIpAddress(wrong), std::nullopt) << wrong;
  }
}

// The examples of osquery's documentation.
TEST(SqlFunctions, CommunityIdsAreThoseOfTheSpecification) {
  ExpectValues({
      {"community_id_v1('66.35.250.204', '128.232.110.120', 80, 34855, 6)",
       "'1:LQU9qZlK+B5F3KDmev6m5PMibrg='"},
      {"community_id_v1('128.232.110.120', '66.35.250.204', 34855, 80, 6)",
       "'1:LQU9qZlK+B5F3KDmev6m5PMibrg='"},
      {"community_id_v1('nowhere', '128.232.110.120', 80, 34855, 6)", "''"},
      {"community_id_v1('66.35.250.204', '128.232.110.120', 80, 99999, 6)", "''"},
      {"community_id_v1('66.35.250.204', '128.232.110.120', 8, 0, 1)", "''"},
  });
}

TEST(SqlFunctions, DigestsAndBase64) {
  ExpectValues({
      {"md5('abc')", "'900150983cd24fb0d6963f7d28e17f72'"},
      {"sha1('abc')", "'a9993e364706816aba3e25717850c26c9cd0d89d'"},
      {"sha256('abc')", "'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'"},
      {"sha256(NULL)", "NULL"},
      {"to_base64('CPU0')", "'Q1BVMA=='"},
      {"to_base64('')", "''"},
      {"from_base64('Q1BVMA==')", "'CPU0'"},
      {"from_base64('Q1BV')", "'CPU'"},
      {"from_base64('!')", "''"},
      {"from_base64('=')", "''"},
      {"conditional_to_base64('CPU0')", "'CPU0'"},
      {"conditional_to_base64('\xc3\xa4')", "'w6Q='"},
      {"parent_directory('/etc/hosts')", "'/etc'"},
      {"parent_directory('/etc/ssh/')", "'/etc'"},
      {"parent_directory('/etc')", "'/'"},
      {"parent_directory('/')", "NULL"},
      {"parent_directory('C:\\Windows\\System32')", "'C:\\Windows'"},
      {"parent_directory('hosts')", "NULL"},
  });
}

TEST(SqlFunctions, PrintfWritesAsSqliteDoes) {
  ExpectValues({
      {"printf('%s/Contents/MacOS/%', '/a')", "'/a/Contents/MacOS/%'"},
      {"format('%d of %i, %%', 3, '4')", "'3 of 4, %'"},
      {"printf('%05.1f|%-4d|%+d|%x', 2.25, 7, 8, 255)", "'002.3|7   |+8|ff'"},
      {"printf('%lld %,d', 9000000000, 1234567)", "'9000000000 1,234,567'"},
      {"printf('%*d|%-*d|', 4, 7, -4, 7)", "'   7|7   |'"},
      {"printf('%.2s|%5s|%.*s', 'abc', 'ab', 1, 'xyz')", "'ab|   ab|x'"},
      {"printf('%c%.3c|%c', '\xc3\xa4z', 'x', NULL)", "'\xc3\xa4xxx|'"},
      {"printf('%q %Q %Q %w', 'it''s', 'it''s', NULL, 'a\"b')",
       "'it''''s ''it''''s'' NULL a\"\"b'"},
      {"printf('%z', 'a')", "'a'"},
      {"printf('%s|%d')", "'|0'"},
      {"printf('%s', NULL)", "''"},
      {"printf(NULL, 1)", "NULL"},
      {"printf('')", "''"},
      {"printf('%e', 12345.5)", "'1.234550e+04'"},
  });
}

// SQLite's own would give NULL, on which a policy may pass.
TEST(SqlFunctions, PrintfThatGetsTooLongOrIsWrittenWrongEndsTheRun) {
  EXPECT_EQ(Value("printf('%.*c', 500000000, 'x')"), "error: printf(): a width over 1000");
  EXPECT_EQ(Value("printf('%99999999999999999999d', 1)"), "error: printf(): a width over 1000");
  EXPECT_EQ(Value("printf('%*d', -5000, 1)"), "error: printf(): a width over 1000");
  EXPECT_EQ(Value("printf(replace(hex(zeroblob(99)), '00', '%1000d'))"),
            "error: printf(): over 64 KiB");
  EXPECT_EQ(Value("printf('%y', 1)"), "error: printf(): no such conversion: %y");
  EXPECT_EQ(Value("printf('%n', 1)"), "error: printf(): no such conversion: %n");
  EXPECT_EQ(Value("printf('%5', 1)"), "error: printf(): a conversion without letter");
}

// Within one step of SQLite only the functions' own bounds hold.
TEST(SqlFunctions, TheLargestInputEndsInTime) {
  const std::string big = "replace(hex(zeroblob(32767)), '00', 'ab')";
  const auto start = std::chrono::steady_clock::now();
  for (const std::string& call : std::vector<std::string>{
           "split(" + big + ", 'a', 40000)", "regex_split(" + big + ", 'a', 40000)",
           "regex_match(" + big + ", '(a|b)*c', 0)", "sha256(" + big + ")",
           "from_base64(to_base64(substr(" + big + ", 1, 40000)))", "printf(" + big + ", 1)",
           "printf('%s%s', " + big + ", 1)", "version_compare(" + big + ", " + big + ")",
           "concat_ws(" + big + ", 'a', 'b')"}) {
    Value(call);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  EXPECT_THAT(Value("concat(" + big + ", " + big + ")"), HasSubstr("too big"));
}

}  // namespace
}  // namespace sallyport
