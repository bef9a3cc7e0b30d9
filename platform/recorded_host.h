// SPDX-License-Identifier: Apache-2.0
// RecordingHost writes down every question that a Host is asked, and its answer; RecordedHost
// answers them again: it is that machine. platform/README.md shows the format.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/host.h"

namespace sallyport {

// Questions and their answers. Of a question asked twice the newest answer is kept; of a folder the
// first, which every later asker gets too: what is asked about its entries is then recorded of all.
struct Recording {
  std::string origin = {};  // "capture of a real machine", "written from documentation: <where>"
  Os os = Os::kLinux;
  Now time = {};
  std::map<std::string, Result<std::string>> files = {};
  std::map<std::vector<std::string>, Result<std::string>> heads = {};  // path, bytes
  std::map<std::string, Result<std::vector<DirEntry>>> folders = {};
  std::map<std::string, Result<FileStat>> stats = {};
  std::map<std::string, Result<FileDetails>> details = {};
  std::map<std::string, Result<std::string>> links = {};
  std::map<std::string, Result<std::string>> real_paths = {};
  std::map<std::string, Result<FileSystemUse>> file_systems = {};
  std::map<std::vector<std::string>, Result<CommandOutput>> commands = {};
  std::map<std::vector<std::string>, Result<Value>> dbus =
      {};                                                     // service, path, interface, property
  std::map<std::vector<std::string>, Result<Rows>> wmi = {};  // namespace, query
  // namespace, object, method, outputs
  std::map<std::vector<std::string>, Result<Row>> wmi_calls = {};
  std::map<std::vector<std::string>, Result<Value>> registry = {};  // key, name
  std::map<std::string, Result<RegistryContent>> registry_values = {};
  std::map<std::string, Result<std::vector<std::string>>> registry_keys = {};
  std::optional<Result<std::vector<ServiceInfo>>> services = {};  // nullopt: not asked
  std::optional<Result<std::vector<ProcessInfo>>> processes = {};
  std::optional<Result<std::vector<SystemdUnit>>> units = {};
};

// JSON, "schema": "sallyport.recorded-host/v1"; bytes that are not UTF-8 as base64.
std::string ToJson(const Recording& recording);
// kMalformed names what is wrong: another schema, a missing origin, a field of another type.
Result<Recording> RecordingFromJson(std::string_view json);

// Asks `host`, which must outlive it, and records what it says with secrets taken out
// (platform/redact.h). The asker gets the answer whole.
class RecordingHost : public Host {
 public:
  RecordingHost(const Host& host, std::string origin);

  const Recording& recording() const { return recording_; }

  Os os() const override { return host_.os(); }
  Now Time() const override;
  Result<std::string> ReadFile(const std::string& path,
                               size_t max_bytes = kMaxFileBytes) const override;
  Result<std::string> ReadHead(const std::string& path, size_t bytes) const override;
  Result<std::vector<DirEntry>> ListDir(const std::string& path) const override;
  Result<FileStat> Stat(const std::string& path) const override;
  Result<FileDetails> Inspect(const std::string& path) const override;
  Result<std::string> ReadLink(const std::string& path) const override;
  Result<std::string> RealPath(const std::string& path) const override;
  Result<CommandOutput> Run(const Command& command) const override;
  Result<Value> ReadDbusProperty(const DbusProperty& property) const override;
  Result<FileSystemUse> StatFileSystem(const std::string& path) const override;
  Result<std::vector<SystemdUnit>> SystemdUnits() const override;
  Result<Rows> QueryWmi(const std::string& name_space, const std::string& wql) const override;
  Result<Row> CallWmi(const WmiCall& call) const override;
  Result<Value> ReadRegistry(const std::string& key, const std::string& name) const override;
  Result<RegistryContent> ReadRegistryKey(const std::string& key) const override;
  Result<std::vector<std::string>> ListRegistry(const std::string& key) const override;
  Result<std::vector<ServiceInfo>> Services() const override;
  Result<std::vector<ProcessInfo>> Processes() const override;

 private:
  const Host& host_;
  mutable Recording recording_;  // asking is const; that it was asked is what is kept
};

// A question that was not recorded is kUnavailable, "not recorded: " and the question.
class RecordedHost : public Host {
 public:
  explicit RecordedHost(Recording recording) : recording_(std::move(recording)) {}
  static Result<RecordedHost> Load(const std::string& json_file);

  const Recording& recording() const { return recording_; }

  Os os() const override { return recording_.os; }
  Now Time() const override { return recording_.time; }
  Result<std::string> ReadFile(const std::string& path,
                               size_t max_bytes = kMaxFileBytes) const override;
  Result<std::string> ReadHead(const std::string& path, size_t bytes) const override;
  Result<std::vector<DirEntry>> ListDir(const std::string& path) const override;
  Result<FileStat> Stat(const std::string& path) const override;
  Result<FileDetails> Inspect(const std::string& path) const override;
  Result<std::string> ReadLink(const std::string& path) const override;
  Result<std::string> RealPath(const std::string& path) const override;
  Result<CommandOutput> Run(const Command& command) const override;
  Result<Value> ReadDbusProperty(const DbusProperty& property) const override;
  Result<FileSystemUse> StatFileSystem(const std::string& path) const override;
  Result<std::vector<SystemdUnit>> SystemdUnits() const override;
  Result<Rows> QueryWmi(const std::string& name_space, const std::string& wql) const override;
  Result<Row> CallWmi(const WmiCall& call) const override;
  Result<Value> ReadRegistry(const std::string& key, const std::string& name) const override;
  Result<RegistryContent> ReadRegistryKey(const std::string& key) const override;
  Result<std::vector<std::string>> ListRegistry(const std::string& key) const override;
  Result<std::vector<ServiceInfo>> Services() const override;
  Result<std::vector<ProcessInfo>> Processes() const override;

 private:
  Recording recording_;
};

}  // namespace sallyport
