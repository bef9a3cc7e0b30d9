// SPDX-License-Identifier: Apache-2.0
// Tells the thread sanitizer of an order that a library keeps and that it cannot see, because the
// library is not built with it (gRPC: a reaction comes after the operation that it answers). What
// happened before HappensBefore(x) on one thread happened before what follows HappensAfter(x) on
// another. Says nothing, and costs nothing, in every other build.
#pragma once

#if defined(__SANITIZE_THREAD__)
#define SALLYPORT_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SALLYPORT_THREAD_SANITIZER 1
#endif
#endif

#if defined(SALLYPORT_THREAD_SANITIZER)
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#endif

namespace sallyport {

inline void HappensBefore([[maybe_unused]] void* what) {
#if defined(SALLYPORT_THREAD_SANITIZER)
  __tsan_release(what);
#endif
}

inline void HappensAfter([[maybe_unused]] void* what) {
#if defined(SALLYPORT_THREAD_SANITIZER)
  __tsan_acquire(what);
#endif
}

}  // namespace sallyport
