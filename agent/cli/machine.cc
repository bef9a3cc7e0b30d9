// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/machine.h"

#include <algorithm>
#include <filesystem>

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

// `host_of` says what a table is read through.
template <typename HostOf>
std::vector<TableResult> ReadAll(Os os, const HostOf& host_of) {
  std::vector<TableResult> results;
  for (const Collector& collector : Collectors(os)) {
    if (!IsReadWhole(collector.schema)) continue;
    results.push_back(Collect(collector, host_of(collector.schema.name), {}));
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

Machine::Machine(const PathLimit& limit) : here_(std::make_unique<LimitedMachine>(limit)) {}

Machine::Machine(std::unique_ptr<Host> recorded) : recorded_(std::move(recorded)) {}

Result<Machine> Machine::This(const std::string& limit_file) {
  const auto limit = PathLimit::Load(MakeThisHost()->os(), limit_file);
  if (!limit) return tl::unexpected(limit.error());
  return Machine(*limit);
}

Result<Machine> Machine::Recorded(const std::string& folder) {
  auto host = RecordedHost::Load(folder + "/" + kFile);
  if (!host) return tl::unexpected(host.error());
  return Machine(std::make_unique<RecordedHost>(*std::move(host)));
}

const Host& Machine::host() const { return recorded_ ? *recorded_ : here_->host(); }

const Host& Machine::HostFor(std::string_view table) const {
  return recorded_ ? *recorded_ : here_->HostFor(table);
}

TableResult Machine::Read(const std::string& table, const Keys& keys) const {
  if (table == kCollectorStatus.name) {
    const auto host_of = [this](std::string_view name) -> const Host& { return HostFor(name); };
    return CollectorStatus(ReadAll(host().os(), host_of));
  }
  return ReadTable(HostFor(table), table, keys);
}

Result<RecordSummary> Record(const Machine& machine, const std::vector<std::string>& queries,
                             const std::string& folder) {
  const RecordingHost host(machine.host(), "capture of a real machine");
  RecordSummary summary;
  const auto host_of = [&host](std::string_view) -> const Host& { return host; };
  std::vector<TableResult> results = ReadAll(host.os(), host_of);
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
