// SPDX-License-Identifier: Apache-2.0
#include "platform/watch_programs_linux.h"

#include <sys/inotify.h>

#include <chrono>
#include <utility>

namespace sallyport {
namespace {

constexpr std::chrono::milliseconds kSoon{30};
constexpr std::chrono::milliseconds kLater{1'000};

}  // namespace

ProgramWatch::ProgramWatch(OnStart on_start)
    : on_start_(std::move(on_start)),
      paths_(
          [this](const std::string& program, const std::string& about) {
            opened_.emplace(program, about);
            if (!soon_.isActive()) soon_.start(kSoon);
          },
          IN_OPEN) {
  soon_.setSingleShot(true);
  later_.setSingleShot(true);
  QObject::connect(&soon_, &QTimer::timeout, [this] {
    const auto opened = std::exchange(opened_, {});
    told_.insert(opened.begin(), opened.end());
    if (!later_.isActive()) later_.start(kLater);
    Tell(opened);
  });
  QObject::connect(&later_, &QTimer::timeout, [this] { Tell(std::exchange(told_, {})); });
}

void ProgramWatch::Tell(const std::map<std::string, std::string>& opened) {
  for (const auto& [program, about] : opened) on_start_(program, about);
}

}  // namespace sallyport
