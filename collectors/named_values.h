// SPDX-License-Identifier: Apache-2.0
// Lines of "name: value", as sw_vers(1) and sysctl(8) of macOS print them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "platform/host.h"

namespace sallyport {

using NamedValues = std::map<std::string, std::string>;

// Of each line what stands before its first colon and what stands after it, without blanks around;
// lines without a colon are skipped. Of a name that comes twice the first counts.
NamedValues ParseNamedValues(std::string_view text);

// What the command prints. Some values are an answer even when it exits with an error, for
// sysctl(8) goes on after a name that it does not know; none are an error that holds what it said.
Result<NamedValues> AskNamedValues(const Host& host, const std::vector<std::string>& argv);

// Unknown when it is not there, NULL when it is empty.
Value TextOf(const NamedValues& values, const std::string& name);
// Unknown when it is not there or no number.
Value NumberOf(const NamedValues& values, const std::string& name);

}  // namespace sallyport
