// SPDX-License-Identifier: Apache-2.0
// Linux's lists of mounts and swap areas as values: proc_pid_mountinfo(5), proc_swaps(5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sallyport {

struct Mount {
  std::string id;
  std::string device;       // "major:minor"; major 0: no block device of its own
  std::string root;         // the part of the file system that is seen here: "/" unless bound
  std::string mount_point;  // unescaped, as are source and super_options
  std::string fs_type;
  std::string source;
  std::string super_options;
  bool read_only = false;
  std::string parent = {};   // id of the mount that this one is mounted on
  std::string options = {};  // of this mount: "rw,nosuid"; super_options are the file system's

  friend bool operator==(const Mount&, const Mount&) = default;
};

struct SwapArea {
  std::string path;
  bool is_file = false;

  friend bool operator==(const SwapArea&, const SwapArea&) = default;
};

// In the order of mounting. A line that does not follow the format is kMalformed.
Result<std::vector<Mount>> ParseMountinfo(std::string_view text);
Result<std::vector<SwapArea>> ParseSwaps(std::string_view text);

// The mount that holds `path`: the longest mount point above it, of those the last. nullptr: none.
// `except` (an id) is not considered.
const Mount* MountOf(const std::vector<Mount>& mounts, std::string_view path,
                     std::string_view except = "");

// The kernel writes blank, tab, newline and backslash as three octal digits: "\040".
std::string UnescapeOctal(std::string_view text);

}  // namespace sallyport
