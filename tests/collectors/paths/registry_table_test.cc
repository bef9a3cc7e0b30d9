// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "collectors/paths/tables.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

constexpr char kSystem[] = R"(HKEY_LOCAL_MACHINE\SOFTWARE\System)";

FakeHost Laptop() {
  FakeHost host(Os::kWindows);
  host.PutRegistryValues(kSystem, RegistryContent{50,
                                                  {{"", "REG_SZ", "d"},
                                                   {"EnableLUA", "REG_DWORD", "1"},
                                                   {"broken", "REG_DWORD", std::nullopt}}});
  host.PutRegistryKeys(kSystem, std::vector<std::string>{"Audit"});
  host.PutRegistryKeys("HKEY_USERS", std::vector<std::string>{"S-1", "S-2", "S-2_Classes"});
  host.PutRegistryValues(R"(HKEY_USERS\S-1\Control)", RegistryContent{7, {{"A", "REG_SZ", "x"}}});
  host.PutRegistryValues(R"(HKEY_USERS\S-2\Control)", RegistryContent{8, {{"a", "REG_SZ", "y"}}});
  return host;
}

Row Entry(const std::string& key, const char* path, const char* name, const char* type, Value data,
          Value mtime) {
  return {Cell(key),  Cell(key + "\\" + path), Cell(name),
          Cell(type), std::move(data),         std::move(mtime)};
}

TEST(RegistryTable, AKeyHasItsSubkeysAndItsValues) {
  EXPECT_EQ(RegistryTable(Laptop(), {{"key", kSystem}}).value(),
            (Rows{Entry(kSystem, "Audit", "Audit", "subkey", Cell(""), Cell(Unknown{})),
                  Entry(kSystem, "", "(Default)", "REG_SZ", Cell("d"), Cell(50)),
                  Entry(kSystem, "EnableLUA", "EnableLUA", "REG_DWORD", Cell("1"), Cell(50)),
                  Entry(kSystem, "broken", "broken", "REG_DWORD", Cell(Unknown{}), Cell(50))}));
}

TEST(RegistryTable, APathIsOneValueInWhateverCaseItIsWritten) {
  const std::string path = std::string(kSystem) + "\\ENABLElua";
  EXPECT_EQ(RegistryTable(Laptop(), {{"path", path}}).value(),
            (Rows{Entry(kSystem, "EnableLUA", "EnableLUA", "REG_DWORD", Cell("1"), Cell(50))}));
  EXPECT_EQ(RegistryTable(Laptop(), {{"path", std::string(kSystem) + "\\"}}).value().size(), 1u);
  EXPECT_EQ(RegistryTable(Laptop(), {{"path", std::string(kSystem) + "\\None"}}).value(), Rows{});
  EXPECT_EQ(RegistryTable(Laptop(), {{"path", R"(HKEY_LOCAL_MACHINE\NONE\x)"}}).value(), Rows{});
}

TEST(RegistryTable, APatternGoesThroughEveryUser) {
  EXPECT_EQ(RegistryTable(Laptop(), {{"path", R"(HKEY_USERS\%\Control\A)", true}}).value(),
            (Rows{Entry(R"(HKEY_USERS\S-1\Control)", "A", "A", "REG_SZ", Cell("x"), Cell(7)),
                  Entry(R"(HKEY_USERS\S-2\Control)", "a", "a", "REG_SZ", Cell("y"), Cell(8))}));
  EXPECT_EQ(RegistryTable(Laptop(), {{"key", R"(HKEY_USERS\S-2%\Control)", true}}).value().size(),
            1u);
}

TEST(RegistryTable, TwoPercentSignsAtTheEndTakeAllKeysBelow) {
  FakeHost host = Laptop();
  host.PutRegistryKeys(R"(HKEY_USERS\S-1)", std::vector<std::string>{"Control"});
  host.PutRegistryValues(R"(HKEY_USERS\S-1)", RegistryContent{1, {}});
  const Rows rows = RegistryTable(host, {{"path", R"(HKEY_USERS\S-1\%%)", true}}).value();
  EXPECT_EQ(
      rows,
      (Rows{Entry(R"(HKEY_USERS\S-1)", "Control", "Control", "subkey", Cell(""), Cell(Unknown{})),
            Entry(R"(HKEY_USERS\S-1\Control)", "A", "A", "REG_SZ", Cell("x"), Cell(7))}));
}

TEST(RegistryTable, OneRefusedKeyAmongOthersRefusesThePatternByName) {
  FakeHost host = Laptop();
  host.PutRegistryValues(R"(HKEY_USERS\S-2\Control)", Fail(Code::kDenied, "S-2: refused"));
  EXPECT_EQ(RegistryTable(host, {{"path", R"(HKEY_USERS\%\Control\A)", true}}).error(),
            (Error{Code::kDenied, "S-2: refused"}));
  host.PutRegistryKeys("HKEY_USERS", Fail(Code::kDenied, "HKEY_USERS"));
  EXPECT_EQ(RegistryTable(host, {{"path", R"(HKEY_USERS\%\Control\A)", true}}).error(),
            (Error{Code::kDenied, R"(HKEY_USERS\%\Control: HKEY_USERS)"}));
}

TEST(RegistryTable, WithoutAKeyOrInAForeignHiveItIsAnErrorAndElsewhereUnsupported) {
  EXPECT_EQ(RegistryTable(Laptop(), {}).error(),
            (Error{Code::kInvalidArgument, "registry: needs a key or a path"}));
  EXPECT_EQ(RegistryTable(Laptop(), {{"path", R"(HKEY_CURRENT_USER\%\x)", true}}).error().code,
            Code::kInvalidArgument);
  EXPECT_EQ(RegistryTable(FakeHost(), {{"key", kSystem}}).error().code, Code::kUnsupported);
}

TEST(RegistryTable, MoreKeysThanTheBoundAreRefused) {
  FakeHost host(Os::kWindows);
  std::vector<std::string> names;
  for (int i = 0; i < 10'001; ++i) names.push_back(std::to_string(i));
  host.PutRegistryKeys("HKEY_USERS", names);
  EXPECT_EQ(RegistryTable(host, {{"key", R"(HKEY_USERS\%)", true}}).error(),
            (Error{Code::kTooLarge, R"(HKEY_USERS\%: over 10000 keys)"}));
}

}  // namespace
}  // namespace sallyport
