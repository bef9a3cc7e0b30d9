// SPDX-License-Identifier: Apache-2.0
// WindowsHost: the running Windows machine, asked through Host.
#pragma once

#include <string>
#include <vector>

#include "platform/answer_in_time.h"
#include "platform/host.h"
#include "platform/this_host.h"

namespace sallyport {

// Beyond host.h. Paths begin with a drive ("C:\a" or "C:/a"); windows_formats.h says what else is
// refused. Names are UTF-8 here and UTF-16 only in the calls; one that is not UTF-16 makes its
// folder kMalformed. Symbolic links and junctions are kSymlink in a listing; any other reparse
// point (a file that is in the cloud, a package's alias) is kOther: reading it may fetch it. Files
// are opened so that others may go on reading, writing and deleting them.
class WindowsHost : public Host {
 public:
  explicit WindowsHost(std::vector<std::string> allowed_commands = {}, PathGuard guard = nullptr);

  Os os() const override { return Os::kWindows; }
  Now Time() const override;
  Result<std::string> ReadFile(const std::string& path,
                               size_t max_bytes = kMaxFileBytes) const override;
  Result<std::string> ReadHead(const std::string& path, size_t bytes) const override;
  Result<std::vector<DirEntry>> ListDir(const std::string& path) const override;
  Result<FileStat> Stat(const std::string& path) const override;
  Result<FileDetails> Inspect(const std::string& path) const override;
  Result<std::string> ReadLink(const std::string& path) const override;
  Result<std::string> RealPath(const std::string& path) const override;
  // The environment is SystemRoot and PATH; the folder is that of the system.
  Result<CommandOutput> Run(const Command& command) const override;
  Result<Value> ReadDbusProperty(const DbusProperty& property) const override;  // kUnsupported
  // SELECT with named columns, whose order is that of the cells; lists are kUnsupported. A
  // namespace or class that this machine has not is kUnsupported, a property kNotFound. At most 20
  // seconds.
  Result<Rows> QueryWmi(const std::string& name_space, const std::string& wql) const override;
  // "HKEY_LOCAL_MACHINE\SOFTWARE\...", always of the 64-bit view; name "" is the key's default
  // value.
  Result<Row> CallWmi(const WmiCall& call) const override;  // errors and deadline as of QueryWmi
  Result<Value> ReadRegistry(const std::string& key, const std::string& name) const override;
  Result<RegistryContent> ReadRegistryKey(const std::string& key) const override;
  Result<std::vector<std::string>> ListRegistry(const std::string& key) const override;
  Result<std::vector<ServiceInfo>> Services() const override;
  Result<std::vector<ProcessInfo>> Processes() const override;

 private:
  enum class Over { kRefuse, kCut };
  Result<std::string> Read(const std::string& path, size_t max_bytes, Over over) const;
  Status CheckOpened(void* file, const std::string& path) const;

  std::vector<std::string> allowed_commands_;
  PathGuard guard_;
  AnswerInTime wmi_;
};

}  // namespace sallyport
