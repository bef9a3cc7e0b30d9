// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_host.h"

#include <algorithm>

#include "base/text.h"

namespace sallyport {
namespace {

std::string Parent(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

// "C:\\a" and "C:/a" are "/C:/a" in here.
std::string Keyed(std::string path) {
  if (path.size() < 3 || path[1] != ':') return path;
  std::ranges::replace(path, '\\', '/');
  return "/" + path;
}

tl::unexpected<Error> NotFound(const std::string& path) {
  return Fail(Code::kNotFound, path + ": no such file");
}

std::string DbusName(const DbusProperty& p) {
  return p.service + " " + p.path + " " + p.interface + " " + p.property;
}

}  // namespace

void FakeHost::Put(const std::string& named, std::string content, FileStat stat) {
  const std::string path = Keyed(named);
  stat.size = static_cast<int64_t>(content.size());
  files_[path] = File{std::move(content), stat};
  failures_.erase(path);
  for (std::string dir = Parent(path); dirs_.insert(dir).second && dir != "/";) dir = Parent(dir);
}

void FakeHost::PutDir(const std::string& path) {
  for (std::string dir = Keyed(path); dirs_.insert(dir).second && dir != "/";) dir = Parent(dir);
}

void FakeHost::PutLink(const std::string& path, const std::string& target) {
  links_[path] = target;
  PutDir(Parent(path));
}

void FakeHost::Fail(const std::string& path, Code code) { failures_[Keyed(path)] = code; }

void FakeHost::PutCommand(const std::vector<std::string>& argv, CommandOutput output) {
  commands_.insert_or_assign(argv, std::move(output));
}

void FakeHost::FailCommand(const std::vector<std::string>& argv, Code code) {
  commands_.insert_or_assign(argv, sallyport::Fail(code, argv[0]));
}

void FakeHost::PutDbus(const DbusProperty& property, Value value) {
  dbus_[DbusName(property)] = std::move(value);
}

void FakeHost::Remove(const std::string& path) {
  files_.erase(Keyed(path));
  links_.erase(Keyed(path));
  dirs_.erase(Keyed(path));
}

Result<std::string> FakeHost::Resolve(const std::string& path) const {
  const std::string keyed = Keyed(path);
  std::string done;
  std::vector<std::string> rest;
  for (std::string_view part : Split(keyed, '/')) {
    if (!part.empty()) rest.emplace_back(part);
  }
  for (int steps = 0; !rest.empty(); ++steps) {
    if (steps > 200) return sallyport::Fail(Code::kMalformed, path + ": too many links");
    const std::string part = rest.front();
    rest.erase(rest.begin());
    if (part == ".") continue;
    if (part == "..") {
      done = done.empty() ? "" : done.substr(0, done.rfind('/'));
      continue;
    }
    const std::string here = done + "/" + part;
    if (const auto failure = failures_.find(here); failure != failures_.end()) {
      return sallyport::Fail(failure->second, here);
    }
    const auto link = links_.find(here);
    if (link == links_.end()) {
      done = here;
      continue;
    }
    if (link->second.starts_with('/')) done.clear();
    const std::vector<std::string_view> target = Split(link->second, '/');
    std::vector<std::string> parts;
    for (std::string_view t : target) {
      if (!t.empty()) parts.emplace_back(t);
    }
    rest.insert(rest.begin(), parts.begin(), parts.end());
  }
  return done.empty() ? "/" : done;
}

Result<std::string> FakeHost::ReadFile(const std::string& path, size_t max_bytes) const {
  const auto real = Resolve(path);
  if (!real) return tl::unexpected(real.error());
  const auto file = files_.find(*real);
  if (file == files_.end()) return NotFound(path);
  if (file->second.content.size() > max_bytes) return sallyport::Fail(Code::kTooLarge, path);
  return file->second.content;
}

Result<std::vector<DirEntry>> FakeHost::ListDir(const std::string& path) const {
  const auto real = Resolve(path);
  if (!real) return tl::unexpected(real.error());
  if (!dirs_.contains(*real)) return NotFound(path);
  std::map<std::string, FileType> entries;
  const auto add = [&](const std::string& candidate, FileType type) {
    if (candidate != "/" && Parent(candidate) == *real) {
      entries[candidate.substr(candidate.rfind('/') + 1)] = type;
    }
  };
  for (const auto& dir : dirs_) add(dir, FileType::kDirectory);
  for (const auto& [name, file] : files_) add(name, FileType::kFile);
  for (const auto& [name, target] : links_) add(name, FileType::kSymlink);
  std::vector<DirEntry> out;
  for (const auto& [name, type] : entries) out.push_back({name, type});
  return out;
}

Result<FileStat> FakeHost::Stat(const std::string& path) const {
  const auto real = Resolve(path);
  if (!real) return tl::unexpected(real.error());
  if (dirs_.contains(*real)) return FileStat{.type = FileType::kDirectory};
  const auto file = files_.find(*real);
  if (file == files_.end()) return NotFound(path);
  return file->second.stat;
}

Result<FileDetails> FakeHost::Inspect(const std::string& path) const {
  const auto real = Resolve(path);
  if (!real) return tl::unexpected(real.error());
  const auto found = details_.find(Keyed(path));
  return found == details_.end() ? Host::Inspect(path) : found->second;
}

Result<std::string> FakeHost::ReadLink(const std::string& path) const {
  if (const auto failure = failures_.find(path); failure != failures_.end()) {
    return sallyport::Fail(failure->second, path);
  }
  const auto parent = Resolve(Parent(path));
  if (!parent) return tl::unexpected(parent.error());
  const std::string name = path.substr(path.rfind('/') + 1);
  const auto link = links_.find((*parent == "/" ? "" : *parent) + "/" + name);
  if (link == links_.end()) return NotFound(path);
  return link->second;
}

Result<std::string> FakeHost::RealPath(const std::string& path) const {
  const auto real = Resolve(path);
  if (!real) return tl::unexpected(real.error());
  if (!files_.contains(*real) && !dirs_.contains(*real)) return NotFound(path);
  return *real;
}

Result<CommandOutput> FakeHost::Run(const Command& command) const {
  const auto found = commands_.find(command.argv);
  if (found == commands_.end()) return NotFound(command.argv.empty() ? "" : command.argv[0]);
  return found->second;
}

Result<Value> FakeHost::ReadDbusProperty(const DbusProperty& property) const {
  const auto found = dbus_.find(DbusName(property));
  if (found == dbus_.end()) {
    return sallyport::Fail(Code::kUnavailable, "D-Bus " + property.service + ": no bus");
  }
  return found->second;
}

void FakeHost::PutFileSystem(const std::string& path, const FileSystemUse& use) {
  file_systems_[path] = use;
}

void FakeHost::PutUnit(SystemdUnit unit) { units_.push_back(std::move(unit)); }

Result<FileSystemUse> FakeHost::StatFileSystem(const std::string& path) const {
  const auto found = file_systems_.find(path);
  if (found != file_systems_.end()) return found->second;
  return NotFound(path);
}

Result<std::vector<SystemdUnit>> FakeHost::SystemdUnits() const {
  if (units_.empty()) return sallyport::Fail(Code::kUnavailable, "systemd: no bus");
  return units_;
}

void FakeHost::PutWmi(const std::string& name_space, const std::string& wql, Result<Rows> answer) {
  wmi_.insert_or_assign({name_space, wql}, std::move(answer));
}

void FakeHost::PutWmiCall(const WmiCall& call, Result<Row> answer) {
  wmi_calls_.insert_or_assign({call.object, call.method}, std::move(answer));
}

void FakeHost::PutRegistry(const std::string& key, const std::string& name, Result<Value> answer) {
  registry_.insert_or_assign({key, name}, std::move(answer));
}

void FakeHost::PutDetails(const std::string& path, FileDetails details) {
  details_[Keyed(path)] = std::move(details);
}

void FakeHost::PutRegistryValues(const std::string& key, Result<RegistryContent> answer) {
  registry_values_.insert_or_assign(key, std::move(answer));
}

void FakeHost::PutRegistryKeys(const std::string& key, Result<std::vector<std::string>> answer) {
  registry_keys_.insert_or_assign(key, std::move(answer));
}

void FakeHost::PutService(ServiceInfo service) { services_->push_back(std::move(service)); }

void FakeHost::PutProcess(ProcessInfo process) { processes_->push_back(std::move(process)); }

Result<Rows> FakeHost::QueryWmi(const std::string& name_space, const std::string& wql) const {
  const auto found = wmi_.find({name_space, wql});
  if (found != wmi_.end()) return found->second;
  return sallyport::Fail(Code::kUnsupported, "WMI " + name_space);
}

Result<Row> FakeHost::CallWmi(const WmiCall& call) const {
  const auto found = wmi_calls_.find({call.object, call.method});
  if (found != wmi_calls_.end()) return found->second;
  return sallyport::Fail(Code::kUnsupported, "WMI " + call.name_space + ": " + call.method);
}

Result<Value> FakeHost::ReadRegistry(const std::string& key, const std::string& name) const {
  if (os_ != Os::kWindows) return Host::ReadRegistry(key, name);
  const auto found = registry_.find({key, name});
  if (found != registry_.end()) return found->second;
  return sallyport::Fail(Code::kNotFound, key + "\\" + name);
}

Result<RegistryContent> FakeHost::ReadRegistryKey(const std::string& key) const {
  if (os_ != Os::kWindows) return Host::ReadRegistryKey(key);
  const auto found = registry_values_.find(key);
  if (found != registry_values_.end()) return found->second;
  return sallyport::Fail(Code::kNotFound, key);
}

Result<std::vector<std::string>> FakeHost::ListRegistry(const std::string& key) const {
  if (os_ != Os::kWindows) return Host::ListRegistry(key);
  const auto found = registry_keys_.find(key);
  if (found != registry_keys_.end()) return found->second;
  return sallyport::Fail(Code::kNotFound, key);
}

Result<std::vector<ServiceInfo>> FakeHost::Services() const {
  return os_ == Os::kWindows ? services_ : Host::Services();
}

Result<std::vector<ProcessInfo>> FakeHost::Processes() const {
  return os_ == Os::kWindows ? processes_ : Host::Processes();
}

}  // namespace sallyport
