// SPDX-License-Identifier: Apache-2.0
// The way to a path: what must be watched to hear that it changes, comes or goes, where the system
// tells only that a folder's names changed and not which (kqueue). Portable: the file system is an
// argument.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace sallyport {

// What lies at a path, a link itself and not its target.
struct Seen {
  enum class Kind { kNothing, kFile, kFolder, kLink };
  Kind kind = Kind::kNothing;
  uint64_t id = 0;          // another when something else took the place
  std::string target = {};  // of a link, as written

  friend bool operator==(const Seen&, const Seen&) = default;
};

struct Way {
  std::map<std::string, Seen> steps;  // every name that was looked at
  std::string place;                  // the real path it leads to; empty: there is nothing
  bool folder = false;                // what is at `place`

  bool exists() const { return !place.empty(); }

  friend bool operator==(const Way&, const Way&) = default;
};

// Called with every folder before a name in it is looked at, so that nothing comes in between
// unseen. kNotFound: it went away meanwhile, which is seen above it.
using WatchFolder = std::function<Status(const std::string& folder)>;
using Look = std::function<Result<Seen>(const std::string& path)>;

// Follows links as the kernel does, at most 40: kMalformed. Fails with what `watch` and `look` fail
// with. `path` is absolute.
Result<Way> FollowWay(const std::string& path, const WatchFolder& watch, const Look& look);

// Whether a watcher of the path is told: what it leads to is another one, came or went. What stays
// missing tells nothing, whatever comes and goes on its way.
bool Differs(const Way& before, const Way& after);

}  // namespace sallyport
