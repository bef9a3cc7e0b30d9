// SPDX-License-Identifier: Apache-2.0
// The one place that turns an errno into our Code.
#pragma once

#include <string>

#include "base/result.h"

namespace sallyport {

Code CodeOfErrno(int error);

// "<thing>: <text of the errno>", with the code above. `error` is an errno value.
tl::unexpected<Error> FailErrno(int error, const std::string& thing);

}  // namespace sallyport
