// SPDX-License-Identifier: Apache-2.0
// TextHost: a Linux machine where every file and every command says the same text.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "platform/host.h"

namespace sallyport {

class TextHost : public Host {
 public:
  explicit TextHost(std::string text) : text_(std::move(text)) {}

  Os os() const override { return Os::kLinux; }
  Now Time() const override { return {}; }
  Result<std::string> ReadFile(const std::string&, size_t) const override { return text_; }
  // One level: a process, a device, a file of each suffix that somebody looks for.
  Result<std::vector<DirEntry>> ListDir(const std::string& path) const override {
    if (path.size() > 40) return std::vector<DirEntry>();
    return std::vector<DirEntry>{
        {"1", FileType::kDirectory}, {"a.conf"}, {"a.list"}, {"a.repo"}, {"a.sources"}, {"sda"}};
  }
  Result<FileStat> Stat(const std::string&) const override { return FileStat{.mode = 0644}; }
  Result<std::string> ReadLink(const std::string&) const override { return text_; }
  Result<std::string> RealPath(const std::string& path) const override { return path; }
  Result<CommandOutput> Run(const Command&) const override { return CommandOutput{0, text_, ""}; }
  Result<Value> ReadDbusProperty(const DbusProperty&) const override { return Cell(text_); }
  Result<std::vector<SystemdUnit>> SystemdUnits() const override {
    SystemdUnit unit;
    unit.id = text_;
    return std::vector<SystemdUnit>{unit};
  }

 private:
  std::string text_;
};

}  // namespace sallyport
