// SPDX-License-Identifier: Apache-2.0
// Watcher: tells that something changed, not what it is now. Whoever hears it reads again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace sallyport {

struct WatchTarget {
  enum class Kind {
    kPath,  // `what`: a file or folder; one that does not exist yet is noticed when it comes.
            // Of /proc only the lists of mounts and swaps tell
    kProcessExit,  // `pid`
    kProgram,      // `what`: a program; heard of when it starts, comes or is replaced. macOS
                   // tells nobody of the start; Windows of none of it: nothing there
    kUnit,         // `what`: a systemd unit; nothing where there is no bus. A Windows service, also
                   // one that does not exist yet
    kNetwork,      // addresses and routes
    kRegistry,     // `what`: a key as Host::ReadRegistry names it; its values and the names of its
                   // subkeys, also of a key that does not exist yet. Windows; elsewhere nothing
  };
  Kind kind = Kind::kPath;
  std::string what;
  int64_t pid = 0;

  friend bool operator==(const WatchTarget&, const WatchTarget&) = default;
  friend auto operator<=>(const WatchTarget&, const WatchTarget&) = default;
};

struct WatchEvent {
  WatchTarget target;
  std::string about;  // for people: "inotify /etc/swanctl/conf.d: created a.conf", "exit 412"
};

// Runs in the Qt event loop of the thread that made it; events come from there too, never from
// inside Watch(). Bursts of one target within a few milliseconds may come as one event.
class Watcher {
 public:
  using OnEvent = std::function<void(const WatchEvent&)>;

  virtual ~Watcher() = default;

  // Replaces the set of targets: those that stay keep their watch. The error names the first
  // target that could not be watched; the others are. A pid that is gone gives its event at once.
  virtual Status Watch(const std::vector<WatchTarget>& targets) = 0;
};

std::unique_ptr<Watcher> MakeWatcher(Watcher::OnEvent on_event);

}  // namespace sallyport
