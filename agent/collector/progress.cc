// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/progress.h"

#include "base/text.h"

namespace sallyport {

std::optional<Progress> ParseProgress(std::string_view text) {
  const auto lines = Lines(text);
  const auto since = lines.size() < 3 || lines[0].empty() ? std::nullopt : ParseInt(lines[2]);
  if (!since) return std::nullopt;
  return Progress{Excerpt(lines[0]),
                  std::chrono::steady_clock::time_point(std::chrono::milliseconds(*since))};
}

}  // namespace sallyport
