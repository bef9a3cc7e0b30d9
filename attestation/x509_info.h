// SPDX-License-Identifier: Apache-2.0
// What this folder reads out of a certificate that OpenSSL has parsed. Parsing one is dear (OpenSSL
// 3.0 looks for a decoder of its key each time), so who has it parsed asks here.
#pragma once

#include <openssl/x509.h>

#include "attestation/certificates.h"

namespace sallyport {

// As ParseCertificate.
Result<CertificateInfo> InfoOf(X509* certificate);

}  // namespace sallyport
