// SPDX-License-Identifier: Apache-2.0
// Where the program that runs lies.
#pragma once

#include <string>

#include "base/result.h"

namespace sallyport {

Result<std::string> ThisProgram();  // whole path
Result<std::string> ThisFolder();   // without a backslash at the end

}  // namespace sallyport
