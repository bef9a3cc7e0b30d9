// SPDX-License-Identifier: Apache-2.0
// X.509 certificates (RFC 5280) as osquery's table shows them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/table.h"

namespace sallyport {

struct CertificateFields {
  // In this order: common_name, subject, subject2, issuer, issuer2, ca, self_signed,
  // not_valid_before, not_valid_after, signing_algorithm, key_algorithm, key_strength, key_usage,
  // subject_key_id, authority_key_id, sha1, serial.
  std::vector<std::pair<std::string_view, Value>> cells;
};

// PEM blocks of certificates, or one certificate in DER; other PEM blocks, private keys above all,
// are not looked into. None: empty. What the extensions of a certificate say is unknown when they
// cannot be understood. kMalformed, naming `path`, for one that is damaged; kTooLarge over 10,000;
// kUnsupported in a build without OpenSSL.
Result<std::vector<CertificateFields>> ReadCertificates(std::string_view bytes,
                                                        const std::string& path);

}  // namespace sallyport
