// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/text.h"
#include "collectors/osquery/paths.h"
#include "collectors/paths/path_keys.h"
#include "collectors/paths/tables.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

// Made by openssl req -x509 for this test; its key is gone.
constexpr char kRoot[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBwjCCAWegAwIBAgIEC63K/jAKBggqhkjOPQQDAjA2MQswCQYDVQQGEwJERTET\n"
    "MBEGA1UECgwKU2FsbHkgUG9ydDESMBAGA1UEAwwJVGVzdCBSb290MB4XDTI2MTEy\n"
    "MzIyNTY0M1oXDTM2MTEyMDIyNTY0M1owNjELMAkGA1UEBhMCREUxEzARBgNVBAoM\n"
    "ClNhbGx5IFBvcnQxEjAQBgNVBAMMCVRlc3QgUm9vdDBZMBMGByqGSM49AgEGCCqG\n"
    "SM49AwEHA0IABObbsXqAYBZ/fOM5NSoNo/neIE9IjfjxddGG1InSUCZcJ9HQ6+RE\n"
    "7d5e1h9eUit7/IoMLLpp80HLHTEiUqlsYySjYzBhMB0GA1UdDgQWBBR0oS1/W3it\n"
    "q0p7zNiXBXc2rnc7zzAfBgNVHSMEGDAWgBR0oS1/W3itq0p7zNiXBXc2rnc7zzAO\n"
    "BgNVHQ8BAf8EBAMCAQYwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBG\n"
    "AiEAvv/80xpfZDdRyEohZDgl+VkEgKpVe5zg+PMSk+cPZfUCIQC0bsEaOhByl3cc\n"
    "3Z77xxBpyBpRGaaISC6PMP0lIjgOsQ==\n"
    "-----END CERTIFICATE-----\n";

// From openssl x509 -text.
Row RootRow(const std::string& path) {
  const std::string id = "74a12d7f5b78adab4a7bccd897057736ae773bcf";
  RowOf row(kCertificates);
  row.Set("common_name", "Test Root").Set("path", path).Set("serial", "0BADCAFE");
  for (const char* name : {"subject", "issuer"}) row.Set(name, "/C=DE/O=Sally Port/CN=Test Root");
  for (const char* name : {"subject2", "issuer2"}) {
    row.Set(name, "C = DE, O = Sally Port, CN = Test Root");
  }
  row.Set("ca", Cell(1)).Set("self_signed", Cell(1)).Set("key_usage", "CRL Sign, Key Cert Sign");
  row.Set("not_valid_before", "1795474603").Set("not_valid_after", "2110834603");
  row.Set("signing_algorithm", "ecdsa-with-SHA256").Set("key_algorithm", "id-ecPublicKey");
  row.Set("key_strength", "prime256v1").Set("subject_key_id", id).Set("authority_key_id", id);
  return row.Set("sha1", "9595b0d747e6644ca18382c08e8507d25fc5e7cc").Take();
}

std::string RootDer() {
  std::string packed;
  for (const std::string_view line : Lines(kRoot)) {
    if (!line.starts_with("-")) packed += line;
  }
  return DecodeBase64(packed).value();
}

TEST(CertificatesTable, HasEveryColumnOfACertificateInPemAndInDer) {
  FakeHost host;
  host.Put("/c.pem", std::string("remark\n") + kRoot + "\n" + kRoot);
  host.Put("/c.der", RootDer());
  EXPECT_EQ(CertificatesTable(host, {{"path", "/c.pem"}}).value(),
            (Rows{RootRow("/c.pem"), RootRow("/c.pem")}));
  EXPECT_EQ(CertificatesTable(host, {{"path", "/c.der"}}).value(), (Rows{RootRow("/c.der")}));
}

TEST(CertificatesTable, WithoutAPathItIsTheBundleOfLinuxAndElsewhereUnsupported) {
  FakeHost host;
  EXPECT_EQ(CertificatesTable(host, {}).value(), Rows{});
  host.Put("/etc/ssl/certs/ca-certificates.crt", kRoot);
  EXPECT_EQ(CertificatesTable(host, {}).value(),
            (Rows{RootRow("/etc/ssl/certs/ca-certificates.crt")}));
  host.Fail("/etc/ssl/certs/ca-certificates.crt", Code::kDenied);
  EXPECT_EQ(CertificatesTable(host, {}).error().code, Code::kDenied);
  EXPECT_EQ(CertificatesTable(FakeHost(Os::kMacos), {}).error().code, Code::kUnsupported);
  FakeHost windows(Os::kWindows);
  windows.Put("C:\\c.pem", kRoot);
  EXPECT_EQ(CertificatesTable(windows, {}).error().code, Code::kUnsupported);
  EXPECT_EQ(CertificatesTable(windows, {{"path", "C:\\c.pem"}}).value(),
            (Rows{RootRow("C:\\c.pem")}));
}

TEST(CertificatesTable, OtherBlocksAreNotLookedIntoAndAFileWithoutCertificatesIsNoRow) {
  FakeHost host;
  host.Put("/k.pem",
           "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" + std::string(kRoot));
  EXPECT_EQ(CertificatesTable(host, {{"path", "/k.pem"}}).value(), (Rows{RootRow("/k.pem")}));
  host.Put("/text", "hello");
  host.Put("/empty", "");
  EXPECT_EQ(CertificatesTable(host, {{"path", "/text"}}).value(), Rows{});
  EXPECT_EQ(CertificatesTable(host, {{"path", "/empty"}}).value(), Rows{});
  EXPECT_EQ(CertificatesTable(host, {{"path", "/none"}}).value(), Rows{});
}

TEST(CertificatesTable, ADamagedCertificateIsAnErrorThatNamesItsPlace) {
  FakeHost host;
  std::string text = std::string(kRoot) + kRoot;
  text.replace(text.rfind("MIIBwjCC"), 8, "MIIBwjCB");
  host.Put("/c.pem", text);
  EXPECT_EQ(CertificatesTable(host, {{"path", "/c.pem"}}).error(),
            (Error{Code::kMalformed, "/c.pem: certificate 2 is damaged"}));
  host.Put("/c.der", RootDer() + "x");
  EXPECT_EQ(CertificatesTable(host, {{"path", "/c.der"}}).error(),
            (Error{Code::kMalformed, "/c.der: no certificate in DER"}));
  host.Put("/cut.pem", std::string(kRoot).substr(0, 300));
  EXPECT_EQ(CertificatesTable(host, {{"path", "/cut.pem"}}).error(),
            (Error{Code::kMalformed, "/cut.pem: a damaged block of PEM"}));
}

TEST(CertificatesTable, AnExtensionThatCannotBeUnderstoodMakesItsColumnsUnknown) {
  std::string der = RootDer();
  // basicConstraints, critical: OCTET STRING of SEQUENCE { BOOLEAN }; the boolean becomes a text.
  const size_t at = der.find(std::string("\x30\x03\x01\x01\xff", 5));
  ASSERT_NE(at, std::string::npos);
  der[at + 2] = '\x0c';
  FakeHost host;
  host.Put("/c.der", der);
  const Row row = CertificatesTable(host, {{"path", "/c.der"}}).value().at(0);
  const auto cell = [&row](const char* name) {
    return row.at(static_cast<size_t>(kCertificates.IndexOf(name)));
  };
  for (const char* name : {"ca", "self_signed", "key_usage", "subject_key_id"}) {
    EXPECT_EQ(cell(name), Cell(Unknown{})) << name;
  }
  EXPECT_EQ(cell("common_name"), Cell("Test Root"));
}

}  // namespace
}  // namespace sallyport
