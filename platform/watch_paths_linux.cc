// SPDX-License-Identifier: Apache-2.0
#include "platform/watch_paths_linux.h"

#include <limits.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <deque>

#include "base/text.h"
#include "platform/errno_posix.h"

namespace sallyport {
namespace {

constexpr uint32_t kNames = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
constexpr uint32_t kContent = IN_MODIFY | IN_ATTRIB;
constexpr int kMaxLinks = 40;  // as the kernel, path_resolution(7)

const char* Verb(uint32_t mask) {
  if (mask & IN_CREATE) return "created ";
  if (mask & IN_DELETE) return "deleted ";
  if (mask & IN_MOVED_FROM) return "moved away ";
  if (mask & IN_MOVED_TO) return "moved in ";
  if (mask & IN_MODIFY) return "written ";
  if (mask & IN_ATTRIB) return "attributes changed ";
  if (mask & IN_OPEN) return "opened ";
  return "gone ";
}

std::string ReadLinkText(const std::string& path) {
  std::array<char, PATH_MAX> target;
  const ssize_t size = readlink(path.c_str(), target.data(), target.size());
  return size < 0 ? "" : std::string(target.data(), static_cast<size_t>(size));
}

void PushFront(std::deque<std::string>& parts, const std::string& path) {
  std::deque<std::string> more;
  for (std::string_view part : Split(path, '/')) {
    if (!part.empty() && part != ".") more.emplace_back(part);
  }
  parts.insert(parts.begin(), more.begin(), more.end());
}

}  // namespace

PathWatch::PathWatch(OnChange on_change, uint32_t also)
    : on_change_(std::move(on_change)),
      also_(also),
      inotify_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (!inotify_.valid()) return;
  notifier_ = std::make_unique<QSocketNotifier>(inotify_.get(), QSocketNotifier::Read);
  QObject::connect(notifier_.get(), &QSocketNotifier::activated, [this] { Drain(); });
}

Status PathWatch::Watch(const std::set<std::string>& paths) {
  if (paths == paths_) return {};
  if (!inotify_.valid()) return Fail(Code::kExhausted, "inotify_init1: no more instances");
  paths_ = paths;
  return Rearm();
}

Status PathWatch::Rearm() {
  const auto before = std::exchange(interests_, {});
  existing_.clear();
  Status first;
  for (const std::string& path : paths_) {
    const Status followed = Follow(path);
    if (!followed && first) first = followed;
  }
  for (const auto& [wd, interests] : before) {
    if (!interests_.contains(wd)) inotify_rm_watch(inotify_.get(), wd);
  }
  return first;
}

// Watches each component before it looks at it, so nothing can appear in between unseen.
Status PathWatch::Follow(const std::string& path) {
  std::deque<std::string> rest;
  PushFront(rest, path);
  std::string at;  // real so far; empty: the root
  for (int links = 0; !rest.empty();) {
    const std::string name = rest.front();
    rest.pop_front();
    if (name == "..") {
      at.resize(at.empty() ? 0 : at.rfind('/'));
      continue;
    }
    const std::string folder = at.empty() ? "/" : at;
    if (const Status ok = Add(folder, name, path, kNames | IN_ONLYDIR); !ok) return ok;
    const std::string here = at + "/" + name;
    struct stat status {};
    if (lstat(here.c_str(), &status) != 0) {
      return errno == ENOENT || errno == ENOTDIR ? Status{} : FailErrno(errno, path);
    }
    if (S_ISLNK(status.st_mode)) {
      if (++links > kMaxLinks) return Fail(Code::kMalformed, path + ": too many links");
      const std::string target = ReadLinkText(here);
      if (target.starts_with('/')) at.clear();
      PushFront(rest, target);
      continue;
    }
    if (!S_ISDIR(status.st_mode) && !rest.empty()) return {};  // does not exist, then
    at = here;
  }
  existing_.insert(path);
  struct stat status {};
  const std::string place = at.empty() ? "/" : at;
  const bool folder = stat(place.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
  return Add(place, "", path, folder ? kNames | kContent | IN_EXCL_UNLINK : kContent | also_);
}

Status PathWatch::Add(const std::string& place, const std::string& name, const std::string& path,
                      uint32_t mask) {
  const int wd = inotify_add_watch(inotify_.get(), place.c_str(), mask | IN_MASK_ADD);
  if (wd < 0 && (errno == ENOENT || errno == ENOTDIR)) return {};  // gone meanwhile: seen above it
  if (wd < 0) return FailErrno(errno, "inotify " + place);
  interests_[wd].push_back({path, place, name});
  return {};
}

void PathWatch::Hear(const char* buffer, size_t size, std::map<std::string, std::string>& changed,
                     std::set<std::string>& renamed) const {
  for (size_t at = 0; at + sizeof(inotify_event) <= size;) {
    inotify_event event;
    std::memcpy(&event, buffer + at, sizeof event);
    const std::string name = event.len > 0 ? buffer + at + sizeof event : "";
    at += sizeof event + event.len;
    if (event.mask & IN_Q_OVERFLOW) {
      for (const std::string& path : paths_) changed[path] = "inotify: events were lost";
      renamed.insert(paths_.begin(), paths_.end());
      continue;
    }
    const auto found = interests_.find(event.wd);
    if (found == interests_.end()) continue;
    for (const Interest& interest : found->second) {
      const bool self = (event.mask & (IN_IGNORED | IN_UNMOUNT)) != 0;
      if (!self && !interest.name.empty() && interest.name != name) continue;
      if (!self && !interest.name.empty() && (event.mask & kNames) == 0) continue;
      if (self || !interest.name.empty()) renamed.insert(interest.path);
      std::string about = "inotify " + interest.place + ": " + Verb(event.mask) + name;
      changed.try_emplace(interest.path, Trim(about));
    }
  }
}

void PathWatch::Drain() {
  std::map<std::string, std::string> changed;  // path -> the first thing that was said of it
  std::set<std::string> renamed;               // those whose way has to be followed anew
  alignas(inotify_event) std::array<char, 1 << 14> buffer;
  for (;;) {
    const ssize_t got = read(inotify_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    Hear(buffer.data(), static_cast<size_t>(got), changed, renamed);
  }
  const auto existed = existing_;
  if (!renamed.empty())
    static_cast<void>(Rearm());  // what fails here is heard of at a folder above
  for (const auto& [path, about] : changed) {
    const bool still_missing = !existed.contains(path) && !existing_.contains(path);
    if (paths_.contains(path) && !still_missing) on_change_(path, about);
  }
}

}  // namespace sallyport
