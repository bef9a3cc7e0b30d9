// SPDX-License-Identifier: Apache-2.0
// Arguments: what a program was started with, in UTF-8. On Windows the command line as it was
// given: argv has been squeezed into the machine's code page.
#pragma once

#include <string>
#include <vector>

namespace sallyport {

class Arguments {
 public:
  Arguments(int argc, char** argv);  // of main()
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;

  int argc() const { return static_cast<int>(texts_.size()); }
  const char* const* argv() const { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<const char*> pointers_;  // into texts_, and a null at the end
};

}  // namespace sallyport
