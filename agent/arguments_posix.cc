// SPDX-License-Identifier: Apache-2.0
#include "agent/arguments.h"

namespace sallyport {

Arguments::Arguments(int argc, char** argv) : texts_(argv, argv + argc) {
  for (const std::string& text : texts_) pointers_.push_back(text.c_str());
  pointers_.push_back(nullptr);
}

}  // namespace sallyport
