// SPDX-License-Identifier: Apache-2.0
#include "platform/watch_kernel_windows.h"
#include "platform/watch_paths_windows.h"
#include "platform/watch_registry_windows.h"
#include "platform/watch_services_windows.h"
#include "platform/watcher.h"

namespace sallyport {
namespace {

using Kind = WatchTarget::Kind;

class WindowsWatcher : public Watcher {
 public:
  explicit WindowsWatcher(OnEvent on_event)
      : on_event_(std::move(on_event)),
        paths_([this](const auto& path, const auto& about) {
          Tell({Kind::kPath, path, 0}, about);
        }),
        exits_([this](int64_t pid, const auto& about) {
          Tell({Kind::kProcessExit, "", pid}, about);
        }),
        services_([this](const auto& service, const auto& about) {
          Tell({Kind::kUnit, service, 0}, about);
        }),
        registry_([this](const auto& key, const auto& about) {
          Tell({Kind::kRegistry, key, 0}, about);
        }),
        network_([this](const auto& about) {
          Tell({Kind::kNetwork, "", 0}, about);
        }) {}

  Status Watch(const std::vector<WatchTarget>& targets) override {
    std::set<std::string> paths;
    std::set<int64_t> pids;
    std::set<std::string> services;
    std::set<std::string> keys;
    bool network = false;
    for (const WatchTarget& target : targets) {
      if (target.kind == Kind::kPath) paths.insert(target.what);
      if (target.kind == Kind::kProcessExit) pids.insert(target.pid);
      if (target.kind == Kind::kUnit) services.insert(target.what);
      if (target.kind == Kind::kRegistry) keys.insert(target.what);
      if (target.kind == Kind::kNetwork) network = true;
    }
    Status first;
    for (const Status& status : {paths_.Watch(paths), exits_.Watch(pids), services_.Watch(services),
                                 registry_.Watch(keys), network_.Watch(network)}) {
      if (!status && first) first = status;
    }
    return first;
  }

 private:
  void Tell(const WatchTarget& target, const std::string& about) { on_event_({target, about}); }

  OnEvent on_event_;
  PathWatch paths_;
  ExitWatch exits_;
  ServiceWatch services_;
  RegistryWatch registry_;
  NetworkWatch network_;
};

}  // namespace

std::unique_ptr<Watcher> MakeWatcher(Watcher::OnEvent on_event) {
  return std::make_unique<WindowsWatcher>(std::move(on_event));
}

}  // namespace sallyport
