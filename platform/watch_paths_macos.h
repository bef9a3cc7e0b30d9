// SPDX-License-Identifier: Apache-2.0
// PathWatch: hears of changes to files and folders, also of those that do not exist yet, through
// kqueue(2), EVFILT_VNODE.
#pragma once

#include <QSocketNotifier>
#include <QTimer>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/fd_posix.h"
#include "platform/watched_way.h"

namespace sallyport {

// A file is watched for its content, a folder for its names and the content of the files in it; not
// recursive. A folder of more than 256 files is watched for names only, and Watch() says so. Each
// folder on the way costs a descriptor, which all paths below it share.
class PathWatch {
 public:
  using OnChange = std::function<void(const std::string& path, const std::string& about)>;

  // `on_change` comes from the Qt loop, once per path and burst: what happens within 20 ms of a
  // first change is told with it.
  explicit PathWatch(OnChange on_change);

  // Replaces the set. The error is the first path's that could not be watched; the others are.
  Status Watch(const std::set<std::string>& paths);

 private:
  struct Place {
    Fd fd;
    uint64_t device = 0;
    uint64_t inode = 0;
  };
  struct Target {
    Way way;
    std::vector<std::string> content;  // places whose every event is a change of the target
  };

  Status Rearm();
  Result<Target> Follow(const std::string& path, std::set<std::string>& wanted);
  Status AddContent(Target& target, std::set<std::string>& wanted);
  Status Add(const std::string& place);
  void Drain();
  std::map<std::string, uint32_t> Heard() const;  // by place, NOTE_ flags

  OnChange on_change_;
  Fd kqueue_;
  std::unique_ptr<QSocketNotifier> notifier_;
  QTimer burst_;
  std::set<std::string> paths_;
  std::map<std::string, Target> targets_;
  std::map<std::string, Place> places_;
};

}  // namespace sallyport
