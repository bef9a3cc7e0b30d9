// SPDX-License-Identifier: Apache-2.0
// The JSON form of a Recording.
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/text.h"
#include "platform/recorded_host.h"

namespace sallyport {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kSchema = "sallyport.recorded-host/v1";
constexpr FileType kFileTypes[] = {FileType::kFile, FileType::kDirectory, FileType::kSymlink,
                                   FileType::kOther};
constexpr const char* kFileTypeNames[] = {"file", "directory", "symlink", "other"};

constexpr const char* kServiceStates[] = {"stopped", "start pending",    "stop pending",
                                          "running", "continue pending", "pause pending",
                                          "paused"};
constexpr const char* kServiceStarts[] = {"boot", "system", "automatic", "demand", "disabled"};

constexpr const char* kKinds[] = {"regular",   "directory", "symlink", "block",
                                  "character", "fifo",      "socket",  "unknown"};
constexpr std::pair<const char*, std::optional<int64_t> FileDetails::*> kNumbers[] = {
    {"accessed_s", &FileDetails::accessed_s},
    {"changed_s", &FileDetails::changed_s},
    {"born_s", &FileDetails::born_s},
    {"uid", &FileDetails::uid},
    {"gid", &FileDetails::gid},
    {"device", &FileDetails::device},
    {"inode", &FileDetails::inode},
    {"hard_links", &FileDetails::hard_links},
    {"block_size", &FileDetails::block_size}};
constexpr std::pair<const char*, std::optional<uint32_t> FileDetails::*> kUnsigned[] = {
    {"mode", &FileDetails::mode},
    {"attributes", &FileDetails::attributes},
    {"volume_serial", &FileDetails::volume_serial}};

// Thrown and caught in this file only: nlohmann throws for the rest of what is malformed anyway.
struct Malformed : std::exception {
  explicit Malformed(std::string w) : what_(std::move(w)) {}
  const char* what() const noexcept override { return what_.c_str(); }
  std::string what_;
};

bool IsUtf8(const std::string& text) {
  try {
    (void)Json(text).dump();
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

// Text is a string; other bytes are {"base64": "..."}.
Json BytesJson(const std::string& bytes) {
  if (IsUtf8(bytes)) return bytes;
  return {{"base64", EncodeBase64(bytes)}};
}

std::string BytesOf(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  auto bytes = DecodeBase64(json.at("base64").get<std::string>());
  if (!bytes) throw Malformed(bytes.error().message);
  return std::move(*bytes);
}

Code CodeFromName(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(Code::kInternal); ++i) {
    if (name == CodeName(static_cast<Code>(i))) return static_cast<Code>(i);
  }
  throw Malformed("no error code '" + Excerpt(name) + "'");
}

Json EntryJson(const DirEntry& entry) {
  return {{"name", BytesJson(entry.name)}, {"type", kFileTypeNames[static_cast<int>(entry.type)]}};
}

FileType FileTypeOf(const Json& json) {
  const auto name = json.get<std::string>();
  for (size_t i = 0; i < std::size(kFileTypes); ++i) {
    if (name == kFileTypeNames[i]) return kFileTypes[i];
  }
  throw Malformed("no file type '" + Excerpt(name) + "'");
}

// NULL, unknown, integer, double, text.
Json ValueJson(const Value& value) {
  if (IsNull(value)) return nullptr;
  if (IsUnknown(value)) return {{"unknown", true}};
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return BytesJson(std::get<std::string>(value));
}

Value ValueOf(const Json& json) {
  if (json.is_null()) return std::monostate{};
  if (json.is_number_integer()) return json.get<int64_t>();
  if (json.is_number_float()) return json.get<double>();
  if (json.is_object() && json.contains("unknown")) return Unknown{};
  return BytesOf(json);
}

Json AnswerJson(const std::string& bytes) { return {{"content", BytesJson(bytes)}}; }
Json AnswerJson(const Value& value) { return {{"value", ValueJson(value)}}; }
Json AnswerJson(const std::vector<DirEntry>& entries) {
  Json list = Json::array();
  for (const DirEntry& entry : entries) list.push_back(EntryJson(entry));
  return {{"entries", list}};
}
Json AnswerJson(const FileStat& s) {
  return {{"type", kFileTypeNames[static_cast<int>(s.type)]},
          {"size", s.size},
          {"modified_s", s.modified_s},
          {"mode", s.mode},
          {"uid", s.uid},
          {"gid", s.gid}};
}
// What the system does not tell is left out.
Json AnswerJson(const FileDetails& d) {
  Json json = {
      {"kind", kKinds[static_cast<int>(d.kind)]}, {"size", d.size}, {"modified_s", d.modified_s}};
  if (d.link_target) json["link_target"] = BytesJson(*d.link_target);
  for (const auto& [name, field] : kNumbers) {
    if (d.*field) json[name] = *(d.*field);
  }
  for (const auto& [name, field] : kUnsigned) {
    if (d.*field) json[name] = *(d.*field);
  }
  return json;
}
Json AnswerJson(const RegistryContent& content) {
  Json list = Json::array();
  for (const RegistryEntry& e : content.entries) {
    Json one = {{"name", BytesJson(e.name)}, {"type", e.type}};
    if (e.data) one["data"] = BytesJson(*e.data);
    list.push_back(std::move(one));
  }
  return {{"modified_s", content.modified_s}, {"values", list}};
}
Json AnswerJson(const CommandOutput& output) {
  return {{"exit_code", output.exit_code},
          {"out", BytesJson(output.out)},
          {"err", BytesJson(output.err)}};
}
Json CellsJson(const Row& row) {
  Json cells = Json::array();
  for (const Value& cell : row) cells.push_back(ValueJson(cell));
  return cells;
}
Json AnswerJson(const Row& row) { return {{"row", CellsJson(row)}}; }
Json AnswerJson(const Rows& rows) {
  Json list = Json::array();
  for (const Row& row : rows) list.push_back(CellsJson(row));
  return {{"rows", list}};
}
Json AnswerJson(const std::vector<std::string>& names) {
  Json list = Json::array();
  for (const std::string& name : names) list.push_back(BytesJson(name));
  return {{"names", list}};
}
// What may not be asked is left out.
Json AnswerJson(const std::vector<ServiceInfo>& services) {
  Json list = Json::array();
  for (const ServiceInfo& s : services) {
    Json one = {{"name", BytesJson(s.name)},
                {"state", kServiceStates[static_cast<int>(s.state)]},
                {"driver", s.driver},
                {"pid", s.pid}};
    if (s.start) one["start"] = kServiceStarts[static_cast<int>(*s.start)];
    if (s.command) one["command"] = BytesJson(*s.command);
    list.push_back(std::move(one));
  }
  return {{"services", list}};
}
Json AnswerJson(const FileSystemUse& use) {
  return {{"block_size", use.block_size},   {"blocks", use.blocks},
          {"blocks_free", use.blocks_free}, {"blocks_available", use.blocks_available},
          {"inodes", use.inodes},           {"inodes_free", use.inodes_free}};
}
Json AnswerJson(const std::vector<SystemdUnit>& units) {
  Json list = Json::array();
  for (const SystemdUnit& u : units) {
    list.push_back({{"id", BytesJson(u.id)},
                    {"description", BytesJson(u.description)},
                    {"load_state", BytesJson(u.load_state)},
                    {"active_state", BytesJson(u.active_state)},
                    {"sub_state", BytesJson(u.sub_state)},
                    {"following", BytesJson(u.following)},
                    {"object_path", BytesJson(u.object_path)},
                    {"job_id", u.job_id},
                    {"job_type", BytesJson(u.job_type)},
                    {"job_path", BytesJson(u.job_path)}});
  }
  return {{"units", list}};
}
Json AnswerJson(const std::vector<ProcessInfo>& processes) {
  Json list = Json::array();
  for (const ProcessInfo& p : processes) {
    Json one = {{"pid", p.pid}, {"parent_pid", p.parent_pid}, {"name", BytesJson(p.name)}};
    if (p.program) one["program"] = BytesJson(*p.program);
    list.push_back(std::move(one));
  }
  return {{"processes", list}};
}

void Read(const Json& json, std::string& bytes) { bytes = BytesOf(json.at("content")); }
void Read(const Json& json, Value& value) { value = ValueOf(json.at("value")); }
void Read(const Json& json, std::vector<DirEntry>& entries) {
  for (const Json& entry : json.at("entries")) {
    entries.push_back({BytesOf(entry.at("name")), FileTypeOf(entry.at("type"))});
  }
}
void Read(const Json& json, FileStat& s) {
  s = {FileTypeOf(json.at("type")),          json.at("size").get<int64_t>(),
       json.at("modified_s").get<int64_t>(), json.at("mode").get<uint32_t>(),
       json.at("uid").get<int64_t>(),        json.at("gid").get<int64_t>()};
}
template <typename E, size_t N>
E WordOf(const Json& json, const char* const (&words)[N]) {
  const auto word = json.get<std::string>();
  for (size_t i = 0; i < N; ++i) {
    if (word == words[i]) return static_cast<E>(i);
  }
  throw Malformed("no such word: '" + Excerpt(word) + "'");
}
void Read(const Json& json, FileDetails& d) {
  d.kind = WordOf<FileDetails::Kind>(json.at("kind"), kKinds);
  d.size = json.at("size").get<int64_t>();
  d.modified_s = json.at("modified_s").get<int64_t>();
  if (json.contains("link_target")) d.link_target = BytesOf(json.at("link_target"));
  for (const auto& [name, field] : kNumbers) {
    if (json.contains(name)) d.*field = json.at(name).get<int64_t>();
  }
  for (const auto& [name, field] : kUnsigned) {
    if (json.contains(name)) d.*field = json.at(name).get<uint32_t>();
  }
}
void Read(const Json& json, RegistryContent& content) {
  content.modified_s = json.at("modified_s").get<int64_t>();
  for (const Json& one : json.at("values")) {
    RegistryEntry& e = content.entries.emplace_back();
    e.name = BytesOf(one.at("name"));
    e.type = one.at("type").get<std::string>();
    if (one.contains("data")) e.data = BytesOf(one.at("data"));
  }
}
void Read(const Json& json, CommandOutput& output) {
  output = {json.at("exit_code").get<int>(), BytesOf(json.at("out")), BytesOf(json.at("err"))};
}
void Read(const Json& json, Row& row) {
  for (const Json& cell : json.at("row")) row.push_back(ValueOf(cell));
}
void Read(const Json& json, Rows& rows) {
  for (const Json& cells : json.at("rows")) {
    Row& row = rows.emplace_back();
    for (const Json& cell : cells) row.push_back(ValueOf(cell));
  }
}
void Read(const Json& json, std::vector<std::string>& names) {
  for (const Json& name : json.at("names")) names.push_back(BytesOf(name));
}
void Read(const Json& json, std::vector<ServiceInfo>& services) {
  for (const Json& one : json.at("services")) {
    ServiceInfo& s = services.emplace_back();
    s.name = BytesOf(one.at("name"));
    s.state = WordOf<ServiceInfo::State>(one.at("state"), kServiceStates);
    s.driver = one.at("driver").get<bool>();
    s.pid = one.at("pid").get<int64_t>();
    if (one.contains("start")) {
      s.start = WordOf<ServiceInfo::Start>(one.at("start"), kServiceStarts);
    }
    if (one.contains("command")) s.command = BytesOf(one.at("command"));
  }
}
void Read(const Json& json, FileSystemUse& use) {
  use = {json.at("block_size").get<int64_t>(),  json.at("blocks").get<int64_t>(),
         json.at("blocks_free").get<int64_t>(), json.at("blocks_available").get<int64_t>(),
         json.at("inodes").get<int64_t>(),      json.at("inodes_free").get<int64_t>()};
}
void Read(const Json& json, std::vector<SystemdUnit>& units) {
  for (const Json& one : json.at("units")) {
    units.push_back({BytesOf(one.at("id")), BytesOf(one.at("description")),
                     BytesOf(one.at("load_state")), BytesOf(one.at("active_state")),
                     BytesOf(one.at("sub_state")), BytesOf(one.at("following")),
                     BytesOf(one.at("object_path")), one.at("job_id").get<int64_t>(),
                     BytesOf(one.at("job_type")), BytesOf(one.at("job_path"))});
  }
}
void Read(const Json& json, std::vector<ProcessInfo>& processes) {
  for (const Json& one : json.at("processes")) {
    ProcessInfo& p = processes.emplace_back();
    p.pid = one.at("pid").get<int64_t>();
    p.parent_pid = one.at("parent_pid").get<int64_t>();
    p.name = BytesOf(one.at("name"));
    if (one.contains("program")) p.program = BytesOf(one.at("program"));
  }
}

Json QuestionJson(const std::string& question) { return BytesJson(question); }
Json QuestionJson(const std::vector<std::string>& question) {
  Json words = Json::array();
  for (const std::string& word : question) words.push_back(BytesJson(word));
  return words;
}
void Read(const Json& json, std::string& question, std::nullptr_t) { question = BytesOf(json); }
void Read(const Json& json, std::vector<std::string>& question, std::nullptr_t) {
  for (const Json& word : json) question.push_back(BytesOf(word));
}

template <typename T>
Json ResultJson(const Result<T>& answer) {
  if (answer) return AnswerJson(*answer);
  return {
      {"error",
       {{"code", CodeName(answer.error().code)}, {"message", BytesJson(answer.error().message)}}}};
}

template <typename T>
Result<T> ResultOf(const Json& json) {
  if (json.contains("error")) {
    const Json& error = json.at("error");
    return Fail(CodeFromName(error.at("code").get<std::string>()), BytesOf(error.at("message")));
  }
  T answer{};
  Read(json, answer);
  return answer;
}

// [{"ask": ..., "content" | "entries" | ... : ...} or {"ask": ..., "error": {"code", "message"}}]
template <typename K, typename T>
Json AnswersJson(const std::map<K, Result<T>>& answers) {
  Json list = Json::array();
  for (const auto& [question, answer] : answers) {
    Json one = ResultJson(answer);
    one["ask"] = QuestionJson(question);
    list.push_back(std::move(one));
  }
  return list;
}

template <typename K, typename T>
void ReadAnswers(const Json& json, const char* kind, std::map<K, Result<T>>& answers) {
  if (!json.contains(kind)) return;
  for (const Json& one : json.at(kind)) {
    K question;
    Read(one.at("ask"), question, nullptr);
    answers.insert_or_assign(question, ResultOf<T>(one));
  }
}

Recording RecordingOf(const Json& json) {
  if (json.at("schema") != kSchema) throw Malformed("schema is not " + std::string(kSchema));
  Recording recording;
  recording.origin = json.at("origin").get<std::string>();
  if (recording.origin.empty()) throw Malformed("origin is empty");
  const auto os = OsFromName(json.at("os").get<std::string>());
  if (!os) throw Malformed("os is none of ours");
  recording.os = *os;
  recording.time = {Millis(json.at("time").at("boot_ms").get<int64_t>()),
                    Millis(json.at("time").at("wall_ms").get<int64_t>())};
  ReadAnswers(json, "files", recording.files);
  ReadAnswers(json, "heads", recording.heads);
  ReadAnswers(json, "folders", recording.folders);
  ReadAnswers(json, "stats", recording.stats);
  ReadAnswers(json, "details", recording.details);
  ReadAnswers(json, "links", recording.links);
  ReadAnswers(json, "real_paths", recording.real_paths);
  ReadAnswers(json, "file_systems", recording.file_systems);
  ReadAnswers(json, "commands", recording.commands);
  ReadAnswers(json, "dbus", recording.dbus);
  ReadAnswers(json, "wmi", recording.wmi);
  ReadAnswers(json, "wmi_calls", recording.wmi_calls);
  ReadAnswers(json, "registry", recording.registry);
  ReadAnswers(json, "registry_values", recording.registry_values);
  ReadAnswers(json, "registry_keys", recording.registry_keys);
  if (json.contains("services")) {
    recording.services = ResultOf<std::vector<ServiceInfo>>(json.at("services"));
  }
  if (json.contains("processes")) {
    recording.processes = ResultOf<std::vector<ProcessInfo>>(json.at("processes"));
  }
  if (json.contains("units")) {
    recording.units = ResultOf<std::vector<SystemdUnit>>(json.at("units"));
  }
  return recording;
}

}  // namespace

std::string ToJson(const Recording& r) {
  Json json = {
      {"schema", kSchema},
      {"origin", r.origin},
      {"os", OsName(r.os)},
      {"time", {{"boot_ms", r.time.boot.count()}, {"wall_ms", r.time.wall.count()}}},
      {"files", AnswersJson(r.files)},
      {"heads", AnswersJson(r.heads)},
      {"folders", AnswersJson(r.folders)},
      {"stats", AnswersJson(r.stats)},
      {"details", AnswersJson(r.details)},
      {"links", AnswersJson(r.links)},
      {"real_paths", AnswersJson(r.real_paths)},
      {"file_systems", AnswersJson(r.file_systems)},
      {"commands", AnswersJson(r.commands)},
      {"dbus", AnswersJson(r.dbus)},
      {"wmi", AnswersJson(r.wmi)},
      {"wmi_calls", AnswersJson(r.wmi_calls)},
      {"registry", AnswersJson(r.registry)},
      {"registry_values", AnswersJson(r.registry_values)},
      {"registry_keys", AnswersJson(r.registry_keys)},
  };
  if (r.services) json["services"] = ResultJson(*r.services);
  if (r.processes) json["processes"] = ResultJson(*r.processes);
  if (r.units) json["units"] = ResultJson(*r.units);
  return json.dump(1) + "\n";
}

Result<Recording> RecordingFromJson(std::string_view text) {
  try {
    return RecordingOf(Json::parse(text));
  } catch (const std::exception& e) {  // nlohmann's border
    return Fail(Code::kMalformed, std::string("recording: ") + e.what());
  }
}

}  // namespace sallyport
