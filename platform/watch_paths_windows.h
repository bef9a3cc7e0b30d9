// SPDX-License-Identifier: Apache-2.0
// PathWatch: hears of changes to files and folders, also of those that do not exist yet.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "platform/posted.h"
#include "platform/watch_folder_windows.h"

namespace sallyport {

// Every component of a path is watched for its name; a file for its content, in its folder; a
// folder for all that happens directly in it. What the path leads to through links and short names
// is watched as well. While a folder is watched, Windows lets nobody rename a folder above it.
class PathWatch {
 public:
  using OnChange = std::function<void(const std::string& path, const std::string& about)>;

  // `on_change` comes from the Qt loop, once per path and burst. When the system lost events of a
  // folder it comes for every path that leads through it.
  explicit PathWatch(OnChange on_change);

  // Replaces the set. The error is the first path's that could not be watched; the others are.
  Status Watch(const std::set<std::string>& paths);

 private:
  using Place = std::pair<std::wstring, DWORD>;  // folder, filter
  struct Interest {
    std::string path;   // the target
    std::wstring name;  // an entry of the folder; empty: all in it
  };
  struct One {
    std::unique_ptr<FolderWatch> watch;
    std::vector<Interest> interests;
    bool alive = true;
  };

  Status Rearm();
  Status Follow(const std::string& target);
  // Whether all of `path` is there.
  Result<bool> FollowNames(const std::wstring& path, const std::string& target);
  Status Add(const Place& place, const std::wstring& name, const std::string& target);
  void Hear(const Place& place, const std::vector<FolderWatch::Change>& changes, bool lost,
            bool alive);
  void Tell();

  OnChange on_change_;
  std::set<std::string> paths_;
  std::set<std::string> existing_;  // those of paths_ that were there when they were last followed
  std::map<Place, One> folders_;
  std::map<std::string, std::string> changed_;  // path to the first thing that was said of it
  bool renamed_ = false;                        // ways have to be followed anew
  Posted tell_;
};

}  // namespace sallyport
