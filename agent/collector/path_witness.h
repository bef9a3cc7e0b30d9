// SPDX-License-Identifier: Apache-2.0
// PathWitness: a Host that remembers which files and folders it was asked for.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "platform/host.h"

namespace sallyport {

// Contents, listings and whether there is such a file, also where the answer was an error: what is
// not there may come. Files of /proc and /sys are left out, since they tell nobody that they
// changed.
class PathWitness : public Host {
 public:
  explicit PathWitness(const Host& host) : host_(host) {}  // `host` outlives it

  const std::set<std::string>& paths() const { return paths_; }

  Os os() const override { return host_.os(); }
  Now Time() const override { return host_.Time(); }
  Result<std::string> ReadFile(const std::string& path,
                               size_t max_bytes = kMaxFileBytes) const override {
    return Note(path).ReadFile(path, max_bytes);
  }
  Result<std::string> ReadHead(const std::string& path, size_t bytes) const override {
    return Note(path).ReadHead(path, bytes);
  }
  Result<std::vector<DirEntry>> ListDir(const std::string& path) const override {
    return Note(path).ListDir(path);
  }
  Result<FileStat> Stat(const std::string& path) const override { return Note(path).Stat(path); }
  Result<FileDetails> Inspect(const std::string& path) const override {
    return Note(path).Inspect(path);
  }
  Result<std::string> ReadLink(const std::string& path) const override {
    return host_.ReadLink(path);
  }
  Result<std::string> RealPath(const std::string& path) const override {
    return host_.RealPath(path);
  }
  Result<CommandOutput> Run(const Command& command) const override { return host_.Run(command); }
  Result<Value> ReadDbusProperty(const DbusProperty& property) const override {
    return host_.ReadDbusProperty(property);
  }
  Result<FileSystemUse> StatFileSystem(const std::string& path) const override {
    return host_.StatFileSystem(path);
  }
  Result<std::vector<SystemdUnit>> SystemdUnits() const override { return host_.SystemdUnits(); }
  Result<Rows> QueryWmi(const std::string& name_space, const std::string& wql) const override {
    return host_.QueryWmi(name_space, wql);
  }
  Result<Row> CallWmi(const WmiCall& call) const override { return host_.CallWmi(call); }
  Result<RegistryContent> ReadRegistryKey(const std::string& key) const override {
    return host_.ReadRegistryKey(key);
  }
  Result<std::vector<std::string>> ListRegistry(const std::string& key) const override {
    return host_.ListRegistry(key);
  }
  Result<std::vector<ServiceInfo>> Services() const override { return host_.Services(); }
  Result<std::vector<ProcessInfo>> Processes() const override { return host_.Processes(); }
  Result<Value> ReadRegistry(const std::string& key, const std::string& name) const override {
    return host_.ReadRegistry(key, name);
  }

 private:
  const Host& Note(const std::string& path) const {
    if (!path.starts_with("/proc/") && !path.starts_with("/sys/")) paths_.insert(path);
    return host_;
  }

  const Host& host_;
  mutable std::set<std::string> paths_;  // asking is const; that it was asked is what is kept
};

}  // namespace sallyport
