// SPDX-License-Identifier: Apache-2.0
// LimitedHost: a Host that refuses what the local limit names.
#pragma once

#include <string>
#include <vector>

#include "agent/collector/path_limit.h"
#include "platform/host.h"

namespace sallyport {

// Contents of files, of folders and of registry keys are refused (kDenied), by the path as asked
// and by its real path (keys by name). That a file is there, and how it is kept (Stat,
// Inspect, ReadLink, RealPath), is told: presence and age of a key are facts, the key is not.
// Whoever can exchange folders between check and opening is caught by LinuxHost's PathGuard with
// the same PathLimit.
class LimitedHost : public Host {
 public:
  // `host` outlives it.
  LimitedHost(const Host& host, PathLimit limit) : host_(host), limit_(std::move(limit)) {}

  Os os() const override { return host_.os(); }
  Now Time() const override { return host_.Time(); }
  Result<std::string> ReadFile(const std::string& path,
                               size_t max_bytes = kMaxFileBytes) const override;
  Result<std::string> ReadHead(const std::string& path, size_t bytes) const override;
  Result<std::vector<DirEntry>> ListDir(const std::string& path) const override;
  Result<FileStat> Stat(const std::string& path) const override { return host_.Stat(path); }
  Result<FileDetails> Inspect(const std::string& path) const override {
    return host_.Inspect(path);
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
    if (const Status named = limit_.Check(key); !named) return tl::unexpected(named.error());
    return host_.ReadRegistryKey(key);
  }
  Result<std::vector<std::string>> ListRegistry(const std::string& key) const override {
    if (const Status named = limit_.Check(key); !named) return tl::unexpected(named.error());
    return host_.ListRegistry(key);
  }
  Result<std::vector<ServiceInfo>> Services() const override { return host_.Services(); }
  Result<std::vector<ProcessInfo>> Processes() const override { return host_.Processes(); }
  Result<Value> ReadRegistry(const std::string& key, const std::string& name) const override {
    if (const Status named = limit_.Check(key); !named) return tl::unexpected(named.error());
    return host_.ReadRegistry(key, name);
  }

 private:
  Status Check(const std::string& path) const;

  const Host& host_;
  PathLimit limit_;
};

}  // namespace sallyport
