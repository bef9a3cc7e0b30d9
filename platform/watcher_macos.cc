// SPDX-License-Identifier: Apache-2.0
#include "platform/watch_kernel_macos.h"
#include "platform/watch_paths_macos.h"
#include "platform/watcher.h"

namespace sallyport {
namespace {

using Kind = WatchTarget::Kind;

// There are no units and no registry. A program is watched as a file: it is heard of when it comes
// or is replaced, and not when it starts.
class MacosWatcher : public Watcher {
 public:
  explicit MacosWatcher(OnEvent on_event)
      : on_event_(std::move(on_event)),
        paths_([this](const auto& path, const auto& about) {
          Tell({Kind::kPath, path, 0}, about);
        }),
        programs_([this](const auto& program, const auto& about) {
          Tell({Kind::kProgram, program, 0}, about);
        }),
        exits_([this](int64_t pid, const auto& about) {
          Tell({Kind::kProcessExit, "", pid}, about);
        }),
        network_([this](const auto& about) {
          Tell({Kind::kNetwork, "", 0}, about);
        }) {}

  Status Watch(const std::vector<WatchTarget>& targets) override {
    std::set<std::string> paths;
    std::set<std::string> programs;
    std::set<int64_t> pids;
    bool network = false;
    for (const WatchTarget& target : targets) {
      if (target.kind == Kind::kPath) paths.insert(target.what);
      if (target.kind == Kind::kProgram) programs.insert(target.what);
      if (target.kind == Kind::kProcessExit) pids.insert(target.pid);
      if (target.kind == Kind::kNetwork) network = true;
    }
    Status first;
    for (const Status& status : {paths_.Watch(paths), programs_.Watch(programs), exits_.Watch(pids),
                                 network_.Watch(network)}) {
      if (!status && first) first = status;
    }
    return first;
  }

 private:
  void Tell(const WatchTarget& target, const std::string& about) { on_event_({target, about}); }

  OnEvent on_event_;
  PathWatch paths_;
  PathWatch programs_;
  ExitWatch exits_;
  NetworkWatch network_;
};

}  // namespace

std::unique_ptr<Watcher> MakeWatcher(Watcher::OnEvent on_event) {
  return std::make_unique<MacosWatcher>(std::move(on_event));
}

}  // namespace sallyport
