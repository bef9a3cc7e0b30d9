// SPDX-License-Identifier: Apache-2.0
// FolderWatch: changes in one folder, through ReadDirectoryChangesW.
#pragma once

#include <windows.h>

#include <QWinEventNotifier>
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/handle_windows.h"

namespace sallyport {

// A file's times and sizes are told of when the file is flushed or closed, as NTFS writes them
// then.
class FolderWatch {
 public:
  struct Change {
    DWORD action = 0;  // FILE_ACTION_*
    std::wstring name;
  };
  // From the Qt loop. `lost`: the system had more to say than it could keep, or the folder went; no
  // more is heard when `alive` is false. This may not be destroyed from inside.
  using OnChanges = std::function<void(const std::vector<Change>& changes, bool lost, bool alive)>;

  // `filter`: FILE_NOTIFY_CHANGE_*. kNotFound when there is no such folder.
  static Result<std::unique_ptr<FolderWatch>> Open(const std::wstring& extended_path, DWORD filter,
                                                   OnChanges on_changes);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

 private:
  FolderWatch(Handle folder, Handle event, DWORD filter, OnChanges on_changes);

  DWORD Ask();  // a Windows error
  void Hear();

  Handle folder_;
  Handle event_;
  DWORD filter_;
  OnChanges on_changes_;
  OVERLAPPED asked_{};
  bool pending_ = false;
  alignas(DWORD) std::array<char, 16 << 10> buffer_;
  std::unique_ptr<QWinEventNotifier> notifier_;
};

}  // namespace sallyport
