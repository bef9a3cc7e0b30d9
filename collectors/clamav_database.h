// SPDX-License-Identifier: Apache-2.0
// How old ClamAV's signatures are: clamd.conf(5), and the 512 byte header of .cvd and .cld files
// (sigtool(1) --info shows the same fields).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

// Build time of "ClamAV-VDB:21 Nov 2026 03-24
// -0500:27826:2077600:90:<md5>:<sig>:raynman:1763713472" in seconds since 1970. nullopt: not such a
// header.
std::optional<int64_t> ClamavBuildTime(std::string_view header);

// The value of an option, "Name value", comments and quotes taken away; "" when it is not set.
std::string ClamdOption(std::string_view configuration, std::string_view name);

struct NewestSignatures {
  std::string file;
  int64_t built_s = 0;

  friend bool operator==(const NewestSignatures&, const NewestSignatures&) = default;
};

// Of the vendor's daily database its build time, whatever the file's time is; without a daily one
// the newest of all databases, those without a header by their file's time. nullopt: none is there.
// A header that cannot be read is an error.
Result<std::optional<NewestSignatures>> NewestClamavSignatures(const Host& host,
                                                               const std::string& folder);

}  // namespace sallyport
