// SPDX-License-Identifier: Apache-2.0
// What sources.list(5) says: which repositories apt uses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sallyport {

// One address and one suite of binary packages.
struct AptRepository {
  std::string uri;  // without a slash at its end
  std::string suite;

  friend bool operator==(const AptRepository&, const AptRepository&) = default;
};

// "deb [arch=amd64] https://deb.debian.org/debian bookworm main": one-line style. deb-src and
// remarks are skipped; anything else is kMalformed, for apt refuses to work with it.
Result<std::vector<AptRepository>> ParseAptList(std::string_view text);

// deb822 style: stanzas with Types, URIs, Suites, Enabled. One that is disabled, or of sources
// only, gives none.
Result<std::vector<AptRepository>> ParseAptSources(std::string_view text);

// Where apt keeps what it fetched from there: file names below /var/lib/apt/lists begin with this,
// then comes "InRelease" or "Release".
std::string AptListPrefix(const AptRepository& repository);

// The address without its scheme, and the suite: osquery's name for a source.
std::string AptRepositoryName(const AptRepository& repository);

}  // namespace sallyport
