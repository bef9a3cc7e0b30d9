// SPDX-License-Identifier: Apache-2.0
#include <windows.h>

#include "attestation/thread_contexts.h"

namespace sallyport {
namespace {

void CALLBACK Free(void* contexts) { delete static_cast<ThreadContexts*>(contexts); }

}  // namespace

// No thread_local: with mingw's threads a thread's emulated TLS is freed before the destructors of
// what lies in it run. A slot of FlsAlloc calls back at the right time.
ThreadContexts& ContextsOfThisThread() {
  static const DWORD slot = FlsAlloc(Free);
  void* contexts = FlsGetValue(slot);
  if (contexts == nullptr) {
    contexts = new ThreadContexts;
    FlsSetValue(slot, contexts);
  }
  return *static_cast<ThreadContexts*>(contexts);
}

}  // namespace sallyport
