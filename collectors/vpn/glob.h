// SPDX-License-Identifier: Apache-2.0
// Shell wildcards in paths, asked of a Host: glob(7).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

// `*`, `?`, `[a-z]`, `[!a-z]` and backslash; a leading dot must be written.
bool HasWildcard(std::string_view pattern);
bool MatchesWildcard(std::string_view pattern, std::string_view name);

// Paths that are there, sorted, folders left out. A folder that is not there gives none; one that
// cannot be listed is an error. Over `limit` paths: kTooLarge.
Result<std::vector<std::string>> Glob(const Host& host, const std::string& pattern, size_t limit);

}  // namespace sallyport
