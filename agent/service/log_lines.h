// SPDX-License-Identifier: Apache-2.0
// LogLines: what another process writes to its stderr, as lines for a log. It may be in a
// stranger's hands: bounded in length and number.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport {

struct LogLine {
  enum class Level { kInfo, kWarning, kError };
  Level level = Level::kInfo;
  std::string text;  // printable

  friend bool operator==(const LogLine&, const LogLine&) = default;
};

// The level is taken from "[warning]", "[error]" and "[critical]" of spdlog's default pattern, or
// from " warning:" and " error:" of ours. A line is cut at kMaxBytes. Of warnings and errors,
// kBurst come at once and then one a second; how many were left out is said with the next.
class LogLines {
 public:
  static constexpr size_t kMaxBytes = 1000;
  static constexpr double kBurst = 20;
  using Time = std::chrono::steady_clock::time_point;

  std::vector<LogLine> Add(std::string_view bytes, Time now);

 private:
  void AddLine(Time now, std::vector<LogLine>* out);

  std::string line_;
  double allowed_ = kBurst;
  Time counted_{};
  size_t left_out_ = 0;
};

}  // namespace sallyport
