// SPDX-License-Identifier: Apache-2.0
// ProgramWatch: hears that programs start, through inotify(7): execve(2) opens the file.
#pragma once

#include <QTimer>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "base/result.h"
#include "platform/watch_paths_linux.h"

namespace sallyport {

// Needs no right but to see the file, works in every namespace, and costs nothing while nobody
// touches the program. Whoever reads it is heard as well, and so is that it comes, goes or is
// replaced.
class ProgramWatch {
 public:
  using OnStart = std::function<void(const std::string& program, const std::string& about)>;

  explicit ProgramWatch(OnStart on_start);

  // Replaces the set. Each start is told twice: execve(2) has the file open before the process
  // bears its name, and on a busy machine the way from one to the other is long.
  Status Watch(const std::set<std::string>& programs) { return paths_.Watch(programs); }

 private:
  void Tell(const std::map<std::string, std::string>& opened);

  OnStart on_start_;
  PathWatch paths_;
  QTimer soon_;
  QTimer later_;
  std::map<std::string, std::string> opened_;  // program to what was said of it
  std::map<std::string, std::string> told_;    // once
};

}  // namespace sallyport
