// SPDX-License-Identifier: Apache-2.0
// Patterns of osquery's path-addressed tables, asked of a Host as osquery asks glob(3).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

inline constexpr size_t kMaxMatches = 10'000;    // paths of one pattern
inline constexpr size_t kMaxLookedAt = 200'000;  // entries of folders that one pattern lists
inline constexpr size_t kMaxPatternDepth = 64;   // folders below the first %%

// % is any part of one component; no other character means anything. A last component that ends
// with %% also takes everything below the folders that it matches. A leading dot must be written
// (not on Windows, where ASCII letters match in either case). A folder is found with a slash at its
// end, as glob(3) marks it; links are followed, but none that leads upward or where another led
// before. Sorted. A folder that is not there gives none; one that cannot be listed is an error that
// names the pattern, since what it holds might match. kTooLarge over the bounds: never a cut list.
// kInvalidArgument for a pattern that is not absolute.
Result<std::vector<std::string>> PathsLike(const Host& host, const std::string& pattern);

// One component, without slashes.
bool MatchesComponent(Os os, std::string_view pattern, std::string_view name);

bool IsFolderPath(std::string_view path);  // ends with a slash, of either kind

}  // namespace sallyport
