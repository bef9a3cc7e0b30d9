// SPDX-License-Identifier: Apache-2.0
// Settings of GNOME as dconf(7) finds them for a user: the profile's databases, best first, and the
// locks of those that an administrator made, read from the files that dconf itself reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

struct DconfSetting {
  int64_t value = 0;    // booleans: 0, 1
  bool locked = false;  // the user cannot change it
  std::string source;   // file that the value stands in
};

// Host must outlive it. What a program's own environment changes (DCONF_PROFILE) is not seen.
class DconfUser {
 public:
  DconfUser(const Host& host, int64_t uid, std::string home);

  // "org.gnome.desktop.session", "idle-delay": a boolean or a uint32. Where no database has it: the
  // schema's default, vendor's overrides included. kNotFound: the schema is not installed; any
  // other error: a file of the profile could not be read, or holds something else.
  Result<DconfSetting> Setting(const std::string& schema, const std::string& key) const;

 private:
  struct Source {
    std::string path;
    bool writable = false;
    std::string bytes;  // empty: there is no such file
  };
  Result<std::vector<Source>> Open() const;
  Result<std::string> Profile() const;
  Result<Source> SourceOf(const std::string& line) const;
  Result<DconfSetting> Default(const std::string& schema, const std::string& key) const;

  const Host& host_;
  int64_t uid_;
  std::string home_;
  Result<std::vector<Source>> sources_;
};

}  // namespace sallyport
