// SPDX-License-Identifier: Apache-2.0
#include "platform/windows_formats.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

std::string Utf16(std::u16string_view text) {
  std::string bytes;
  for (const char16_t unit : text) {
    bytes.push_back(static_cast<char>(unit & 0xff));
    bytes.push_back(static_cast<char>(unit >> 8));
  }
  return bytes;
}

TEST(ExtendedPath, ADriveAndPartsWithEitherSlashBecomeOneForm) {
  EXPECT_EQ(ExtendedPath(R"(C:\Windows\System32)").value(), R"(\\?\C:\Windows\System32)");
  EXPECT_EQ(ExtendedPath("c:/ProgramData//x/").value(), R"(\\?\c:\ProgramData\x)");
  EXPECT_EQ(ExtendedPath("C:/").value(), R"(\\?\C:\)");
  EXPECT_EQ(ExtendedPath(R"(C:\CON)").value(), R"(\\?\C:\CON)");
  EXPECT_EQ(ExtendedPath(R"(C:\end. )").value(), R"(\\?\C:\end. )");
}

TEST(ExtendedPath, WhatIsNotAPlainAbsolutePathIsRefused) {
  const std::vector<std::string> bad = {"",
                                        "C:",
                                        "C:x",
                                        "x",
                                        R"(\x)",
                                        "/etc/passwd",
                                        R"(\\server\share\x)",
                                        "//server/share/x",
                                        R"(\\?\C:\x)",
                                        R"(\\.\PhysicalDrive0)",
                                        R"(C:\a\..\b)",
                                        R"(C:\.\b)",
                                        R"(C:\file:stream)",
                                        "1:/x",
                                        std::string("C:\\a\0b", 6)};
  for (const std::string& path : bad) {
    EXPECT_EQ(ExtendedPath(path).error().code, Code::kInvalidArgument) << path;
  }
}

TEST(FinalPath, AShareBehindALinkIsDenied) {
  EXPECT_EQ(FinalPath(R"(\\?\C:\x)").value(), R"(C:\x)");
  EXPECT_EQ(FinalPath(R"(\\?\UNC\server\share)").error().code, Code::kDenied);
  EXPECT_EQ(FinalPath(R"(\\?\Volume{0}\x)").error().code, Code::kDenied);
}

TEST(CommandLine, QuotesAndBackslashesComeThrough) {
  // The rules and examples of CommandLineToArgvW.
  EXPECT_EQ(CommandLine({R"(C:\a b\c.exe)", "", "d e", R"(f\)", R"(g"h)", R"(i\"j\\)"}).value(),
            R"("C:\a b\c.exe" "" "d e" f\ "g\"h" "i\\\"j\\\\")");
}

TEST(CommandLine, BatchFilesAndNulsAreRefused) {
  EXPECT_EQ(CommandLine({R"(C:\a.bat)", "x"}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(CommandLine({R"(C:\a.exe)", std::string("x\0y", 3)}).error().code,
            Code::kInvalidArgument);
  EXPECT_EQ(CommandLine({}).error().code, Code::kInvalidArgument);
}

TEST(RegistryValue, EachTypeThatIsTextOrNumber) {
  EXPECT_EQ(RegistryValue(1, Utf16(std::u16string(u"zwölf\0", 6)), "k").value(),
            Cell("zw\xc3\xb6lf"));
  EXPECT_EQ(RegistryValue(1, Utf16(u"unterminated"), "k").value(), Cell("unterminated"));
  EXPECT_EQ(RegistryValue(1, "", "k").value(), Cell(""));
  EXPECT_EQ(RegistryValue(2, Utf16(u"%SystemRoot%\\x"), "k").value(), Cell("%SystemRoot%\\x"));
  EXPECT_EQ(RegistryValue(4, "\x01\x02\x03\xff", "k").value(), Cell(int64_t{0xff030201}));
  EXPECT_EQ(RegistryValue(11, std::string("\x01\0\0\0\0\0\0\x7f", 8), "k").value(),
            Cell(int64_t{0x7f00000000000001}));
  EXPECT_EQ(RegistryValue(7, Utf16(std::u16string(u"a\0b\0\0", 5)), "k").value(), Cell("a\nb"));
}

TEST(RegistryData, EachTypeReadsAsOsqueryShowsIt) {
  EXPECT_EQ(RegistryData(1, Utf16(std::u16string(u"zwölf\0", 6))), "zwölf");
  EXPECT_EQ(RegistryData(1, Utf16(std::u16string(u"a\0hidden", 8))), "a");
  EXPECT_EQ(RegistryData(2, Utf16(u"%SystemRoot%\\x")), "%SystemRoot%\\x");
  EXPECT_EQ(RegistryData(3, std::string("\xab\0\x01", 3)), "AB0001");
  EXPECT_EQ(RegistryData(4, std::string("\xfe\xff\xff\xff", 4)), "-2");
  EXPECT_EQ(RegistryData(5, std::string("\0\0\1\2", 4)), "258");
  EXPECT_EQ(RegistryData(7, Utf16(std::u16string(u"a\0b\0\0", 5))), "a,b");
  EXPECT_EQ(RegistryData(7, ""), "");
  EXPECT_EQ(RegistryData(11, std::string(8, '\xff')), "18446744073709551615");
  EXPECT_EQ(RegistryData(99, "abc"), "");
  EXPECT_EQ(RegistryTypeName(4), "REG_DWORD");
  EXPECT_EQ(RegistryTypeName(11), "REG_QWORD");
  EXPECT_EQ(RegistryTypeName(12), "UNKNOWN");
}

TEST(RegistryData, BytesThatAreNotOfTheirTypeHaveNoText) {
  EXPECT_EQ(RegistryData(4, "\x01\x02\x03"), std::nullopt);
  EXPECT_EQ(RegistryData(5, ""), std::nullopt);
  EXPECT_EQ(RegistryData(11, "\x01\x02\x03\x04"), std::nullopt);
  EXPECT_EQ(RegistryData(1, "abc"), std::nullopt);
  EXPECT_EQ(RegistryData(1, Utf16(std::u16string{u'a', 0xd800})), std::nullopt);
  EXPECT_EQ(RegistryData(7, "abc"), std::nullopt);
}

TEST(RegistryValue, BytesThatAreNotOfTheirTypeAreMalformedAndNamed) {
  EXPECT_EQ(RegistryValue(4, "\x01\x02\x03", "k").error(),
            (Error{Code::kMalformed, "k: a number of 3 bytes, not 4"}));
  EXPECT_EQ(RegistryValue(11, "\x01\x02\x03\x04", "k").error(),
            (Error{Code::kMalformed, "k: a number of 4 bytes, not 8"}));
  EXPECT_EQ(RegistryValue(11, std::string(8, '\xff'), "k").error().message,
            "k: a number over 2^63");
  EXPECT_EQ(RegistryValue(1, "abc", "k").error().message, "k: text of half a character");
  EXPECT_EQ(RegistryValue(1, Utf16(std::u16string{u'a', 0xd800}), "k").error().message,
            "k: not UTF-16 at unit 1");
  EXPECT_EQ(RegistryValue(1, Utf16(std::u16string(u"a\0b", 3)), "k").error().message,
            "k: text with a NUL in it");
  EXPECT_EQ(RegistryValue(3, "\x01", "k").error().message,
            "k: registry type 3, neither text nor number");
}

// Tag, length and reserved; offset and length of the substitute name, of the print name; for a
// symbolic link flags; then the names.
std::string Reparse(const std::string& tag, const std::string& flags, const std::string& name,
                    size_t claimed) {
  std::string out = tag + std::string("\0\0\0\0", 4);
  out += std::string(2, '\0');
  out.push_back(static_cast<char>(claimed & 0xff));
  out.push_back(static_cast<char>(claimed >> 8));
  return out + std::string(4, '\0') + flags + name;
}
const std::string kSymlinkTag("\x0c\0\0\xa0", 4);
const std::string kJunctionTag("\x03\0\0\xa0", 4);

TEST(ReparseTarget, LinksAndJunctionsTellWhereTheyPoint) {
  const std::string relative = Utf16(u"..\\x");
  EXPECT_EQ(
      ReparseTarget(Reparse(kSymlinkTag, std::string(4, '\1'), relative, relative.size()), "p")
          .value(),
      R"(..\x)");
  const std::string drive = Utf16(u"\\??\\C:\\x");
  EXPECT_EQ(ReparseTarget(Reparse(kJunctionTag, "", drive, drive.size()), "p").value(), R"(C:\x)");
}

TEST(ReparseTarget, LengthsThatLieAreMalformedAndOtherTagsAreNoLinks) {
  const std::string name = Utf16(u"x");
  for (const size_t claimed : {size_t{1}, size_t{4}, size_t{0xfffe}}) {
    EXPECT_EQ(ReparseTarget(Reparse(kJunctionTag, "", name, claimed), "p").error().code,
              Code::kMalformed)
        << claimed;
  }
  EXPECT_EQ(ReparseTarget("", "p").error().code, Code::kMalformed);
  EXPECT_EQ(ReparseTarget(Reparse(kSymlinkTag, "", "", 0), "p").error().code, Code::kMalformed);
  EXPECT_EQ(ReparseTarget(Reparse(std::string("\x1a\0\0\x90", 4), "", name, 2), "p").error(),
            (Error{Code::kInvalidArgument, "p: a reparse point that is no link"}));
}

TEST(SelectedColumns, AreThoseOfTheQueryInItsOrder) {
  EXPECT_EQ(SelectedColumns("SELECT Name, State FROM Win32_Service WHERE a = 'b'").value(),
            (std::vector<std::string>{"Name", "State"}));
  for (const char* bad : {"", "SELECT * FROM C", "SELECT FROM C", "SELECT a", "DELETE a FROM C",
                          "SELECT a b FROM C", "SELECT a, FROM C"}) {
    EXPECT_EQ(SelectedColumns(bad).error().code, Code::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace sallyport
