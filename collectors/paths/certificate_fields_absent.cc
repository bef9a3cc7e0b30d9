// SPDX-License-Identifier: Apache-2.0
// A build without OpenSSL.
#include "collectors/paths/certificate_fields.h"

namespace sallyport {

Result<std::vector<CertificateFields>> ReadCertificates(std::string_view, const std::string& path) {
  return Fail(Code::kUnsupported, path + ": this build has no OpenSSL");
}

}  // namespace sallyport
