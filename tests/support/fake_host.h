// SPDX-License-Identifier: Apache-2.0
// FakeHost: a machine made of literals.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "platform/host.h"

namespace sallyport {

// Folders exist because files lie in them. A path may begin with a drive. A path that was given to
// Fail() fails for every question.
class FakeHost : public Host {
 public:
  explicit FakeHost(Os os = Os::kLinux) : os_(os) {}

  void Put(const std::string& path, std::string content, FileStat stat = {});
  void PutDir(const std::string& path);                              // an empty folder
  void PutLink(const std::string& path, const std::string& target);  // target absolute or relative
  void Fail(const std::string& path, Code code);
  void PutCommand(const std::vector<std::string>& argv, CommandOutput output);
  void FailCommand(const std::vector<std::string>& argv, Code code);
  void PutDbus(const DbusProperty& property, Value value);
  void PutFileSystem(const std::string& path, const FileSystemUse& use);
  void PutUnit(SystemdUnit unit);
  void PutWmi(const std::string& name_space, const std::string& wql, Result<Rows> answer);
  void PutWmiCall(const WmiCall& call, Result<Row> answer);
  void PutRegistry(const std::string& key, const std::string& name, Result<Value> answer);
  void PutDetails(const std::string& path, FileDetails details);  // what Inspect answers
  void PutRegistryValues(const std::string& key, Result<RegistryContent> answer);
  void PutRegistryKeys(const std::string& key, Result<std::vector<std::string>> answer);
  void PutService(ServiceInfo service);
  void PutProcess(ProcessInfo process);
  void FailServices(Code code) { services_ = sallyport::Fail(code, "services"); }
  void FailProcesses(Code code) { processes_ = sallyport::Fail(code, "processes"); }
  void SetTime(Now now) { now_ = now; }
  void Remove(const std::string& path);

  Os os() const override { return os_; }
  Now Time() const override { return now_; }
  Result<std::string> ReadFile(const std::string& path, size_t max_bytes) const override;
  Result<std::vector<DirEntry>> ListDir(const std::string& path) const override;
  Result<FileStat> Stat(const std::string& path) const override;
  Result<FileDetails> Inspect(const std::string& path) const override;
  Result<std::string> ReadLink(const std::string& path) const override;
  Result<std::string> RealPath(const std::string& path) const override;
  Result<CommandOutput> Run(const Command& command) const override;
  Result<Value> ReadDbusProperty(const DbusProperty& property) const override;
  // Of what was not put: no such file system; no bus.
  Result<FileSystemUse> StatFileSystem(const std::string& path) const override;
  Result<std::vector<SystemdUnit>> SystemdUnits() const override;
  // Of what was not put: kUnsupported namespaces, keys and values that are not there, no service
  // and no process; on Linux kUnsupported all of it.
  Result<Rows> QueryWmi(const std::string& name_space, const std::string& wql) const override;
  Result<Row> CallWmi(const WmiCall& call) const override;
  Result<Value> ReadRegistry(const std::string& key, const std::string& name) const override;
  Result<RegistryContent> ReadRegistryKey(const std::string& key) const override;
  Result<std::vector<std::string>> ListRegistry(const std::string& key) const override;
  Result<std::vector<ServiceInfo>> Services() const override;
  Result<std::vector<ProcessInfo>> Processes() const override;

 private:
  Result<std::string> Resolve(const std::string& path) const;  // follows links, checks failures

  struct File {
    std::string content;
    FileStat stat;
  };
  Os os_;
  Now now_;
  std::map<std::string, File> files_;
  std::set<std::string> dirs_;
  std::map<std::string, std::string> links_;
  std::map<std::string, Code> failures_;
  std::map<std::vector<std::string>, Result<CommandOutput>> commands_;
  std::map<std::string, Value> dbus_;
  std::map<std::string, FileSystemUse> file_systems_;
  std::vector<SystemdUnit> units_;
  std::map<std::pair<std::string, std::string>, Result<Rows>> wmi_;
  std::map<std::pair<std::string, std::string>, Result<Row>> wmi_calls_;
  std::map<std::pair<std::string, std::string>, Result<Value>> registry_;
  std::map<std::string, FileDetails> details_;
  std::map<std::string, Result<RegistryContent>> registry_values_;
  std::map<std::string, Result<std::vector<std::string>>> registry_keys_;
  Result<std::vector<ServiceInfo>> services_;
  Result<std::vector<ProcessInfo>> processes_;
};

}  // namespace sallyport
