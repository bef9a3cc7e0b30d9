// SPDX-License-Identifier: Apache-2.0
#include "attestation/thread_contexts.h"

namespace sallyport {

ThreadContexts& ContextsOfThisThread() {
  thread_local ThreadContexts contexts;
  return contexts;
}

}  // namespace sallyport
