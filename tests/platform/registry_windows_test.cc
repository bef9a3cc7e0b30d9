// SPDX-License-Identifier: Apache-2.0
// Run by ctest under Wine.
#include "platform/host_windows.h"

#include <gtest/gtest.h>
#include <windows.h>

#include <algorithm>

#include "base/text.h"

namespace sallyport {
namespace {

constexpr const char* kTestKey = R"(HKEY_LOCAL_MACHINE\SOFTWARE\SallyportTest)";

class WindowsHostRegistry : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(RegCreateKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\SallyportTest", 0, nullptr, 0,
                              KEY_ALL_ACCESS | KEY_WOW64_64KEY, nullptr, &key_, nullptr),
              ERROR_SUCCESS);
  }
  void TearDown() override {
    RegCloseKey(key_);
    RegDeleteKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\SallyportTest", KEY_WOW64_64KEY, 0);
  }
  void Put(const wchar_t* name, DWORD type, const void* bytes, size_t size) {
    ASSERT_EQ(RegSetValueExW(key_, name, 0, type, static_cast<const BYTE*>(bytes),
                             static_cast<DWORD>(size)),
              ERROR_SUCCESS);
  }
  HKEY key_ = nullptr;
};

TEST_F(WindowsHostRegistry, TextAndNumbersAreRead) {
  Put(L"gr\u00fc\u00df", REG_SZ, L"v\u00e4lue", 12);
  const DWORD number = 0xfffffffe;
  Put(L"number", REG_DWORD, &number, sizeof number);
  const std::wstring lines(L"a\0b\0\0", 5);
  Put(L"", REG_MULTI_SZ, lines.data(), lines.size() * sizeof(wchar_t));
  const std::wstring large(5000, L'x');
  Put(L"large", REG_SZ, large.data(), large.size() * sizeof(wchar_t));
  const WindowsHost host;
  EXPECT_EQ(host.ReadRegistry(kTestKey, "gr\xc3\xbc\xc3\x9f").value(), Cell("v\xc3\xa4lue"));
  EXPECT_EQ(host.ReadRegistry(kTestKey, "number").value(), Cell(int64_t{0xfffffffe}));
  EXPECT_EQ(host.ReadRegistry(kTestKey, "").value(), Cell("a\nb"));
  EXPECT_EQ(host.ReadRegistry(kTestKey, "large").value(), Cell(std::string(5000, 'x')));
}

TEST_F(WindowsHostRegistry, AllValuesOfAKeyAreListedByNameWithTheirTypes) {
  const WindowsHost host;
  EXPECT_EQ(host.ReadRegistryKey(kTestKey).value().entries, std::vector<RegistryEntry>{});
  Put(L"gr\u00fc\u00df", REG_SZ, L"v\u00e4lue", 12);
  const DWORD number = 0xfffffffe;
  Put(L"number", REG_DWORD, &number, sizeof number);
  Put(L"", REG_SZ, L"d", 4);
  Put(L"binary", REG_BINARY, "\xab", 1);
  Put(L"short", REG_DWORD, "ab", 2);
  const std::string large(5000, '\1');
  Put(L"large", REG_BINARY, large.data(), large.size());
  const RegistryContent content = host.ReadRegistryKey(kTestKey).value();
  std::string hex;
  for (size_t i = 0; i < large.size(); ++i) hex += "01";
  EXPECT_EQ(content.entries,
            (std::vector<RegistryEntry>{{"", "REG_SZ", "d"},
                                        {"binary", "REG_BINARY", "AB"},
                                        {"gr\xc3\xbc\xc3\x9f", "REG_SZ", "v\xc3\xa4lue"},
                                        {"large", "REG_BINARY", hex},
                                        {"number", "REG_DWORD", "-2"},
                                        {"short", "REG_DWORD", std::nullopt}}));
  EXPECT_GT(content.modified_s, 1'600'000'000);
  EXPECT_EQ(host.ReadRegistryKey(std::string(kTestKey) + "\\none").error().code, Code::kNotFound);
}

TEST_F(WindowsHostRegistry, AValueOverTheBoundRefusesTheKey) {
  const std::string big((1 << 20) + 2, 'x');
  Put(L"big", REG_SZ, big.data(), big.size());
  EXPECT_EQ(WindowsHost().ReadRegistryKey(kTestKey).error().code, Code::kTooLarge);
}

TEST(WindowsHostRegistryHive, AHiveAloneCanBeListed) {
  const auto names = WindowsHost().ListRegistry("HKEY_LOCAL_MACHINE").value();
  EXPECT_NE(
      std::ranges::find_if(names, [](const std::string& n) { return Lower(n) == "software"; }),
      names.end());
  EXPECT_TRUE(WindowsHost().ListRegistry("HKEY_USERS").has_value());
}

TEST_F(WindowsHostRegistry, SubkeysAreListedByNameAndAnEmptyKeyIsNoMissingOne) {
  const WindowsHost host;
  EXPECT_EQ(host.ListRegistry(kTestKey).value(), std::vector<std::string>{});
  for (const wchar_t* name : {L"b", L"gr\u00fc\u00df", L"A"}) {
    HKEY made = nullptr;
    ASSERT_EQ(RegCreateKeyExW(key_, name, 0, nullptr, REG_OPTION_VOLATILE, KEY_ALL_ACCESS, nullptr,
                              &made, nullptr),
              ERROR_SUCCESS);
    RegCloseKey(made);
  }
  EXPECT_EQ(host.ListRegistry(kTestKey).value(),
            (std::vector<std::string>{"A", "b", "gr\xc3\xbc\xc3\x9f"}));
  for (const wchar_t* name : {L"b", L"gr\u00fc\u00df", L"A"}) RegDeleteKeyExW(key_, name, 0, 0);
  EXPECT_EQ(host.ListRegistry(std::string(kTestKey) + "\\b").error().code, Code::kNotFound);
  EXPECT_EQ(host.ListRegistry("HKEY_CURRENT_USER\\x").error().code, Code::kInvalidArgument);
}

TEST_F(WindowsHostRegistry, AKeyWhoseNameIsNoUtf16IsAnErrorThatNamesItsPlace) {
  const wchar_t alone[] = {L'a', wchar_t{0xd800}, L'\0'};
  HKEY made = nullptr;
  ASSERT_EQ(RegCreateKeyExW(key_, alone, 0, nullptr, REG_OPTION_VOLATILE, KEY_ALL_ACCESS, nullptr,
                            &made, nullptr),
            ERROR_SUCCESS);
  RegCloseKey(made);
  EXPECT_EQ(
      WindowsHost().ListRegistry(kTestKey).error(),
      (Error{Code::kMalformed, std::string(kTestKey) + ": a key in it: not UTF-16 at unit 1"}));
  RegDeleteKeyExW(key_, alone, 0, 0);
}

TEST_F(WindowsHostRegistry, AValueOfTheWrongTypeIsAClearErrorThatNamesIt) {
  Put(L"short", REG_DWORD, "ab", 2);
  Put(L"binary", REG_BINARY, "ab", 2);
  const wchar_t alone[] = {L'a', wchar_t{0xd800}};
  Put(L"surrogate", REG_SZ, alone, sizeof alone);
  const std::string big((1 << 20) + 2, 'x');
  Put(L"big", REG_SZ, big.data(), big.size());
  const WindowsHost host;
  const auto error = [&](const std::string& name) {
    return host.ReadRegistry(kTestKey, name).error();
  };
  const std::string key = std::string(kTestKey) + "\\";
  EXPECT_EQ(error("short"), (Error{Code::kMalformed, key + "short: a number of 2 bytes, not 4"}));
  EXPECT_EQ(error("binary"),
            (Error{Code::kMalformed, key + "binary: registry type 3, neither text nor number"}));
  EXPECT_EQ(error("surrogate"), (Error{Code::kMalformed, key + "surrogate: not UTF-16 at unit 1"}));
  EXPECT_EQ(error("big").code, Code::kTooLarge);
  EXPECT_EQ(error("missing").code, Code::kNotFound);
  EXPECT_EQ(host.ReadRegistry(key + "missing", "x").error().code, Code::kNotFound);
  for (const char* bad : {"", "HKLM\\SOFTWARE", "HKEY_CURRENT_USER", "HKEY_CURRENT_USER\\x"}) {
    EXPECT_EQ(host.ReadRegistry(bad, "x").error().code, Code::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace sallyport
