// SPDX-License-Identifier: Apache-2.0
#include "platform/host.h"

namespace sallyport {

Result<std::string> Host::ReadHead(const std::string& path, size_t bytes) const {
  Result<std::string> content = ReadFile(path, kMaxFileBytes);
  if (content && content->size() > bytes) content->resize(bytes);
  return content;
}

Result<FileSystemUse> Host::StatFileSystem(const std::string& path) const {
  return Fail(Code::kUnsupported, path + ": its file system is not asked on " + OsName(os()));
}

Result<std::vector<SystemdUnit>> Host::SystemdUnits() const {
  return Fail(Code::kUnsupported, std::string("systemd: not on ") + OsName(os()));
}

Result<Rows> Host::QueryWmi(const std::string& name_space, const std::string&) const {
  return Fail(Code::kUnsupported, "WMI " + name_space + ": not on " + OsName(os()));
}

Result<Row> Host::CallWmi(const WmiCall& call) const {
  return Fail(Code::kUnsupported, "WMI " + call.name_space + ": not on " + OsName(os()));
}

Result<std::vector<std::string>> Host::ListRegistry(const std::string& key) const {
  return Fail(Code::kUnsupported, "registry " + key + ": not on " + OsName(os()));
}

Result<std::vector<ServiceInfo>> Host::Services() const {
  return Fail(Code::kUnsupported, std::string("services: not asked on ") + OsName(os()));
}

Result<std::vector<ProcessInfo>> Host::Processes() const {
  return Fail(Code::kUnsupported, std::string("processes: not asked on ") + OsName(os()));
}

Result<Value> Host::ReadRegistry(const std::string& key, const std::string&) const {
  return Fail(Code::kUnsupported, "registry " + key + ": not on " + OsName(os()));
}

}  // namespace sallyport
