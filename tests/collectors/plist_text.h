// SPDX-License-Identifier: Apache-2.0
// Property lists of macOS as text, for tests.
#pragma once

#include <string>

namespace sallyport {

// `inside` is one value: "<dict>...</dict>".
inline std::string PlistText(const std::string& inside) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
         "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n" +
         inside + "\n</plist>\n";
}

}  // namespace sallyport
