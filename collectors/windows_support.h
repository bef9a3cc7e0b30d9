// SPDX-License-Identifier: Apache-2.0
// Until when a release of Windows gets security updates.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sallyport {

struct WindowsSupport {
  std::string_view full_until;  // date
  std::string_view until;       // date, with paid updates where this machine gets them
};

// `edition`: EditionID of the registry. nullopt: not in the list; Windows Server is not.
// Windows 10 22H2 has its end on 2025-10-14. One that runs a later revision than the last that all
// got has Extended Security Updates (until 2028-10-10): what it installed proves more than its
// licence, which says nothing of consumers.
std::optional<WindowsSupport> WindowsSupportOf(int64_t build, std::optional<int64_t> revision,
                                               std::string_view edition);

}  // namespace sallyport
