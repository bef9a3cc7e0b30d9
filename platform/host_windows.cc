// SPDX-License-Identifier: Apache-2.0
#include "platform/host_windows.h"

#include <windows.h>
#include <winioctl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "platform/command_windows.h"
#include "platform/handle_windows.h"
#include "platform/processes_windows.h"
#include "platform/registry_windows.h"
#include "platform/services_windows.h"
#include "platform/windows_formats.h"
#include "platform/wmi_windows.h"

namespace sallyport {
namespace {

constexpr size_t kMaxEntries = 200'000;  // of one folder
constexpr std::chrono::milliseconds kWmiDeadline{20'000};
constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
constexpr DWORD kMaxReparseBytes = 16 << 10;  // MAXIMUM_REPARSE_DATA_BUFFER_SIZE

// FILETIME counts 100 ns since 1601.
constexpr int64_t kTicksPerSecond = 10'000'000;
constexpr int64_t kSecondsTo1970 = 11'644'473'600;

Result<Handle> Open(const std::string& path, DWORD access, DWORD flags) {
  const auto extended = ExtendedPath(path);
  if (!extended) return tl::unexpected(extended.error());
  const auto wide = Wide(*extended);
  if (!wide) return tl::unexpected(wide.error());
  Handle file =
      Owned(CreateFileW(wide->c_str(), access, kShareAll, nullptr, OPEN_EXISTING, flags, nullptr));
  if (!file) return FailWindows(GetLastError(), path);
  return file;
}

Result<std::string> FinalPathOf(HANDLE file, const std::string& path) {
  std::wstring wide(MAX_PATH, L'\0');
  for (;;) {
    const DWORD size = GetFinalPathNameByHandleW(file, wide.data(), static_cast<DWORD>(wide.size()),
                                                 VOLUME_NAME_DOS);
    if (size == 0) return FailWindows(GetLastError(), path);
    const bool fits = size < wide.size();
    wide.resize(size);
    if (fits) break;
  }
  const auto narrow = Narrow(wide, path);
  if (!narrow) return tl::unexpected(narrow.error());
  return FinalPath(*narrow);
}

FileType TypeOf(DWORD attributes, DWORD reparse_tag) {
  if (attributes & FILE_ATTRIBUTE_REPARSE_POINT) {
    return reparse_tag == IO_REPARSE_TAG_SYMLINK || reparse_tag == IO_REPARSE_TAG_MOUNT_POINT
               ? FileType::kSymlink
               : FileType::kOther;
  }
  if (attributes & FILE_ATTRIBUTE_DIRECTORY) return FileType::kDirectory;
  return attributes & FILE_ATTRIBUTE_DEVICE ? FileType::kOther : FileType::kFile;
}

FileDetails::Kind KindOf(FileType type) {
  if (type == FileType::kFile) return FileDetails::Kind::kRegular;
  if (type == FileType::kDirectory) return FileDetails::Kind::kDirectory;
  return type == FileType::kSymlink ? FileDetails::Kind::kSymlink : FileDetails::Kind::kUnknown;
}

int64_t Joined(DWORD high, DWORD low) { return static_cast<int64_t>(uint64_t{high} << 32 | low); }

// A file system that does not keep a time says 0.
std::optional<int64_t> SecondsOf(LARGE_INTEGER time) {
  if (time.QuadPart <= 0) return std::nullopt;
  return time.QuadPart / kTicksPerSecond - kSecondsTo1970;
}

Result<FILE_BASIC_INFO> BasicInfo(HANDLE file, const std::string& path) {
  FILE_BASIC_INFO info{};
  if (!GetFileInformationByHandleEx(file, FileBasicInfo, &info, sizeof info)) {
    return FailWindows(GetLastError(), path);
  }
  return info;
}

Result<std::string> ReadToEnd(HANDLE file, const std::string& path, size_t max_bytes, bool cut) {
  std::string content;
  std::array<char, 1 << 16> chunk;
  for (;;) {
    DWORD got = 0;
    if (!::ReadFile(file, chunk.data(), static_cast<DWORD>(chunk.size()), &got, nullptr)) {
      return FailWindows(GetLastError(), path);
    }
    if (got == 0) return content;
    if (content.size() + got > max_bytes) {
      if (!cut) {
        return Fail(Code::kTooLarge, path + ": over " + std::to_string(max_bytes) + " bytes");
      }
      content.append(chunk.data(), max_bytes - content.size());
      return content;
    }
    content.append(chunk.data(), got);
  }
}

// The entries of one answer of GetFileInformationByHandleEx; the system wrote it.
Status AppendEntries(const unsigned char* at, const std::string& path,
                     std::vector<DirEntry>& entries) {
  for (;;) {
    const auto* const info = reinterpret_cast<const FILE_ID_BOTH_DIR_INFO*>(at);
    const std::wstring_view wide(info->FileName, info->FileNameLength / sizeof(wchar_t));
    if (wide != L"." && wide != L"..") {
      auto name = Narrow(wide, path + ": a name in it");
      if (!name) return tl::unexpected(name.error());
      if (entries.size() == kMaxEntries) return Fail(Code::kTooLarge, path + ": too many entries");
      // MS-FSCC 2.4.17: of a reparse point, EaSize is the tag.
      entries.push_back({*std::move(name), TypeOf(info->FileAttributes, info->EaSize)});
    }
    if (info->NextEntryOffset == 0) return {};
    at += info->NextEntryOffset;
  }
}

Result<std::vector<DirEntry>> Entries(HANDLE folder, const std::string& path) {
  std::vector<DirEntry> entries;
  alignas(FILE_ID_BOTH_DIR_INFO) std::array<unsigned char, 1 << 15> buffer;
  while (GetFileInformationByHandleEx(folder, FileIdBothDirectoryInfo, buffer.data(),
                                      static_cast<DWORD>(buffer.size()))) {
    if (const Status ok = AppendEntries(buffer.data(), path, entries); !ok) {
      return tl::unexpected(ok.error());
    }
  }
  if (GetLastError() != ERROR_NO_MORE_FILES) return FailWindows(GetLastError(), path);
  return entries;
}

}  // namespace

WindowsHost::WindowsHost(std::vector<std::string> allowed_commands, PathGuard guard)
    : allowed_commands_(std::move(allowed_commands)), guard_(std::move(guard)) {}

Now WindowsHost::Time() const {
  FILETIME wall{};
  GetSystemTimePreciseAsFileTime(&wall);
  const auto ticks = static_cast<int64_t>(uint64_t{wall.dwHighDateTime} << 32 | wall.dwLowDateTime);
  // GetTickCount64 counts on through sleep and never steps.
  return {Millis(static_cast<int64_t>(GetTickCount64())),
          Millis(ticks / 10'000 - kSecondsTo1970 * 1000)};
}

Status WindowsHost::CheckOpened(void* file, const std::string& path) const {
  const auto real = FinalPathOf(file, path);
  if (!real) return tl::unexpected(real.error());
  return guard_ ? guard_(*real) : Status();
}

Result<std::string> WindowsHost::ReadFile(const std::string& path, size_t max_bytes) const {
  return Read(path, max_bytes, Over::kRefuse);
}

Result<std::string> WindowsHost::ReadHead(const std::string& path, size_t bytes) const {
  return Read(path, bytes, Over::kCut);
}

Result<std::string> WindowsHost::Read(const std::string& path, size_t max_bytes, Over over) const {
  // Looked at before it is opened for reading: a cloud file would be fetched.
  const auto stat = Stat(path);
  if (!stat) return tl::unexpected(stat.error());
  if (stat->type != FileType::kFile) {
    return Fail(Code::kInvalidArgument, path + ": not a regular file");
  }
  const auto file = Open(path, GENERIC_READ, FILE_ATTRIBUTE_NORMAL);
  if (!file) return tl::unexpected(file.error());
  if (GetFileType(file->get()) != FILE_TYPE_DISK) {
    return Fail(Code::kInvalidArgument, path + ": not a regular file");
  }
  if (const Status ok = CheckOpened(file->get(), path); !ok) return tl::unexpected(ok.error());
  if (over == Over::kRefuse && static_cast<uint64_t>(stat->size) > max_bytes) {
    return Fail(Code::kTooLarge, path + ": over " + std::to_string(max_bytes) + " bytes");
  }
  return ReadToEnd(file->get(), path, max_bytes, over == Over::kCut);
}

Result<std::vector<DirEntry>> WindowsHost::ListDir(const std::string& path) const {
  const auto folder = Open(path, FILE_LIST_DIRECTORY, FILE_FLAG_BACKUP_SEMANTICS);
  if (!folder) return tl::unexpected(folder.error());
  const auto info = BasicInfo(folder->get(), path);
  if (!info) return tl::unexpected(info.error());
  if (!(info->FileAttributes & FILE_ATTRIBUTE_DIRECTORY)) {
    return Fail(Code::kNotFound, path + ": not a folder");
  }
  if (const Status ok = CheckOpened(folder->get(), path); !ok) return tl::unexpected(ok.error());
  auto entries = Entries(folder->get(), path);
  if (entries) std::ranges::sort(*entries, {}, &DirEntry::name);
  return entries;
}

Result<FileStat> WindowsHost::Stat(const std::string& path) const {
  const auto file = Open(path, FILE_READ_ATTRIBUTES, FILE_FLAG_BACKUP_SEMANTICS);
  if (!file) return tl::unexpected(file.error());
  const auto basic = BasicInfo(file->get(), path);
  if (!basic) return tl::unexpected(basic.error());
  LARGE_INTEGER size{};
  if (!(basic->FileAttributes & FILE_ATTRIBUTE_DIRECTORY) && !GetFileSizeEx(file->get(), &size)) {
    return FailWindows(GetLastError(), path);
  }
  return FileStat{
      .type = TypeOf(basic->FileAttributes, 0),
      .size = size.QuadPart,
      .modified_s = basic->LastWriteTime.QuadPart / kTicksPerSecond - kSecondsTo1970,
  };
}

// FindFirstFile's view of a link is not needed: a reparse point that is a link can be read as one.
Result<FileDetails> WindowsHost::Inspect(const std::string& path) const {
  FileDetails details;
  if (auto target = ReadLink(path)) details.link_target = *std::move(target);
  const auto file = Open(path, FILE_READ_ATTRIBUTES, FILE_FLAG_BACKUP_SEMANTICS);
  if (!file && file.error().code == Code::kNotFound && details.link_target) {
    details.kind = FileDetails::Kind::kUnknown;
    return details;
  }
  if (!file) return tl::unexpected(file.error());
  const auto basic = BasicInfo(file->get(), path);
  if (!basic) return tl::unexpected(basic.error());
  BY_HANDLE_FILE_INFORMATION info{};
  if (!GetFileInformationByHandle(file->get(), &info)) return FailWindows(GetLastError(), path);
  details.kind = KindOf(TypeOf(basic->FileAttributes, 0));
  const bool folder = details.kind == FileDetails::Kind::kDirectory;
  details.size = folder ? 0 : Joined(info.nFileSizeHigh, info.nFileSizeLow);
  details.modified_s = SecondsOf(basic->LastWriteTime).value_or(0);
  details.accessed_s = SecondsOf(basic->LastAccessTime);
  details.changed_s = SecondsOf(basic->ChangeTime);
  details.born_s = SecondsOf(basic->CreationTime);
  details.inode = Joined(info.nFileIndexHigh, info.nFileIndexLow);
  details.hard_links = info.nNumberOfLinks;
  details.attributes = basic->FileAttributes;
  details.volume_serial = info.dwVolumeSerialNumber;
  return details;
}

Result<std::string> WindowsHost::ReadLink(const std::string& path) const {
  const auto file =
      Open(path, FILE_READ_ATTRIBUTES, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT);
  if (!file) return tl::unexpected(file.error());
  const auto info = BasicInfo(file->get(), path);
  if (!info) return tl::unexpected(info.error());
  if (!(info->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT)) {
    return Fail(Code::kInvalidArgument, path + ": not a link");
  }
  std::string buffer(kMaxReparseBytes, '\0');
  DWORD size = 0;
  if (!DeviceIoControl(file->get(), FSCTL_GET_REPARSE_POINT, nullptr, 0, buffer.data(),
                       kMaxReparseBytes, &size, nullptr)) {
    return FailWindows(GetLastError(), path);
  }
  buffer.resize(size);
  return ReparseTarget(buffer, path);
}

Result<std::string> WindowsHost::RealPath(const std::string& path) const {
  const auto file = Open(path, FILE_READ_ATTRIBUTES, FILE_FLAG_BACKUP_SEMANTICS);
  if (!file) return tl::unexpected(file.error());
  return FinalPathOf(file->get(), path);
}

Result<CommandOutput> WindowsHost::Run(const Command& command) const {
  if (command.argv.empty()) return Fail(Code::kInvalidArgument, "a command without a name");
  if (std::ranges::find(allowed_commands_, command.argv[0]) == allowed_commands_.end()) {
    return Fail(Code::kDenied, command.argv[0] + ": not in the list of allowed commands");
  }
  return RunCommand(command);
}

Result<Value> WindowsHost::ReadDbusProperty(const DbusProperty& property) const {
  return Fail(Code::kUnsupported, "D-Bus " + property.service + ": not on windows");
}

Result<Rows> WindowsHost::QueryWmi(const std::string& name_space, const std::string& wql) const {
  const auto columns = SelectedColumns(wql);
  if (!columns) return tl::unexpected(columns.error());
  return wmi_.Ask(
      "WMI " + name_space,
      [name_space, wql, columns = *columns] { return AskWmi(name_space, wql, columns); },
      kWmiDeadline);
}

Result<Row> WindowsHost::CallWmi(const WmiCall& call) const {
  if (!call.method.starts_with("Get")) {
    return Fail(Code::kInvalidArgument, "WMI " + call.name_space + ": " + call.method +
                                            ": only methods that get something");
  }
  const auto answer = wmi_.Ask(
      "WMI " + call.name_space,
      [call]() -> Result<Rows> {
        auto row = CallWmiMethod(call);
        if (!row) return tl::unexpected(row.error());
        return Rows{*std::move(row)};
      },
      kWmiDeadline);
  if (!answer) return tl::unexpected(answer.error());
  return answer->front();
}

Result<RegistryContent> WindowsHost::ReadRegistryKey(const std::string& key) const {
  return ReadRegistryValues(key);
}

Result<std::vector<std::string>> WindowsHost::ListRegistry(const std::string& key) const {
  return ListRegistryKeys(key);
}

Result<std::vector<ServiceInfo>> WindowsHost::Services() const { return ListServices(); }

Result<std::vector<ProcessInfo>> WindowsHost::Processes() const { return ListProcesses(); }

Result<Value> WindowsHost::ReadRegistry(const std::string& key, const std::string& name) const {
  return ReadRegistryValue(key, name);
}

}  // namespace sallyport
