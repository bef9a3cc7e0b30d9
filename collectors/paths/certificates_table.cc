// SPDX-License-Identifier: Apache-2.0
// Table certificates.
#include <algorithm>

#include "collectors/osquery/paths.h"
#include "collectors/paths/certificate_fields.h"
#include "collectors/paths/path_keys.h"
#include "collectors/paths/tables.h"

namespace sallyport {
namespace {

constexpr size_t kMaxBytes = 8 << 20;

// osquery's, in its order.
constexpr const char* kBundles[] = {"/etc/pki/tls/certs/ca-bundle.crt",
                                    "/etc/ssl/certs/ca-certificates.crt"};

// Stores of macOS and Windows are no files.
Result<std::vector<AskedContent>> Bundles(const Host& host) {
  if (host.os() != Os::kLinux) {
    return Fail(Code::kUnsupported, std::string("certificates: the store of ") + OsName(host.os()) +
                                        " is not read, only files by path");
  }
  std::vector<AskedContent> out;
  for (const char* path : kBundles) {
    auto bytes = host.ReadFile(path, kMaxBytes);
    if (bytes) {
      out.push_back({path, *std::move(bytes)});
    } else if (bytes.error().code != Code::kNotFound) {
      return tl::unexpected(bytes.error());
    }
  }
  return out;
}

}  // namespace

Result<Rows> CertificatesTable(const Host& host, const Keys& keys) {
  const bool by_path = std::ranges::find(keys, "path", &Key::column) != keys.end();
  const auto contents =
      by_path ? AskedContents(host, kCertificates, keys, kMaxBytes) : Bundles(host);
  if (!contents) return tl::unexpected(contents.error());
  Rows rows;
  for (const AskedContent& content : *contents) {
    auto certificates = ReadCertificates(content.bytes, content.path);
    if (!certificates) return tl::unexpected(certificates.error());
    for (CertificateFields& certificate : *certificates) {
      RowOf row(kCertificates);
      row.Set("path", content.path);
      for (auto& [column, value] : certificate.cells) row.Set(column, std::move(value));
      rows.push_back(row.Take());
    }
  }
  return rows;
}

}  // namespace sallyport
