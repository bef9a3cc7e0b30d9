// SPDX-License-Identifier: Apache-2.0
// What sysctl.d(5) and sysctl.conf(5) ask of the kernel.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

// "net/ipv4/conf/eth0.1/rp_filter" is the setting net.ipv4.conf.eth0/1.rp_filter: dots and slashes
// change places.
std::string SysctlName(std::string_view path);
// Below /proc/sys. A name whose first separator is a slash is a path already.
std::string SysctlPath(std::string_view name);

// Assignments in the order in which they are made.
class SysctlConfig {
 public:
  // A file's lines. What is no assignment is skipped, as sysctl(8) does.
  void Add(std::string_view text);

  // What the setting gets: the last assignment to its name, else the last to a pattern with * that
  // fits and that no "-name" line excludes it from.
  std::optional<std::string> ValueOf(std::string_view name) const;

 private:
  struct Line {
    std::string path;
    std::string value;
    bool excludes = false;  // "-net.ipv4.conf.eth0.rp_filter": no pattern reaches it
  };
  std::vector<Line> lines_;
};

// Of files of one name the first folder's counts: /etc, /run, /usr/local/lib, /usr/lib, /lib. They
// are taken in the order of their names, /etc/sysctl.conf last. A link to /dev/null is an empty
// file.
Result<SysctlConfig> ReadSysctlConfig(const Host& host);

}  // namespace sallyport
