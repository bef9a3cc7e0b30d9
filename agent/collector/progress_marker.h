// SPDX-License-Identifier: Apache-2.0
// ProgressMarker: the file that tells, after the collector was killed, which table killed it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "agent/collector/progress_file.h"
#include "base/now.h"
#include "base/result.h"

namespace sallyport {

// `progress` is a file that says what is being read and since when: three lines, its name, the boot
// id and the CLOCK_MONOTONIC in milliseconds at which it began; an empty first line when nothing
// is. The supervisor looks at it. It is written at every step, so it belongs into memory (/run),
// and it may lie in a folder where others can make files: only one that belongs to this user
// counts. `killed`, on disk, says how often each name was not survived in a row. A marker of
// another boot is the machine's end and counts for nothing.
class ProgressMarker {
 public:
  static constexpr Millis kFirstWait{60'000};
  static constexpr Millis kLongestWait{3'600'000};

  struct Files {
    std::string progress;
    std::string killed;
  };

  // Takes up what the run before left behind. `boot_id` is this boot's.
  static Result<ProgressMarker> Open(Files files, const std::string& boot_id, Now now);

  // What the run before was killed in; empty: nothing.
  const std::string& killed_in() const { return killed_in_; }
  // Not to be done before this moment (boot time); zero: it may be.
  Millis HeldUntil(std::string_view name) const;
  // Since when it is held back, if it is: the start of this run (wall time).
  Millis opened() const { return opened_; }

  // `name` without blanks: a table, or a part of its work.
  Status Begin(const std::string& name);
  // It was survived, however it came out: also its kills are forgotten.
  void End(const std::string& name);

 private:
  struct Kills {
    int count = 0;
    Millis held_until{0};
  };

  Status SaveKills() const;

  Files files_;
  ProgressFile progress_;
  std::string boot_id_;
  Millis opened_{0};
  std::string killed_in_;
  std::map<std::string, Kills, std::less<>> kills_;
};

}  // namespace sallyport
