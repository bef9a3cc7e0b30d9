// SPDX-License-Identifier: Apache-2.0
#include "platform/recorded_host.h"

#include <fstream>
#include <sstream>

#include "base/text.h"
#include "platform/redact.h"

namespace sallyport {
namespace {

constexpr size_t kMaxRecordingBytes = 256 << 20;

std::string Redact(std::string_view source, std::string_view text) {
  return RedactSecrets(source, text);
}

// A cell that was asked for by name: a secret goes as a whole.
Value RedactCell(std::string_view name, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return value;
  return NamesSecret(name) ? std::string(kRedacted) : Redact(name, *text);
}

Result<CommandOutput> RedactOutput(const Result<CommandOutput>& answer,
                                   const std::vector<std::string>& argv) {
  if (!answer) return answer;
  return CommandOutput{answer->exit_code, Redact(argv[0], answer->out),
                       Redact(argv[0], answer->err)};
}

Result<Rows> RedactRows(Result<Rows> answer, const std::string& source) {
  if (!answer) return answer;
  for (Row& row : *answer) {
    for (Value& cell : row) cell = RedactCell(source, cell);
  }
  return answer;
}

// A command line may hold a secret; a path may not be taken for one.
Result<std::vector<ServiceInfo>> RedactServices(Result<std::vector<ServiceInfo>> answer) {
  if (!answer) return answer;
  for (ServiceInfo& service : *answer) {
    if (service.command) service.command = Redact(service.name, *service.command);
  }
  return answer;
}

Result<RegistryContent> RedactEntries(Result<RegistryContent> answer) {
  if (!answer) return answer;
  for (RegistryEntry& entry : answer->entries) {
    if (!entry.data) continue;
    entry.data = NamesSecret(entry.name) ? std::string(kRedacted) : Redact(entry.name, *entry.data);
  }
  return answer;
}

std::vector<std::string> QuestionOf(const WmiCall& call) {
  std::vector<std::string> question{call.name_space, call.object, call.method};
  question.insert(question.end(), call.outputs.begin(), call.outputs.end());
  return question;
}

// The answer to a recorded question, or the error that names it.
template <typename K, typename T>
Result<T> Answer(const std::map<K, Result<T>>& answers, const K& question,
                 const std::string& named) {
  const auto found = answers.find(question);
  if (found == answers.end()) return Fail(Code::kUnavailable, "not recorded: " + named);
  return found->second;
}

}  // namespace

RecordingHost::RecordingHost(const Host& host, std::string origin) : host_(host) {
  recording_.origin = std::move(origin);
  recording_.os = host.os();
  recording_.time = host.Time();
}

Now RecordingHost::Time() const { return recording_.time = host_.Time(); }

Result<std::string> RecordingHost::ReadFile(const std::string& path, size_t max_bytes) const {
  auto answer = host_.ReadFile(path, max_bytes);
  recording_.files.insert_or_assign(path,
                                    answer ? Result<std::string>(Redact(path, *answer)) : answer);
  return answer;
}

Result<std::string> RecordingHost::ReadHead(const std::string& path, size_t bytes) const {
  auto answer = host_.ReadHead(path, bytes);
  recording_.heads.insert_or_assign(std::vector<std::string>{path, std::to_string(bytes)},
                                    answer ? Result<std::string>(Redact(path, *answer)) : answer);
  return answer;
}

Result<std::vector<DirEntry>> RecordingHost::ListDir(const std::string& path) const {
  const auto known = recording_.folders.find(path);
  if (known != recording_.folders.end()) return known->second;
  return recording_.folders.emplace(path, host_.ListDir(path)).first->second;
}

Result<FileStat> RecordingHost::Stat(const std::string& path) const {
  auto answer = host_.Stat(path);
  recording_.stats.insert_or_assign(path, answer);
  return answer;
}

Result<FileDetails> RecordingHost::Inspect(const std::string& path) const {
  auto answer = host_.Inspect(path);
  recording_.details.insert_or_assign(path, answer);
  return answer;
}

Result<std::string> RecordingHost::ReadLink(const std::string& path) const {
  auto answer = host_.ReadLink(path);
  recording_.links.insert_or_assign(path, answer);
  return answer;
}

Result<std::string> RecordingHost::RealPath(const std::string& path) const {
  auto answer = host_.RealPath(path);
  recording_.real_paths.insert_or_assign(path, answer);
  return answer;
}

Result<CommandOutput> RecordingHost::Run(const Command& command) const {
  auto answer = host_.Run(command);
  recording_.commands.insert_or_assign(command.argv, RedactOutput(answer, command.argv));
  return answer;
}

Result<Value> RecordingHost::ReadDbusProperty(const DbusProperty& p) const {
  auto answer = host_.ReadDbusProperty(p);
  recording_.dbus.insert_or_assign(
      std::vector<std::string>{p.service, p.path, p.interface, p.property},
      answer ? Result<Value>(RedactCell(p.property, *answer)) : answer);
  return answer;
}

Result<FileSystemUse> RecordingHost::StatFileSystem(const std::string& path) const {
  auto answer = host_.StatFileSystem(path);
  recording_.file_systems.insert_or_assign(path, answer);
  return answer;
}

Result<std::vector<SystemdUnit>> RecordingHost::SystemdUnits() const {
  auto answer = host_.SystemdUnits();
  recording_.units = answer;
  return answer;
}

Result<Rows> RecordingHost::QueryWmi(const std::string& name_space, const std::string& wql) const {
  auto answer = host_.QueryWmi(name_space, wql);
  recording_.wmi.insert_or_assign(std::vector<std::string>{name_space, wql},
                                  RedactRows(answer, "wmi"));
  return answer;
}

Result<Row> RecordingHost::CallWmi(const WmiCall& call) const {
  auto answer = host_.CallWmi(call);
  auto kept = answer;
  if (kept) {
    for (size_t i = 0; i < kept->size(); ++i) {
      (*kept)[i] = RedactCell(i < call.outputs.size() ? call.outputs[i] : "wmi", (*kept)[i]);
    }
  }
  recording_.wmi_calls.insert_or_assign(QuestionOf(call), std::move(kept));
  return answer;
}

Result<RegistryContent> RecordingHost::ReadRegistryKey(const std::string& key) const {
  auto answer = host_.ReadRegistryKey(key);
  recording_.registry_values.insert_or_assign(key, RedactEntries(answer));
  return answer;
}

Result<std::vector<std::string>> RecordingHost::ListRegistry(const std::string& key) const {
  auto answer = host_.ListRegistry(key);
  recording_.registry_keys.insert_or_assign(key, answer);
  return answer;
}

Result<std::vector<ServiceInfo>> RecordingHost::Services() const {
  auto answer = host_.Services();
  recording_.services = RedactServices(answer);
  return answer;
}

Result<std::vector<ProcessInfo>> RecordingHost::Processes() const {
  auto answer = host_.Processes();
  recording_.processes = answer;
  return answer;
}

Result<Value> RecordingHost::ReadRegistry(const std::string& key, const std::string& name) const {
  auto answer = host_.ReadRegistry(key, name);
  recording_.registry.insert_or_assign(std::vector<std::string>{key, name},
                                       answer ? Result<Value>(RedactCell(name, *answer)) : answer);
  return answer;
}

Result<RecordedHost> RecordedHost::Load(const std::string& json_file) {
  std::ifstream in(json_file, std::ios::binary);
  if (!in) return Fail(Code::kNotFound, json_file + ": cannot be opened");
  std::string text;
  char chunk[1 << 16];
  while (in.read(chunk, sizeof chunk) || in.gcount() > 0) {
    text.append(chunk, static_cast<size_t>(in.gcount()));
    if (text.size() > kMaxRecordingBytes) return Fail(Code::kTooLarge, json_file);
  }
  auto recording = RecordingFromJson(text);
  if (!recording) return Wrap(recording.error(), json_file);
  return RecordedHost(std::move(*recording));
}

Result<std::string> RecordedHost::ReadFile(const std::string& path, size_t max_bytes) const {
  auto answer = Answer(recording_.files, path, "file " + path);
  if (answer && answer->size() > max_bytes) {
    return Fail(Code::kTooLarge, path + ": over " + std::to_string(max_bytes) + " bytes");
  }
  return answer;
}

Result<std::string> RecordedHost::ReadHead(const std::string& path, size_t bytes) const {
  const std::vector<std::string> question{path, std::to_string(bytes)};
  return Answer(recording_.heads, question, "head of file " + path);
}

Result<std::vector<DirEntry>> RecordedHost::ListDir(const std::string& path) const {
  return Answer(recording_.folders, path, "folder " + path);
}

Result<FileStat> RecordedHost::Stat(const std::string& path) const {
  return Answer(recording_.stats, path, "stat " + path);
}

Result<FileDetails> RecordedHost::Inspect(const std::string& path) const {
  return Answer(recording_.details, path, "details " + path);
}

Result<std::string> RecordedHost::ReadLink(const std::string& path) const {
  return Answer(recording_.links, path, "link " + path);
}

Result<std::string> RecordedHost::RealPath(const std::string& path) const {
  return Answer(recording_.real_paths, path, "real path " + path);
}

Result<CommandOutput> RecordedHost::Run(const Command& command) const {
  auto answer =
      Answer(recording_.commands, command.argv, "command " + sallyport::Join(command.argv, " "));
  if (answer &&
      (answer->out.size() > command.max_output || answer->err.size() > command.max_output)) {
    return Fail(Code::kTooLarge, command.argv[0] + ": printed more than " +
                                     std::to_string(command.max_output) + " bytes");
  }
  return answer;
}

Result<Value> RecordedHost::ReadDbusProperty(const DbusProperty& p) const {
  const std::vector<std::string> question{p.service, p.path, p.interface, p.property};
  return Answer(recording_.dbus, question, "D-Bus " + Join(question, " "));
}

Result<FileSystemUse> RecordedHost::StatFileSystem(const std::string& path) const {
  return Answer(recording_.file_systems, path, "file system of " + path);
}

Result<std::vector<SystemdUnit>> RecordedHost::SystemdUnits() const {
  if (!recording_.units) return Fail(Code::kUnavailable, "not recorded: units of systemd");
  return *recording_.units;
}

Result<Rows> RecordedHost::QueryWmi(const std::string& name_space, const std::string& wql) const {
  const std::vector<std::string> question{name_space, wql};
  return Answer(recording_.wmi, question, "WMI " + Join(question, " "));
}

Result<Row> RecordedHost::CallWmi(const WmiCall& call) const {
  const std::vector<std::string> question = QuestionOf(call);
  return Answer(recording_.wmi_calls, question, "WMI call " + Join(question, " "));
}

Result<RegistryContent> RecordedHost::ReadRegistryKey(const std::string& key) const {
  return Answer(recording_.registry_values, key, "registry values of " + key);
}

Result<std::vector<std::string>> RecordedHost::ListRegistry(const std::string& key) const {
  return Answer(recording_.registry_keys, key, "registry keys of " + key);
}

Result<std::vector<ServiceInfo>> RecordedHost::Services() const {
  if (!recording_.services) return Fail(Code::kUnavailable, "not recorded: services");
  return *recording_.services;
}

Result<std::vector<ProcessInfo>> RecordedHost::Processes() const {
  if (!recording_.processes) return Fail(Code::kUnavailable, "not recorded: processes");
  return *recording_.processes;
}

Result<Value> RecordedHost::ReadRegistry(const std::string& key, const std::string& name) const {
  const std::vector<std::string> question{key, name};
  return Answer(recording_.registry, question, "registry " + Join(question, " "));
}

}  // namespace sallyport
