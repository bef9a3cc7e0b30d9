// SPDX-License-Identifier: Apache-2.0
// sallyport: the owner's and the helpdesk's command. stdout is data, stderr is talk.
#include <absl/synchronization/mutex.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "agent/arguments.h"
#include "agent/cli/doctor.h"
#include "agent/cli/doctor_probe.h"
#include "agent/cli/enroll_command.h"
#include "agent/cli/evidence_view.h"
#include "agent/cli/human.h"
#include "agent/cli/json_view.h"
#include "agent/cli/lint_command.h"
#include "agent/cli/local_client.h"
#include "agent/cli/machine.h"
#include "agent/cli/query_view.h"
#include "agent/cli/standing.h"
#include "agent/cli/status_text.h"
#include "agent/cli/tables_view.h"
#include "agent/cli/terminal.h"
#include "agent/places.h"
#include "attestation/tls13.h"
#include "base/exit_code.h"
#include "base/timestamp.h"
#include "base/utf8_path.h"
#include "collectors/tables.h"
#include "policy/query.h"

namespace sallyport {
namespace {

constexpr std::chrono::milliseconds kPatience{5'000};
constexpr std::chrono::milliseconds kCheckPatience{30'000};
constexpr std::chrono::milliseconds kProbe{3'000};

struct CommandLine {
  std::string socket = AgentSocket(DefaultPlaces().run);
  std::string state = DefaultPlaces().state;
  std::string policy;
  std::string raw;
  std::string vici;
  std::string table;
  std::string sql;
  std::string machine;
  std::string limit;
  std::string to;
  std::vector<std::string> queries;
  bool markdown = false;
  bool csv = false;
  bool by_line = false;
  bool json = false;
  bool watch = false;
  EnrollArguments enroll;
  LintArguments lint;
};

Millis WallNow() {
  return std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch());
}

Style TerminalStyle() { return Style(WantsColor(IsTerminal(stdout), std::getenv("NO_COLOR"))); }

ExitCode Complain(ExitCode code, const std::string& message) {
  std::cerr << "sallyport: " << Printable(message) << "\n";
  if (code == ExitCode::kNotRunning) {
    std::cerr << "  start it: " << HowToStart() << "\n"
              << "  more:     sallyport doctor\n";
  }
  return code;
}

ExitCode CodeOf(const Error& error) {
  switch (error.code) {
    case Code::kBadSignature:
      return ExitCode::kBadSignature;
    case Code::kDenied:
      return ExitCode::kPermission;
    case Code::kUnavailable:
    case Code::kTimeout:
      return ExitCode::kCannotTell;
    case Code::kNotFound:
    case Code::kInvalidArgument:
    case Code::kConflict:
    case Code::kTooLarge:
      return ExitCode::kUsage;
    default:
      return ExitCode::kInternal;
  }
}

ExitCode PrintStatus(const CommandLine& line, const v1::AgentStatus& status) {
  std::cout << (line.json ? StatusJson(status, WallNow())
                          : StatusText(status, WallNow(), TerminalStyle()));
  return StandingOf(status).code;
}

tl::expected<v1::AgentStatus, AskError> AskStatus(const CommandLine& line) {
  v1::LocalRequest request;
  request.mutable_status();
  const auto response = Ask(line.socket, request, kPatience);
  if (!response) return tl::unexpected(response.error());
  return response->status();
}

// Each status is whole, and flushed: whoever reads along has it before the next change.
ExitCode RunWatch(const CommandLine& line) {
  const AskError end = Watch(line.socket, kPatience, [&](const v1::AgentStatus& status) {
    const Millis now = WallNow();
    if (line.json) {
      std::cout << StatusJsonLine(status, now) << std::flush;
    } else {
      std::cout << Timestamp(now) << "\n"
                << StatusText(status, now, TerminalStyle()) << "\n"
                << std::flush;
    }
  });
  return Complain(end.code, end.message);
}

ExitCode RunStatus(const CommandLine& line) {
  if (line.watch) return RunWatch(line);
  const auto status = AskStatus(line);
  if (!status) return Complain(status.error().code, status.error().message);
  return PrintStatus(line, *status);
}

ExitCode RunExplain(const CommandLine& line) {
  const auto status = AskStatus(line);
  if (!status) return Complain(status.error().code, status.error().message);
  const Result<std::string> text =
      line.json ? ExplainJson(*status, line.policy, WallNow())
                : ExplainText(*status, line.policy, WallNow(), TerminalStyle());
  if (!text) return Complain(ExitCode::kUsage, text.error().message);
  std::cout << *text;
  return StandingOf(*status).code;
}

ExitCode RunCheckNow(const CommandLine& line) {
  if (IsTerminal(stderr)) std::cerr << "looking again ...\n";
  v1::LocalRequest request;
  request.mutable_check_now();
  const auto response = Ask(line.socket, request, kCheckPatience);
  if (!response) return Complain(response.error().code, response.error().message);
  return PrintStatus(line, response->check_now().status());
}

ExitCode RunEvidenceShow(const CommandLine& line) {
  v1::LocalRequest request;
  request.mutable_evidence();
  const auto response = Ask(line.socket, request, kPatience);
  if (!response) return Complain(response.error().code, response.error().message);
  const Result<EvidenceView> view = OpenEvidence(response->evidence());
  if (!view) return Complain(CodeOf(view.error()), view.error().message);
  if (!line.raw.empty()) {
    std::ofstream file(PathOf(line.raw), std::ios::binary | std::ios::trunc);
    file << response->evidence().envelope().SerializeAsString();
    file.close();
    if (!file) return Complain(ExitCode::kUsage, line.raw + ": cannot be written");
  }
  std::cout << (line.json ? EvidenceJson(response->evidence(), *view, WallNow())
                          : EvidenceText(*view, TerminalStyle()));
  return ExitCode::kOk;
}

ExitCode RunDoctor(const CommandLine& line) {
  Findings found;
  found.remedies = RemediesHere();
  found.socket = line.socket;
  const auto status = AskStatus(line);
  if (status) {
    found.agent = *status;
    if (!status->service_address().empty()) {
      found.tcp = ProbeTcp(status->service_address(), kProbe);
    }
    if (status->key_uri().starts_with("file:")) found.key = ProbeKeyFile(status->key_uri());
  } else {
    found.agent = tl::unexpected(Error{Code::kUnavailable, status.error().message});
  }
  if (!line.vici.empty()) found.vici = ProbeVici(line.vici, kProbe);
  found.disk_free = ProbeDisk(line.state);
  const std::vector<Check> checks = Diagnose(found, WallNow());
  std::cout << (line.json ? DoctorJson(checks, WallNow()) : DoctorText(checks, TerminalStyle()));
  return DoctorCode(checks);
}

ExitCode RunTables(const CommandLine& line) {
  const std::vector<TableCard> tables = AllTableCards();
  if (line.markdown) {
    std::cout << TablesMarkdown(tables);
    return ExitCode::kOk;
  }
  const Result<std::string> text = line.json            ? TablesJson(tables, line.table, WallNow())
                                   : line.table.empty() ? TablesText(tables)
                                                        : TableText(tables, line.table);
  if (!text) return Complain(ExitCode::kUsage, text.error().message);
  std::cout << *text;
  return ExitCode::kOk;
}

ExitCode RunQueryCommand(const CommandLine& line) {
  const Result<Machine> machine =
      line.machine.empty() ? Machine::This(line.limit) : Machine::Recorded(line.machine);
  if (!machine) return Complain(CodeOf(machine.error()), machine.error().message);
  const auto fetch = [&machine](const std::string& table, const Keys& keys) {
    return machine->Read(table, keys);
  };
  const Result<QueryAnswer> answer = RunQuery(line.sql, AllSchemas(), fetch);
  if (!answer) return Complain(CodeOf(answer.error()), answer.error().message);
  const RowFormat format = line.json      ? RowFormat::kJson
                           : line.csv     ? RowFormat::kCsv
                           : line.by_line ? RowFormat::kLine
                                          : RowFormat::kTable;
  std::cout << RowsText(*answer, format, WallNow());
  for (const std::string& doubt : answer->doubts)
    std::cerr << "unknown: " << Printable(doubt) << "\n";
  return answer->doubts.empty() ? ExitCode::kOk : ExitCode::kCannotTell;
}

ExitCode RunRecord(const CommandLine& line) {
  const Result<Machine> machine = Machine::This(line.limit);
  if (!machine) return Complain(CodeOf(machine.error()), machine.error().message);
  const Result<RecordSummary> done = Record(*machine, line.queries, line.to);
  if (!done) return Complain(CodeOf(done.error()), done.error().message);
  for (const std::string& table : done->not_read) std::cerr << Printable(table) << "\n";
  std::cout << line.to << ": " << done->tables << " tables\n";
  std::cerr << "ask it: sallyport query --machine " << line.to << " 'SELECT ...'\n";
  return ExitCode::kOk;
}

ExitCode RunEnrollCommand(const CommandLine& line) {
  if (const Status tls = RequireTls13(); !tls) {
    return Complain(ExitCode::kInternal, tls.error().message);
  }
  EnrollArguments arguments = line.enroll;
  arguments.state = line.state;
  const Result<std::string> device = RunEnroll(arguments);
  if (!device) return Complain(CodeOf(device.error()), device.error().message);
  std::cout << *device << "\n";
  std::cerr << "enrolled; the token file is erased\n";
  return ExitCode::kOk;
}

ExitCode PrintAnswer(const Result<CommandAnswer>& answer) {
  if (!answer) return Complain(CodeOf(answer.error()), answer.error().message);
  std::cout << answer->out;
  return static_cast<ExitCode>(answer->exit_code);
}

ExitCode RunLintCommand(const CommandLine& line) {
  return PrintAnswer(RunLint(line.lint, TerminalStyle(), WallNow()));
}

ExitCode RunVpnListCommand(const CommandLine& line) {
  const VpnListArguments arguments{.machine = line.machine, .limit = line.limit, .json = line.json};
  return PrintAnswer(RunVpnList(arguments, TerminalStyle(), WallNow()));
}

void AddLintOptions(CLI::App* lint, LintArguments* arguments) {
  lint->add_option("path", arguments->paths, "files and folders");
  lint->add_option("--format", arguments->format, "text, json, sarif")
      ->check(CLI::IsMember({"text", "json", "sarif"}))
      ->capture_default_str();
  lint->add_option("--fail-on", arguments->fail_on, "least severity that is exit code 1")
      ->check(CLI::IsMember({"error", "warning", "note", "never"}))
      ->capture_default_str();
  lint->add_option("--pack", arguments->pack, "policy file in place of vpn-hardening.yml");
  CLI::Option* baseline =
      lint->add_option("--baseline", arguments->baseline, "findings of this file do not count");
  lint->add_option("--write-baseline", arguments->write_baseline,
                   "write the findings there; from then on they do not count")
      ->excludes(baseline);
  lint->add_option("--explain", arguments->explain, "what a rule asks for, and why");
}

// One subcommand: its options, and what it runs.
using Command = ExitCode (*)(const CommandLine&);

CLI::App* AddCommand(CLI::App* app, const char* name, const char* about, CommandLine* line,
                     bool json) {
  CLI::App* command = app->add_subcommand(name, about);
  if (json) command->add_flag("--json", line->json, "for programs; see agent/cli/schema");
  return command;
}

int Run(const Arguments& arguments) {
  CommandLine line;
  CLI::App app("Sallyport: why this laptop has the access that it has");
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", SALLYPORT_VERSION);
  app.add_option("--socket", line.socket, "of the agent")->capture_default_str();

  CLI::App* status = AddCommand(&app, "status", "verdict, deadlines, what fails", &line, true);
  status->add_flag("--watch", line.watch, "go on: once more after each change, until ended");
  CLI::App* explain =
      AddCommand(&app, "explain", "what was seen, what is expected, how to mend it", &line, true);
  explain->add_option("policy", line.policy, "only this one");
  CLI::App* check = AddCommand(&app, "check-now", "look again, and get a new verdict", &line, true);
  CLI::App* evidence = app.add_subcommand("evidence", "what leaves this laptop");
  evidence->require_subcommand(1);
  CLI::App* show = AddCommand(evidence, "show", "the last signed evidence, verified", &line, true);
  show->add_option("--raw", line.raw, "write the envelope (protobuf) to this file");
  CLI::App* doctor = AddCommand(&app, "doctor", "find what is broken", &line, true);
  doctor->add_option("--vici", line.vici, "charon's VICI socket, to have the tunnel checked");
  doctor->add_option("--state", line.state, "enrollment folder")->capture_default_str();
  CLI::App* tables =
      AddCommand(&app, "tables", "what can be asked, and how it is read", &line, true);
  tables->add_option("name", line.table, "everything about this one");
  tables->add_flag("--markdown", line.markdown, "docs/tables.md");
  CLI::App* query =
      AddCommand(&app, "query", "rows of this machine, with the rights of who asks", &line, true);
  query->add_option("sql", line.sql, "one SELECT")->required();
  query->add_option("--machine", line.machine, "folder of a recorded machine, asked instead");
  query->add_option("--limit", line.limit, "file of paths that are never read, one per line");
  query->add_flag("--csv", line.csv, "RFC 4180");
  query->add_flag("--line", line.by_line, "a line for each cell");
  CLI::App* record = AddCommand(
      &app, "record", "write down what this machine answers, without secrets", &line, false);
  record->add_option("--to", line.to, "folder")->required();
  record->add_option("--query", line.queries, "SELECT whose files and keys are asked for besides");
  record->add_option("--limit", line.limit, "file of paths that are never read, one per line");
  CLI::App* enroll = AddCommand(&app, "enroll", "get an identity with a token", &line, false);
  enroll->add_option("--service", line.enroll.service, "HOST:PORT of enrollment")->required();
  enroll->add_option("--ca", line.enroll.ca_file, "PEM file of the service's CA")->required();
  enroll->add_option("--token-file", line.enroll.token_file, "erased after use")->required();
  enroll->add_option("--state", line.state, "enrollment folder")->capture_default_str();
  enroll->add_option("--user", line.enroll.user,
                     "that the agent runs as; on Windows NT AUTHORITY\\LOCAL SERVICE");
  CLI::App* lint = AddCommand(
      &app, "lint", "configurations of VPNs in files, judged as on a laptop", &line, false);
  AddLintOptions(lint, &line.lint);
  CLI::App* vpn = app.add_subcommand("vpn", "this laptop's VPN connections");
  vpn->require_subcommand(1);
  CLI::App* vpn_list =
      AddCommand(vpn, "list", "each connection, and what is wrong with it", &line, true);
  vpn_list->add_option("--machine", line.machine, "folder of a recorded machine, asked instead");
  vpn_list->add_option("--limit", line.limit, "file of paths that are never read, one per line");
  bool no_vpn = false;
  enroll->add_flag("--no-vpn", no_vpn, "ask for no VPN certificate");

  try {
    app.parse(arguments.argc(), arguments.argv());
  } catch (const CLI::ParseError& error) {
    return app.exit(error, std::cout, std::cerr) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  line.enroll.want_vpn = !no_vpn;
  const std::pair<CLI::App*, Command> commands[] = {
      {status, RunStatus},      {explain, RunExplain},        {check, RunCheckNow},
      {show, RunEvidenceShow},  {doctor, RunDoctor},          {tables, RunTables},
      {query, RunQueryCommand}, {record, RunRecord},          {enroll, RunEnrollCommand},
      {lint, RunLintCommand},   {vpn_list, RunVpnListCommand}};
  for (const auto& [command, run] : commands) {
    if (command->parsed()) return static_cast<int>(run(line));
  }
  return static_cast<int>(ExitCode::kUsage);
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return sallyport::Run(sallyport::Arguments(argc, argv));
}
