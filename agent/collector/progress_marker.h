// SPDX-License-Identifier: Apache-2.0
// ProgressMarker: the file that tells, after the collector was killed, which table killed it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/now.h"
#include "base/result.h"

namespace sallyport {

// In `folder`: collector.progress while a table is read (the supervisor looks at its age), and
// collector.killed, how often each table was not survived in a row. A marker of another boot is
// the machine's end, not the table's, and counts for nothing.
class ProgressMarker {
 public:
  static constexpr Millis kFirstWait{60'000};
  static constexpr Millis kLongestWait{3'600'000};

  // Takes up what the run before left behind. `boot_id` is this boot's.
  static Result<ProgressMarker> Open(const std::string& folder, const std::string& boot_id,
                                     Now now);

  // The table during which the run before was killed; empty: none.
  const std::string& killed_in() const { return killed_in_; }
  // Not to be read before this moment (boot time); zero: it may be read.
  Millis HeldUntil(std::string_view table) const;

  Status Begin(const std::string& table);
  // It was read, however it came out: also its kills are forgotten.
  void End(const std::string& table);

 private:
  struct Kills {
    int count = 0;
    Millis held_until{0};
  };

  Status SaveKills() const;

  std::string folder_;
  std::string boot_id_;
  std::string killed_in_;
  std::map<std::string, Kills, std::less<>> kills_;
};

}  // namespace sallyport
