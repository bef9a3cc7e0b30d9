// SPDX-License-Identifier: Apache-2.0
#include "platform/watch_paths_macos.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/event.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <utility>

#include "platform/errno_posix.h"

namespace sallyport {
namespace {

constexpr std::chrono::milliseconds kBurst{20};
constexpr size_t kMaxFiles = 256;  // of one folder
constexpr uint32_t kNotes =
    NOTE_DELETE | NOTE_WRITE | NOTE_EXTEND | NOTE_ATTRIB | NOTE_RENAME | NOTE_REVOKE;

const char* Words(uint32_t notes) {
  if (notes & NOTE_DELETE) return "deleted";
  if (notes & NOTE_RENAME) return "renamed";
  if (notes & NOTE_REVOKE) return "unmounted";
  if (notes & (NOTE_WRITE | NOTE_EXTEND)) return "written";
  return "attributes changed";
}

Result<Seen> LookAt(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return Seen{};
    return FailErrno(errno, path);
  }
  const uint64_t id = status.st_ino;
  if (S_ISDIR(status.st_mode)) return Seen{Seen::Kind::kFolder, id};
  if (!S_ISLNK(status.st_mode)) return Seen{Seen::Kind::kFile, id};
  std::array<char, PATH_MAX> target;
  const ssize_t size = readlink(path.c_str(), target.data(), target.size());
  if (size < 0) return Seen{};  // replaced meanwhile, which is told
  return Seen{Seen::Kind::kLink, id, std::string(target.data(), static_cast<size_t>(size))};
}

// Names of the regular files in a folder that may be watched; one more than kMaxFiles at most.
Result<std::vector<std::string>> FilesOf(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(folder.c_str()), closedir);
  if (!open) return FailErrno(errno, folder);
  std::vector<std::string> files;
  while (const dirent* entry = readdir(open.get())) {
    if (entry->d_type == DT_REG) files.emplace_back(entry->d_name);
    if (files.size() > kMaxFiles) break;
  }
  return files;
}

}  // namespace

PathWatch::PathWatch(OnChange on_change) : on_change_(std::move(on_change)), kqueue_(kqueue()) {
  if (!kqueue_.valid()) return;
  fcntl(kqueue_.get(), F_SETFD, FD_CLOEXEC);
  burst_.setSingleShot(true);
  notifier_ = std::make_unique<QSocketNotifier>(kqueue_.get(), QSocketNotifier::Read);
  QObject::connect(notifier_.get(), &QSocketNotifier::activated, [this] {
    notifier_->setEnabled(false);
    burst_.start(kBurst);
  });
  QObject::connect(&burst_, &QTimer::timeout, [this] {
    Drain();
    notifier_->setEnabled(true);
  });
}

Status PathWatch::Watch(const std::set<std::string>& paths) {
  if (paths == paths_) return {};
  if (!kqueue_.valid()) return Fail(Code::kExhausted, "kqueue: no more descriptors");
  paths_ = paths;
  return Rearm();
}

Status PathWatch::Rearm() {
  std::set<std::string> wanted;
  std::map<std::string, Target> targets;
  Status first;
  for (const std::string& path : paths_) {
    auto target = Follow(path, wanted);
    if (!target && first) first = Wrap(target.error(), path);
    if (!target) continue;
    const Status added = AddContent(*target, wanted);
    if (!added && first) first = Wrap(added.error(), path);
    targets.emplace(path, *std::move(target));
  }
  targets_ = std::move(targets);
  // Closing a descriptor takes its events along, kqueue(2).
  std::erase_if(places_, [&](const auto& place) { return !wanted.contains(place.first); });
  return first;
}

Result<PathWatch::Target> PathWatch::Follow(const std::string& path,
                                            std::set<std::string>& wanted) {
  auto way = FollowWay(
      path,
      [&](const std::string& folder) {
        wanted.insert(folder);
        return Add(folder);
      },
      LookAt);
  if (!way) return tl::unexpected(way.error());
  return Target{*std::move(way), {}};
}

Status PathWatch::AddContent(Target& target, std::set<std::string>& wanted) {
  if (!target.way.exists()) return {};
  std::vector<std::string> places{target.way.place};
  Status first;
  if (target.way.folder) {
    const auto files = FilesOf(target.way.place);
    if (!files) first = tl::unexpected(files.error());
    if (files && files->size() > kMaxFiles) {
      first = Fail(Code::kExhausted, target.way.place + ": too many files to watch their content");
    } else if (files) {
      const std::string folder = target.way.place == "/" ? "" : target.way.place;
      for (const std::string& file : *files) places.push_back(folder + "/" + file);
    }
  }
  for (const std::string& place : places) {
    wanted.insert(place);
    const Status added = Add(place);
    // What went away meanwhile is told by the folder that it was in.
    if (!added && added.error().code != Code::kNotFound && first) first = added;
  }
  target.content = std::move(places);
  return first;
}

// Keeps the descriptor of what is still the same.
Status PathWatch::Add(const std::string& place) {
  struct stat status {};
  if (lstat(place.c_str(), &status) != 0) return FailErrno(errno, place);
  const auto device = static_cast<uint64_t>(status.st_dev);
  const auto known = places_.find(place);
  if (known != places_.end() && known->second.device == device &&
      known->second.inode == status.st_ino) {
    return {};
  }
  Place opened{Fd(open(place.c_str(), O_EVTONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)), 0, 0};
  if (!opened.fd.valid()) return FailErrno(errno, place);
  if (fstat(opened.fd.get(), &status) != 0) return FailErrno(errno, place);
  opened.device = static_cast<uint64_t>(status.st_dev);
  opened.inode = status.st_ino;
  struct kevent change {};
  EV_SET(&change, static_cast<uintptr_t>(opened.fd.get()), EVFILT_VNODE, EV_ADD | EV_CLEAR, kNotes,
         0, nullptr);
  if (kevent(kqueue_.get(), &change, 1, nullptr, 0, nullptr) != 0) return FailErrno(errno, place);
  places_.insert_or_assign(place, std::move(opened));
  return {};
}

std::map<std::string, uint32_t> PathWatch::Heard() const {
  std::map<int, uint32_t> by_fd;
  constexpr timespec kAtOnce{0, 0};
  std::array<struct kevent, 64> told{};
  for (;;) {
    const int count = kevent(kqueue_.get(), nullptr, 0, told.data(), told.size(), &kAtOnce);
    if (count < 0 && errno == EINTR) continue;
    for (int i = 0; i < count; ++i) {
      const struct kevent& event = told[static_cast<size_t>(i)];
      by_fd[static_cast<int>(event.ident)] |= event.fflags;
    }
    if (count < static_cast<int>(told.size())) break;
  }
  std::map<std::string, uint32_t> heard;
  for (const auto& [path, place] : places_) {
    if (const auto at = by_fd.find(place.fd.get()); at != by_fd.end()) heard[path] = at->second;
  }
  return heard;
}

void PathWatch::Drain() {
  const auto heard = Heard();
  if (heard.empty()) return;
  const auto before = targets_;
  static_cast<void>(Rearm());  // what fails here is heard of at a folder above
  std::map<std::string, std::string> changed;
  for (const auto& [path, target] : before) {
    for (const std::string& place : target.content) {
      const auto at = heard.find(place);
      if (at == heard.end()) continue;
      changed.try_emplace(path, "kqueue " + place + ": " + Words(at->second));
    }
    const auto after = targets_.find(path);
    const Way& now = after == targets_.end() ? Way{} : after->second.way;
    if (Differs(target.way, now)) changed.try_emplace(path, "kqueue " + path + ": came or went");
  }
  for (const auto& [path, about] : changed) {
    if (paths_.contains(path)) on_change_(path, about);
  }
}

}  // namespace sallyport
