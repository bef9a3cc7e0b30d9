// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/lint_command.h"

#include <filesystem>
#include <fstream>

#include "agent/cli/machine.h"
#include "agent/lint/baseline.h"
#include "agent/lint/built_in_pack.h"
#include "agent/lint/config_lint.h"
#include "agent/lint/report_view.h"
#include "agent/lint/vpn_file_kinds.h"
#include "agent/lint/vpn_list.h"
#include "base/utf8_path.h"
#include "collectors/tables.h"
#include "platform/this_host.h"

namespace sallyport {
namespace {

Result<std::string> ReadNamed(const Host& host, const std::string& path) {
  Result<std::string> text = host.ReadFile(Utf8Of(std::filesystem::absolute(PathOf(path))));
  return text ? std::move(text) : Fail(text.error().code, path + ": cannot be read");
}

Status Write(const std::string& path, const std::string& text) {
  std::ofstream file(PathOf(path), std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  return file ? Status() : Fail(Code::kInvalidArgument, path + ": cannot be written");
}

Result<PackJudge> MakeJudge(const Host& host, const std::string& pack,
                            std::span<const Schema> schemas) {
  if (pack.empty()) return PackJudge::Make(BuiltInPack(), "vpn-hardening.yml", schemas);
  const Result<std::string> yaml = ReadNamed(host, pack);
  if (!yaml) return tl::unexpected(yaml.error());
  Result<PackJudge> judge = PackJudge::Make(*yaml, pack, schemas);
  return judge ? std::move(judge) : Fail(Code::kInvalidArgument, judge.error().message);
}

Status Bear(const Host& host, const LintArguments& arguments, ConfigReport* report) {
  std::string text;
  if (!arguments.write_baseline.empty()) {
    text = BaselineJson(*report);
    if (Status written = Write(arguments.write_baseline, text); !written) return written;
  } else if (!arguments.baseline.empty()) {
    Result<std::string> read = ReadNamed(host, arguments.baseline);
    if (!read) return tl::unexpected(read.error());
    text = std::move(*read);
  } else {
    return {};
  }
  const auto baseline = ParseBaseline(text);
  if (!baseline) {
    return Fail(Code::kInvalidArgument, arguments.baseline + ": " + baseline.error().message);
  }
  ApplyBaseline(*baseline, report);
  return {};
}

std::string Shown(const ConfigReport& report, const std::string& format, const Style& style,
                  Millis now_wall) {
  if (format == "json") return LintJson(report, now_wall);
  return format == "sarif" ? LintSarif(report) : LintText(report, style);
}

}  // namespace

Result<CommandAnswer> RunLint(const LintArguments& arguments, const Style& style, Millis now_wall) {
  const auto host = MakeThisHost();
  const std::vector<Schema> schemas = AllSchemas();
  Result<PackJudge> judge = MakeJudge(*host, arguments.pack, schemas);
  if (!judge) return tl::unexpected(judge.error());
  if (!arguments.explain.empty()) {
    ConfigReport rules;
    rules.rules = judge->Rules();
    for (const ConfigRule& rule : FileRules()) rules.rules.push_back(rule);
    const Result<std::string> text = ExplainRule(rules, arguments.explain);
    if (!text) return tl::unexpected(text.error());
    return CommandAnswer{*text, 0};
  }
  if (arguments.paths.empty()) {
    return Fail(Code::kInvalidArgument, "lint: which files or folders?");
  }
  Result<ConfigReport> report = LintPaths(*host,
                                          {.paths = arguments.paths,
                                           .folder = Utf8Of(std::filesystem::current_path()),
                                           .kinds = VpnFileKinds(),
                                           .now_wall = now_wall},
                                          &*judge);
  if (!report) return tl::unexpected(report.error());
  if (Status borne = Bear(*host, arguments, &*report); !borne) {
    return tl::unexpected(borne.error());
  }
  return CommandAnswer{Shown(*report, arguments.format, style, now_wall),
                       LintExitCode(*report, SeverityFromName(arguments.fail_on))};
}

Result<CommandAnswer> RunVpnList(const VpnListArguments& arguments, const Style& style,
                                 Millis now_wall) {
  const Result<Machine> machine = arguments.machine.empty() ? Machine::This(arguments.limit)
                                                            : Machine::Recorded(arguments.machine);
  if (!machine) return tl::unexpected(machine.error());
  const std::vector<Schema> schemas = AllSchemas();
  Result<PackJudge> judge = PackJudge::Make(BuiltInPack(), "vpn-hardening.yml", schemas);
  if (!judge) return tl::unexpected(judge.error());
  VpnList list;
  for (std::string_view name : VpnTables()) {
    list.tables.push_back(machine->Read(std::string(name), {}));
  }
  ConfigReport report;
  report.findings = judge->Judge(machine->host().os(), list.tables, "this machine");
  FinishReport(&report);
  list.findings = std::move(report.findings);
  return CommandAnswer{arguments.json ? VpnListJson(list, now_wall) : VpnListText(list, style),
                       VpnListExitCode(list)};
}

}  // namespace sallyport
