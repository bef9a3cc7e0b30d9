// SPDX-License-Identifier: Apache-2.0
// PathWatch: hears of changes to files and folders, also of those that do not exist yet, through
// inotify(7).
#pragma once

#include <QSocketNotifier>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/fd_posix.h"

namespace sallyport {

// Every component of a path is watched for its name, links are followed like the kernel follows
// them, the file or folder itself for its content. So replaced files, replaced links and folders
// that come, go or are renamed are all seen. Not recursive. Folders on the way are watched for
// names only: what is written beside a watched file wakes nobody.
class PathWatch {
 public:
  using OnChange = std::function<void(const std::string& path, const std::string& about)>;

  // `on_change` comes from the Qt loop, once per path and burst. When the kernel's queue ran over
  // it comes for every path. `also`: more of inotify's events that a file is watched for.
  explicit PathWatch(OnChange on_change, uint32_t also = 0);

  // Replaces the set. The error is the first path's that could not be watched; the others are.
  Status Watch(const std::set<std::string>& paths);

 private:
  struct Interest {
    std::string path;   // the target
    std::string place;  // what is watched for it
    std::string name;   // an entry of the folder `place`; empty: `place` itself and all in it
  };

  Status Rearm();
  Status Follow(const std::string& path);
  Status Add(const std::string& place, const std::string& name, const std::string& path,
             uint32_t mask);
  void Drain();
  void Hear(const char* buffer, size_t size, std::map<std::string, std::string>& changed,
            std::set<std::string>& renamed) const;

  OnChange on_change_;
  uint32_t also_;
  Fd inotify_;
  std::unique_ptr<QSocketNotifier> notifier_;
  std::set<std::string> paths_;
  std::set<std::string> existing_;  // those of paths_ that were there when they were last followed
  std::map<int, std::vector<Interest>> interests_;  // by watch descriptor
};

}  // namespace sallyport
