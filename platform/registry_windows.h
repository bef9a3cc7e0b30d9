// SPDX-License-Identifier: Apache-2.0
// One value of the registry, always of the 64-bit view.
#pragma once

#include <string>

#include "base/result.h"
#include "base/table.h"

namespace sallyport {

// kNotFound for a key or value that is not there, kDenied, kTooLarge over 1 MiB, kMalformed (see
// RegistryValue), kInvalidArgument for a key of no known hive.
Result<Value> ReadRegistryValue(const std::string& key, const std::string& name);

}  // namespace sallyport
