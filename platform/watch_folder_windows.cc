// SPDX-License-Identifier: Apache-2.0
#include "platform/watch_folder_windows.h"

#include <cstddef>
#include <cstring>
#include <utility>

#include "base/utf16.h"

namespace sallyport {
namespace {

constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

// FILE_NOTIFY_INFORMATION, as the system wrote it.
std::vector<FolderWatch::Change> ChangesOf(const char* at) {
  std::vector<FolderWatch::Change> changes;
  for (;;) {
    const auto* const info = reinterpret_cast<const FILE_NOTIFY_INFORMATION*>(at);
    changes.push_back(
        {info->Action, std::wstring(info->FileName, info->FileNameLength / sizeof(wchar_t))});
    if (info->NextEntryOffset == 0) return changes;
    at += info->NextEntryOffset;
  }
}

}  // namespace

Result<std::unique_ptr<FolderWatch>> FolderWatch::Open(const std::wstring& extended_path,
                                                       DWORD filter, OnChanges on_changes) {
  const auto narrow =
      ToUtf8(std::u16string(extended_path.begin(), extended_path.end())).value_or("a folder");
  Handle folder =
      Owned(CreateFileW(extended_path.c_str(), FILE_LIST_DIRECTORY, kShareAll, nullptr,
                        OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OVERLAPPED, nullptr));
  if (!folder) return FailWindows(GetLastError(), narrow);
  Handle event = Owned(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  if (!event) return FailWindows(GetLastError(), narrow);
  std::unique_ptr<FolderWatch> watch(
      new FolderWatch(std::move(folder), std::move(event), filter, std::move(on_changes)));
  if (const DWORD error = watch->Ask(); error != 0) return FailWindows(error, narrow);
  return watch;
}

FolderWatch::FolderWatch(Handle folder, Handle event, DWORD filter, OnChanges on_changes)
    : folder_(std::move(folder)),
      event_(std::move(event)),
      filter_(filter),
      on_changes_(std::move(on_changes)),
      notifier_(std::make_unique<QWinEventNotifier>(event_.get())) {
  asked_.hEvent = event_.get();
  QObject::connect(notifier_.get(), &QWinEventNotifier::activated, [this] { Hear(); });
}

FolderWatch::~FolderWatch() {
  notifier_.reset();
  if (!pending_) return;
  // The system writes into the buffer until it has said that it is done.
  CancelIoEx(folder_.get(), &asked_);
  DWORD size = 0;
  GetOverlappedResult(folder_.get(), &asked_, &size, TRUE);
}

DWORD FolderWatch::Ask() {
  ResetEvent(event_.get());
  if (!ReadDirectoryChangesW(folder_.get(), buffer_.data(), static_cast<DWORD>(buffer_.size()),
                             FALSE, filter_, nullptr, &asked_, nullptr)) {
    return GetLastError();
  }
  pending_ = true;
  return 0;
}

void FolderWatch::Hear() {
  DWORD size = 0;
  const DWORD error =
      GetOverlappedResult(folder_.get(), &asked_, &size, FALSE) ? 0 : GetLastError();
  if (error == ERROR_IO_INCOMPLETE) return;
  pending_ = false;
  // No bytes: the system's own buffer ran over. Another error: the folder was deleted.
  const auto changes = error == 0 && size > 0 ? ChangesOf(buffer_.data()) : std::vector<Change>();
  const bool alive = (error == 0 || error == ERROR_NOTIFY_ENUM_DIR) && Ask() == 0;
  if (!alive) ResetEvent(event_.get());
  on_changes_(changes, changes.empty() || !alive, alive);
}

}  // namespace sallyport
