// SPDX-License-Identifier: Apache-2.0
// A build without OpenSSL.
#include "collectors/paths/digests.h"

namespace sallyport {

Result<Digests> DigestsOf(std::string_view) {
  return Fail(Code::kUnsupported, "hash: this build has no OpenSSL");
}

}  // namespace sallyport
