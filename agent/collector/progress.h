// SPDX-License-Identifier: Apache-2.0
// What the file of a ProgressMarker says, for whoever ends a collector that hangs.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport {

struct Progress {
  std::string name;  // printable
  std::chrono::steady_clock::time_point since;
};

// Nothing when nothing is being read, or when it is no such file.
std::optional<Progress> ParseProgress(std::string_view text);

}  // namespace sallyport
