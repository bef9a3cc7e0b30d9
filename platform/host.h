// SPDX-License-Identifier: Apache-2.0
// Host: everything that may be asked of an operating system, and the one seam to it. Collectors
// see nothing else, so every collector compiles and is tested on every system.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/now.h"
#include "base/result.h"
#include "base/table.h"

namespace sallyport {

enum class FileType { kFile, kDirectory, kSymlink, kOther };

struct DirEntry {
  std::string name;  // without the folder; never "." or ".."
  FileType type = FileType::kFile;

  friend bool operator==(const DirEntry&, const DirEntry&) = default;
};

struct FileStat {
  FileType type = FileType::kFile;
  int64_t size = 0;        // bytes
  int64_t modified_s = 0;  // seconds since 1970, UTC
  uint32_t mode = 0;       // POSIX permission bits (07777); 0 where there are none
  int64_t uid = 0;
  int64_t gid = 0;

  friend bool operator==(const FileStat&, const FileStat&) = default;
};

// What a system keeps about a path besides the content. nullopt: this system has no such thing, or
// does not tell.
struct FileDetails {
  enum class Kind { kRegular, kDirectory, kSymlink, kBlock, kCharacter, kFifo, kSocket, kUnknown };

  // Of what the path leads to, and so is all the rest. Where that is not there: of the link itself,
  // with kUnknown.
  Kind kind = Kind::kRegular;
  std::optional<std::string> link_target = {};  // the path is a symbolic link: as written in it
  int64_t size = 0;
  int64_t modified_s = 0;  // times: seconds since 1970, UTC
  std::optional<int64_t> accessed_s = {};
  std::optional<int64_t> changed_s = {};
  std::optional<int64_t> born_s = {};
  std::optional<int64_t> uid = {};
  std::optional<int64_t> gid = {};
  std::optional<uint32_t> mode = {};       // 07777
  std::optional<int64_t> device = {};      // of a device node: which one (st_rdev)
  std::optional<int64_t> inode = {};       // Windows: the file's index
  std::optional<int64_t> hard_links = {};  // names of the file
  std::optional<int64_t> block_size = {};
  std::optional<uint32_t> attributes = {};     // Windows: FILE_ATTRIBUTE_*
  std::optional<uint32_t> volume_serial = {};  // Windows

  friend bool operator==(const FileDetails&, const FileDetails&) = default;
};

struct Command {
  std::vector<std::string> argv;  // argv[0] is an absolute path from the host's allow-list
  std::chrono::milliseconds deadline{10'000};
  size_t max_output = 4 << 20;  // bytes of stdout; stderr is bounded likewise
};

struct CommandOutput {
  int exit_code = 0;
  std::string out;
  std::string err;

  friend bool operator==(const CommandOutput&, const CommandOutput&) = default;
};

// A property on the system bus.
struct DbusProperty {
  std::string service;    // org.freedesktop.systemd1
  std::string path;       // /org/freedesktop/systemd1/unit/auditd_2eservice
  std::string interface;  // org.freedesktop.systemd1.Unit
  std::string property;   // ActiveState

  friend bool operator==(const DbusProperty&, const DbusProperty&) = default;
};

// What a mounted file system holds, statvfs(3).
struct FileSystemUse {
  int64_t block_size = 0;  // bytes; what blocks are counted in
  int64_t blocks = 0;
  int64_t blocks_free = 0;
  int64_t blocks_available = 0;  // of those, what any user may take
  int64_t inodes = 0;
  int64_t inodes_free = 0;

  friend bool operator==(const FileSystemUse&, const FileSystemUse&) = default;
};

// A unit of systemd, as org.freedesktop.systemd1(5) lists it.
struct SystemdUnit {
  std::string id;  // "ssh.service"
  std::string description;
  std::string load_state;
  std::string active_state;
  std::string sub_state;
  std::string following;    // the unit whose state it shows; "": its own
  std::string object_path;  // on the bus
  int64_t job_id = 0;       // 0: no job waits
  std::string job_type;
  std::string job_path;

  friend bool operator==(const SystemdUnit&, const SystemdUnit&) = default;
};

// A service of Windows, as its service manager has it.
struct ServiceInfo {
  enum class State {
    kStopped,
    kStartPending,
    kStopPending,
    kRunning,
    kContinuePending,
    kPausePending,
    kPaused
  };
  enum class Start { kBoot, kSystem, kAutomatic, kDemand, kDisabled };

  std::string name;  // the key's, "WinDefend"; its case means nothing
  State state = State::kStopped;
  bool driver = false;                      // of the kernel: has no process
  int64_t pid = 0;                          // of its process; 0: has none
  std::optional<Start> start = {};          // nullopt: may not be asked
  std::optional<std::string> command = {};  // command line, as written; nullopt: may not be asked

  friend bool operator==(const ServiceInfo&, const ServiceInfo&) = default;
};

struct ProcessInfo {
  int64_t pid = 0;
  int64_t parent_pid = 0;
  std::string name;                         // of its program, without folder: "clamd.exe"
  std::optional<std::string> program = {};  // whole path; nullopt: may not be asked

  friend bool operator==(const ProcessInfo&, const ProcessInfo&) = default;
};

// A value of a registry key, as text.
struct RegistryEntry {
  std::string name;                      // "": the default value
  std::string type;                      // "REG_SZ"; "UNKNOWN" for one without a name
  std::optional<std::string> data = {};  // nullopt: the bytes are not of their type

  friend bool operator==(const RegistryEntry&, const RegistryEntry&) = default;
};

struct RegistryContent {
  int64_t modified_s = 0;  // seconds since 1970
  std::vector<RegistryEntry> entries = {};

  friend bool operator==(const RegistryContent&, const RegistryContent&) = default;
};

// A method of a WMI object, which only tells.
struct WmiCall {
  std::string name_space;            // root\CIMV2
  std::string object;                // Win32_Process.Handle="4"
  std::string method;                // begins with "Get", takes no arguments
  std::vector<std::string> outputs;  // names of what comes out, ReturnValue among them if wanted

  friend bool operator==(const WmiCall&, const WmiCall&) = default;
};

inline constexpr size_t kMaxFileBytes = 16 << 20;

// Errors, for every question: kNotFound (no such file, key, service), kDenied, kTimeout,
// kTooLarge (over a bound: the answer is refused, never cut), kUnsupported (this system has no
// such thing), kInternal (an errno that none of these describes; the message holds it).
// Messages name the path, key or command. A Host keeps no state between questions that could
// change an answer. Implementations may be asked from one thread at a time.
class Host {
 public:
  virtual ~Host() = default;

  virtual Os os() const = 0;
  virtual Now Time() const = 0;

  // The whole content. Files of /proc and /sys, whose size is not known, are read to their end.
  virtual Result<std::string> ReadFile(const std::string& path,
                                       size_t max_bytes = kMaxFileBytes) const = 0;
  // At most the first `bytes` of a file of any size. The default reads the whole file, within
  // kMaxFileBytes.
  virtual Result<std::string> ReadHead(const std::string& path, size_t bytes) const;
  // Sorted by name.
  virtual Result<std::vector<DirEntry>> ListDir(const std::string& path) const = 0;
  virtual Result<FileStat> Stat(const std::string& path) const = 0;  // follows links
  // The default tells what Stat and ReadLink tell.
  virtual Result<FileDetails> Inspect(const std::string& path) const;
  virtual Result<std::string> ReadLink(const std::string& path) const = 0;  // one step, as written
  // The path with every link followed; kNotFound when a part of it is missing.
  virtual Result<std::string> RealPath(const std::string& path) const = 0;

  // No shell; LC_ALL=C; empty stdin; a fixed PATH. A non-zero exit is an answer, not an error.
  // After the deadline the whole process group is killed: kTimeout. Over max_output: killed,
  // kTooLarge. Not in the allow-list: kDenied.
  virtual Result<CommandOutput> Run(const Command& command) const = 0;

  // kUnavailable when there is no bus.
  virtual Result<Value> ReadDbusProperty(const DbusProperty& property) const = 0;

  // Of the file system that `path` lies on. A network file system whose server is gone may hang.
  virtual Result<FileSystemUse> StatFileSystem(const std::string& path) const;
  // Linux. Those that systemd has loaded, by id; kUnavailable when there is no bus.
  virtual Result<std::vector<SystemdUnit>> SystemdUnits() const;

  // Windows. Elsewhere kUnsupported.
  virtual Result<Rows> QueryWmi(const std::string& name_space, const std::string& wql) const;
  // A cell for each output, NULL for one that was not given. kInvalidArgument for a method that
  // does not begin with "Get".
  virtual Result<Row> CallWmi(const WmiCall& call) const;
  virtual Result<Value> ReadRegistry(const std::string& key, const std::string& name) const;
  // The values of a key, sorted by name. kNotFound: no such key.
  virtual Result<RegistryContent> ReadRegistryKey(const std::string& key) const;
  // The names of a key's subkeys, sorted; `key` may be a hive. kNotFound: no such key.
  virtual Result<std::vector<std::string>> ListRegistry(const std::string& key) const;
  virtual Result<std::vector<ServiceInfo>> Services() const;   // by name; drivers too
  virtual Result<std::vector<ProcessInfo>> Processes() const;  // by pid
};

}  // namespace sallyport
