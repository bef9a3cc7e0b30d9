// SPDX-License-Identifier: Apache-2.0
#include <windows.h>

#include "tests/agent/local_name.h"

namespace sallyport {

struct LocalName::Folder {};

LocalName::LocalName() {
  static int count = 0;
  text_ = "\\\\.\\pipe\\sallyport-test-" + std::to_string(GetCurrentProcessId()) + "-" +
          std::to_string(++count);
}
LocalName::~LocalName() = default;

}  // namespace sallyport
