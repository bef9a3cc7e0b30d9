// SPDX-License-Identifier: Apache-2.0
#include "platform/watch_kernel_linux.h"
#include "platform/watch_paths_linux.h"
#include "platform/watch_programs_linux.h"
#include "platform/watch_units_linux.h"
#include "platform/watcher.h"

namespace sallyport {
namespace {

using Kind = WatchTarget::Kind;

class LinuxWatcher : public Watcher {
 public:
  explicit LinuxWatcher(OnEvent on_event)
      : on_event_(std::move(on_event)),
        paths_([this](const auto& path, const auto& about) {
          Tell({Kind::kPath, path, 0}, about);
        }),
        proc_([this](const auto& path, const auto& about) {
          Tell({Kind::kPath, path, 0}, about);
        }),
        exits_([this](int64_t pid, const auto& about) {
          Tell({Kind::kProcessExit, "", pid}, about);
        }),
        programs_([this](const auto& program, const auto& about) {
          Tell({Kind::kProgram, program, 0}, about);
        }),
        units_([this](const auto& unit, const auto& about) {
          Tell({Kind::kUnit, unit, 0}, about);
        }),
        network_([this](const auto& about) {
          Tell({Kind::kNetwork, "", 0}, about);
        }) {}

  Status Watch(const std::vector<WatchTarget>& targets) override {
    std::set<std::string> paths;
    std::set<std::string> proc;
    std::set<int64_t> pids;
    std::set<std::string> programs;
    std::set<std::string> units;
    bool network = false;
    for (const WatchTarget& target : targets) {
      if (target.kind == Kind::kPath)
        (ProcWatch::Tells(target.what) ? proc : paths).insert(target.what);
      if (target.kind == Kind::kProcessExit) pids.insert(target.pid);
      if (target.kind == Kind::kProgram) programs.insert(target.what);
      if (target.kind == Kind::kUnit) units.insert(target.what);
      if (target.kind == Kind::kNetwork) network = true;
    }
    units_.Watch(units);
    Status first;
    for (const Status& status : {paths_.Watch(paths), proc_.Watch(proc), exits_.Watch(pids),
                                 programs_.Watch(programs), network_.Watch(network)}) {
      if (!status && first) first = status;
    }
    return first;
  }

 private:
  void Tell(const WatchTarget& target, const std::string& about) { on_event_({target, about}); }

  OnEvent on_event_;
  PathWatch paths_;
  ProcWatch proc_;
  ExitWatch exits_;
  ProgramWatch programs_;
  UnitWatch units_;
  NetworkWatch network_;
};

}  // namespace

std::unique_ptr<Watcher> MakeWatcher(Watcher::OnEvent on_event) {
  return std::make_unique<LinuxWatcher>(std::move(on_event));
}

}  // namespace sallyport
