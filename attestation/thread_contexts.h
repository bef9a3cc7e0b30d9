// SPDX-License-Identifier: Apache-2.0
// OpenSSL contexts that one thread makes once and keeps: a new one for each message costs more
// than the message.
#pragma once

#include "attestation/openssl_ptr.h"

namespace sallyport {

struct ThreadContexts {
  MdCtxPtr digest;
  MacCtxPtr mac;
};

// This thread's, empty at first; freed when the thread ends.
ThreadContexts& ContextsOfThisThread();

}  // namespace sallyport
