// SPDX-License-Identifier: Apache-2.0
// Refuses TLS below 1.3 in this process, servers and clients alike, and gives no session tickets.
#pragma once

#include "base/result.h"

namespace sallyport {

// gRPC 1.51 fixes "1.2 or newer" itself and has no public setter; its grpc_tls_version enum is
// reachable only from inside the library. But OpenSSL applies the section system_default of its
// configuration to each new SSL_CTX (config(5), "SSL Configuration"), and gRPC, which sets only the
// minimum version, leaves the per-version switches alone. So this loads such a section from memory.
// Tickets: nobody resumes sessions, and OpenSSL parses the peer's certificate again for each.
//
// Call it in main() before the first channel or server is made; the calls after the first do
// nothing. It replaces an ssl_conf section of the system's openssl.cnf; other sections stay.
Status RequireTls13();

}  // namespace sallyport
