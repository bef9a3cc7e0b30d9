// SPDX-License-Identifier: Apache-2.0
#include "platform/watch_paths_windows.h"

#include "base/utf16.h"
#include "platform/handle_windows.h"
#include "platform/windows_formats.h"

namespace sallyport {
namespace {

constexpr DWORD kNames = FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME;
constexpr DWORD kAll = kNames | FILE_NOTIFY_CHANGE_ATTRIBUTES | FILE_NOTIFY_CHANGE_SIZE |
                       FILE_NOTIFY_CHANGE_LAST_WRITE | FILE_NOTIFY_CHANGE_SECURITY;
constexpr size_t kDrive = 7;  // of "\\?\C:\"

const char* Verb(DWORD action) {
  switch (action) {
    case FILE_ACTION_ADDED:
      return "created ";
    case FILE_ACTION_REMOVED:
      return "deleted ";
    case FILE_ACTION_MODIFIED:
      return "written ";
    case FILE_ACTION_RENAMED_OLD_NAME:
      return "moved away ";
    default:
      return "moved in ";
  }
}

// A name that is no UTF-16 is shown in part.
std::string Shown(const std::wstring& wide) {
  const size_t from = wide.starts_with(LR"(\\?\)") ? 4 : 0;
  return ToUtf8(std::u16string(wide.begin() + static_cast<std::ptrdiff_t>(from), wide.end()))
      .value_or("?");
}

// ReadDirectoryChangesW may say a short name (SALLYP~1) for a long one, and does not say so.
bool MayBe(const std::wstring& heard, const std::wstring& name) {
  return heard.find(L'~') != std::wstring::npos ||
         CompareStringOrdinal(heard.c_str(), static_cast<int>(heard.size()), name.c_str(),
                              static_cast<int>(name.size()), TRUE) == CSTR_EQUAL;
}

bool IsSamePath(const std::wstring& a, const std::wstring& b) {
  return CompareStringOrdinal(a.c_str(), static_cast<int>(a.size()), b.c_str(),
                              static_cast<int>(b.size()), TRUE) == CSTR_EQUAL;
}

// With every link and short name followed; empty when it is not on a drive, or cannot be told.
std::wstring RealPathOf(const std::wstring& path) {
  const Handle file = Owned(CreateFileW(
      path.c_str(), FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
      nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
  if (!file) return {};
  std::wstring real(4096, L'\0');
  const DWORD size = GetFinalPathNameByHandleW(file.get(), real.data(),
                                               static_cast<DWORD>(real.size()), VOLUME_NAME_DOS);
  if (size == 0 || size >= real.size()) return {};
  real.resize(size);
  const bool on_drive = real.size() >= kDrive && real.starts_with(LR"(\\?\)") && real[5] == L':';
  return on_drive ? real : std::wstring();
}

bool IsMissing(DWORD error) {
  return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND ||
         error == ERROR_DIRECTORY || error == ERROR_INVALID_NAME || error == ERROR_NOT_READY;
}

}  // namespace

PathWatch::PathWatch(OnChange on_change)
    : on_change_(std::move(on_change)), tell_([this] { Tell(); }) {}

Status PathWatch::Watch(const std::set<std::string>& paths) {
  if (paths == paths_) return {};
  paths_ = paths;
  return Rearm();
}

Status PathWatch::Rearm() {
  for (auto& [place, one] : folders_) one.interests.clear();
  existing_.clear();
  Status first;
  for (const std::string& path : paths_) {
    const Status followed = Follow(path);
    if (!followed && first) first = followed;
  }
  std::erase_if(folders_, [](const auto& folder) { return folder.second.interests.empty(); });
  return first;
}

Status PathWatch::Follow(const std::string& target) {
  const auto extended = ExtendedPath(target);
  if (!extended) return tl::unexpected(extended.error());
  const auto path = Wide(*extended);
  if (!path) return tl::unexpected(path.error());
  const auto there = FollowNames(*path, target);
  if (!there) return tl::unexpected(there.error());
  if (!*there) return {};
  existing_.insert(target);
  const std::wstring real = RealPathOf(*path);
  if (real.empty() || IsSamePath(real, *path)) return {};
  const auto followed = FollowNames(real, target);
  return followed ? Status() : tl::unexpected(followed.error());
}

// Watches each folder before it looks at what is in it, so nothing can appear in between unseen.
Result<bool> PathWatch::FollowNames(const std::wstring& path, const std::string& target) {
  size_t end = kDrive;  // of what was found
  while (end < path.size()) {
    const size_t next = std::min(path.find(L'\\', end), path.size());
    const std::wstring folder = path.substr(0, end == kDrive ? kDrive : end - 1);
    const std::wstring name = path.substr(end, next - end);
    if (const Status ok = Add({folder, kNames}, name, target); !ok) {
      return tl::unexpected(ok.error());
    }
    const DWORD attributes = GetFileAttributesW(path.substr(0, next).c_str());
    if (attributes == INVALID_FILE_ATTRIBUTES) {
      const DWORD error = GetLastError();
      if (IsMissing(error)) return false;
      return FailWindows(error, target);
    }
    if (!(attributes & FILE_ATTRIBUTE_DIRECTORY)) {
      if (next < path.size()) return false;
      const Status ok = Add({folder, kAll}, name, target);
      return ok ? Result<bool>(true) : tl::unexpected(ok.error());
    }
    end = next + 1;
  }
  const Status ok = Add({path, kAll}, L"", target);
  return ok ? Result<bool>(true) : tl::unexpected(ok.error());
}

Status PathWatch::Add(const Place& place, const std::wstring& name, const std::string& target) {
  One& one = folders_[place];
  if (!one.alive || !one.watch) {
    auto watch = FolderWatch::Open(place.first, place.second,
                                   [this, place](const auto& changes, bool lost, bool alive) {
                                     Hear(place, changes, lost, alive);
                                   });
    if (!watch) {
      folders_.erase(place);
      // Gone meanwhile: seen above it.
      return watch.error().code == Code::kNotFound ? Status() : tl::unexpected(watch.error());
    }
    one.watch = std::move(*watch);
    one.alive = true;
  }
  one.interests.push_back({target, name});
  return {};
}

void PathWatch::Hear(const Place& place, const std::vector<FolderWatch::Change>& changes, bool lost,
                     bool alive) {
  const auto found = folders_.find(place);
  if (found == folders_.end()) return;
  found->second.alive = alive;
  renamed_ = renamed_ || lost;
  for (const Interest& interest : found->second.interests) {
    if (lost) {
      changed_.try_emplace(interest.path, "folder " + Shown(place.first) + ": " +
                                              (alive ? "events were lost" : "gone"));
    }
    for (const auto& [action, name] : changes) {
      if (!interest.name.empty() && !MayBe(name, interest.name)) continue;
      renamed_ = renamed_ || (action != FILE_ACTION_MODIFIED && !interest.name.empty());
      changed_.try_emplace(interest.path,
                           "folder " + Shown(place.first) + ": " + Verb(action) + Shown(name));
    }
  }
  if (!changed_.empty()) tell_.Ask();
}

void PathWatch::Tell() {
  const auto existed = existing_;
  if (std::exchange(renamed_, false)) {
    static_cast<void>(Rearm());  // what fails here is heard of at a folder above
  }
  for (const auto& [path, about] : std::exchange(changed_, {})) {
    const bool still_missing = !existed.contains(path) && !existing_.contains(path);
    if (paths_.contains(path) && !still_missing) on_change_(path, about);
  }
}

}  // namespace sallyport
