// SPDX-License-Identifier: Apache-2.0
#include "platform/host.h"

namespace sallyport {

Result<std::string> Host::ReadHead(const std::string& path, size_t bytes) const {
  Result<std::string> content = ReadFile(path, kMaxFileBytes);
  if (content && content->size() > bytes) content->resize(bytes);
  return content;
}

namespace {

FileDetails::Kind KindOf(FileType type) {
  switch (type) {
    case FileType::kFile:
      return FileDetails::Kind::kRegular;
    case FileType::kDirectory:
      return FileDetails::Kind::kDirectory;
    case FileType::kSymlink:
      return FileDetails::Kind::kSymlink;
    case FileType::kOther:
      break;
  }
  return FileDetails::Kind::kUnknown;
}

}  // namespace

Result<FileDetails> Host::Inspect(const std::string& path) const {
  FileDetails details;
  if (auto target = ReadLink(path)) details.link_target = *std::move(target);
  const auto stat = Stat(path);
  if (!stat && stat.error().code == Code::kNotFound && details.link_target) {
    details.kind = FileDetails::Kind::kUnknown;
    return details;
  }
  if (!stat) return tl::unexpected(stat.error());
  details.kind = KindOf(stat->type);
  details.size = stat->size;
  details.modified_s = stat->modified_s;
  if (os() == Os::kWindows) return details;
  details.mode = stat->mode;
  details.uid = stat->uid;
  details.gid = stat->gid;
  return details;
}

Result<RegistryContent> Host::ReadRegistryKey(const std::string& key) const {
  return Fail(Code::kUnsupported, "registry " + key + ": not on " + OsName(os()));
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
