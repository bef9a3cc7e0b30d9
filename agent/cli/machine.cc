// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/machine.h"

#include <algorithm>
#include <filesystem>

#include "agent/collector/limited_host.h"
#include "attestation/durable_file.h"
#include "base/utf8_path.h"
#include "collectors/apt_lists.h"
#include "collectors/dpkg_status.h"
#include "collectors/recorded_lists.h"
#include "collectors/recorded_settings.h"
#include "collectors/tables.h"
#include "platform/this_host.h"
#include "policy/query.h"

namespace sallyport {
namespace {

constexpr char kFile[] = "host.json";

bool IsReadWhole(const Schema& schema) {
  return std::ranges::none_of(schema.columns,
                              [](const Column& c) { return c.role == Role::kRequired; });
}

TableResult ReadTable(const Host& host, const std::string& table, const Keys& keys) {
  if (const Collector* collector = FindCollector(host.os(), table)) {
    return Collect(*collector, host, keys);
  }
  TableResult result;
  result.table = table;
  result.keys = keys;
  result.state = State::kUnsupported;
  result.error = "nobody collects it on " + std::string(OsName(host.os()));
  return result;
}

std::vector<TableResult> ReadAll(const Host& host) {
  std::vector<TableResult> results;
  for (const Collector& collector : Collectors(host.os())) {
    if (IsReadWhole(collector.schema)) results.push_back(Collect(collector, host, {}));
  }
  return results;
}

// What no table tells of is left out.
void ShortenLists(Recording* recording) {
  const auto status = recording->files.find(kDpkgStatusPath);
  if (status == recording->files.end() || !status->second) return;
  for (auto& [path, content] : recording->files) {
    if (content && IsAptList(path)) {
      *content = ShortenAptList(path, *std::move(content), *status->second);
    }
  }
  for (auto& [argv, output] : recording->commands) {
    const bool unpacks = argv.size() == 3 && argv[0] == kAptHelper && argv[1] == "cat-file";
    if (unpacks && output) output->out = ShortenAptList("", output->out, *status->second);
  }
}

// Of databases of settings only what tables tell of.
void ShortenDatabases(Recording* recording) {
  for (auto& [path, content] : recording->files) {
    if (content && IsSettingsDatabase(*content)) *content = ShortenSettings(*content);
  }
}

}  // namespace

Machine::Machine(std::vector<std::unique_ptr<Host>> layers)
    : layers_(std::move(layers)), host_(layers_.back().get()) {}

Result<Machine> Machine::This(const std::string& limit_file) {
  const auto limit = PathLimit::Load(MakeThisHost()->os(), limit_file);
  if (!limit) return tl::unexpected(limit.error());
  std::vector<std::unique_ptr<Host>> layers;
  layers.push_back(MakeThisHost(
      DefaultCommands(), [limit = *limit](const std::string& real) { return limit.Check(real); }));
  layers.push_back(std::make_unique<LimitedHost>(*layers.back(), *limit));
  return Machine(std::move(layers));
}

Result<Machine> Machine::Recorded(const std::string& folder) {
  auto host = RecordedHost::Load(folder + "/" + kFile);
  if (!host) return tl::unexpected(host.error());
  std::vector<std::unique_ptr<Host>> layers;
  layers.push_back(std::make_unique<RecordedHost>(*std::move(host)));
  return Machine(std::move(layers));
}

TableResult Machine::Read(const std::string& table, const Keys& keys) const {
  if (table == kCollectorStatus.name) return CollectorStatus(ReadAll(*host_));
  return ReadTable(*host_, table, keys);
}

Result<RecordSummary> Record(const Machine& machine, const std::vector<std::string>& queries,
                             const std::string& folder) {
  const RecordingHost host(machine.host(), "capture of a real machine");
  RecordSummary summary;
  std::vector<TableResult> results = ReadAll(host);
  for (const std::string& sql : queries) {
    const auto fetch = [&](const std::string& table, const Keys& keys) {
      results.push_back(ReadTable(host, table, keys));
      return results.back();
    };
    const auto answer = RunQuery(sql, AllSchemas(), fetch);
    if (!answer) return tl::unexpected(answer.error());
  }
  for (const TableResult& result : results) {
    if (result.state == State::kValue) continue;
    summary.not_read.push_back(result.table + ": " + StateName(result.state) + ": " + result.error);
  }
  summary.tables = results.size() - summary.not_read.size();
  static_cast<void>(host.Time());
  Recording recording = host.recording();
  ShortenLists(&recording);
  ShortenDatabases(&recording);
  std::error_code error;
  std::filesystem::create_directories(PathOf(folder), error);
  if (error) return Fail(Code::kInternal, folder + ": " + error.message());
  const Status written =
      CreateSmallFile(folder + "/" + kFile, ToJson(recording), FileAccess::kOwner);
  if (!written) return tl::unexpected(written.error());
  return summary;
}

}  // namespace sallyport
