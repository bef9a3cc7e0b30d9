// SPDX-License-Identifier: Apache-2.0
// What ip(8) prints with -json.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

// A list; empty when it prints nothing. kNotFound: there is no ip. Another exit code than 0 is
// kUnavailable and holds what it said.
Result<nlohmann::json> AskIp(const Host& host, const std::vector<std::string>& arguments);

}  // namespace sallyport
