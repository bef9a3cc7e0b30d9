// SPDX-License-Identifier: Apache-2.0
// sallyport-gate: enroll, ruleset, run, status.
#include <absl/synchronization/mutex.h>
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include "attestation/tls13.h"
#include "base/exit_code.h"
#include "base/text.h"
#include "gateway/access.h"
#include "gateway/charon_worker.h"
#include "gateway/gate.h"
#include "gateway/nft/lease_table.h"
#include "gateway/status.h"

namespace sallyport::gateway {
namespace {

constexpr size_t kMaxTokenBytes = 4096;

struct Arguments {
  std::string state;
  std::string service;
  std::string ca;
  std::string token_file;
  std::string access;
  std::vector<std::string> interfaces;
  std::string vici = "/run/charon.vici";
  std::string ready_file;
  bool print = false;
  bool shared_table = false;
  bool json = false;
};

int ExitOf(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
    case Code::kMalformed:
    case Code::kTooLarge:
      return static_cast<int>(ExitCode::kUsage);
    case Code::kDenied:
      return static_cast<int>(ExitCode::kPermission);
    case Code::kNotFound:
      return static_cast<int>(ExitCode::kNotEnrolled);
    case Code::kBadSignature:
      return static_cast<int>(ExitCode::kBadSignature);
    case Code::kUnavailable:
    case Code::kTimeout:
      return static_cast<int>(ExitCode::kCannotTell);
    case Code::kConflict:
      return static_cast<int>(ExitCode::kFindings);
    default:
      return static_cast<int>(ExitCode::kInternal);
  }
}

int Say(const Error& error) {
  std::cerr << "sallyport-gate: " << error.message << "\n";
  return ExitOf(error.code);
}

Result<std::string> ReadToken(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(Code::kInvalidArgument, path + ": cannot be read");
  std::string token(kMaxTokenBytes, '\0');
  in.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<size_t>(in.gcount()));
  return std::string(Trim(token));
}

std::string Hostname() {
  utsname name{};
  uname(&name);
  return name.nodename;
}

int EnrollGate(const Arguments& arguments) {
  const auto token = ReadToken(arguments.token_file);
  if (!token) return Say(token.error());
  EnrollmentOptions options;
  options.folder = arguments.state;
  options.service = arguments.service;
  options.ca_file = arguments.ca;
  options.token = *token;
  options.role = LeafName::Role::kGateway;
  options.want_vpn = true;
  options.hostname = Hostname();
  options.platform = "linux";
  const auto record = Enroll(options);
  if (!record) return Say(record.error());
  std::cout << "enrolled as gateway " << record->name.id << " of " << record->name.trust_domain
            << "\nfor charon: " << arguments.state << "/vpn.key, " << arguments.state
            << "/vpn.crt\n";
  return 0;
}

Result<nft::Ruleset> RulesetOf(const Arguments& arguments) {
  auto access = LoadAccess(arguments.access);
  if (!access) return tl::unexpected(access.error());
  for (const std::string& name : arguments.interfaces) {
    // dev_valid_name() of the kernel, and nothing that would end a string in nft's syntax.
    if (name.empty() || name.size() > 15 || name.find_first_of("/\" \t\n:") != std::string::npos) {
      return Fail(Code::kInvalidArgument, "not an interface name: " + Excerpt(name));
    }
  }
  return nft::Ruleset{*std::move(access), arguments.interfaces};
}

int LoadRuleset(const Arguments& arguments) {
  const auto ruleset = RulesetOf(arguments);
  if (!ruleset) return Say(ruleset.error());
  if (arguments.print) {
    std::cout << nft::Print(*ruleset);
    return 0;
  }
  auto table = nft::LeaseTable::Open();
  if (!table) return Say(table.error());
  const auto installed = table->Install(*ruleset, nft::Ownership::kAnyones);
  if (!installed) return Say(installed.error());
  return 0;
}

int PrintStatus(const Arguments& arguments) {
  auto table = nft::LeaseTable::Open();
  if (!table) return Say(table.error());
  const auto elements = table->Dump();
  if (!elements) {
    std::cerr << "sallyport-gate: " << elements.error().message << "\n";
    return static_cast<int>(elements.error().code == Code::kNotFound ? ExitCode::kNotRunning
                                                                     : ExitCode::kInternal);
  }
  std::optional<std::vector<IkeSa>> sas;
  auto client = vici::Client::Connect(arguments.vici);
  if (auto listed = client ? ListSas(*client) : tl::unexpected(client.error())) {
    sas = *std::move(listed);
  } else {
    std::cerr << "sallyport-gate: " << listed.error().message << "\n";
  }
  std::cout << (arguments.json ? StatusJson(*elements, sas) : StatusText(*elements, sas));
  return 0;
}

// Readable when the gate is asked to end. To be called before any thread is made.
int StopDescriptor() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int RunGate(const Arguments& arguments) {
  const int stop = StopDescriptor();
  auto record = LoadEnrollment(arguments.state);
  if (!record) return Say(record.error());
  auto identity = SigningKey::Open(record->identity_key_uri);
  if (!identity) return Say(identity.error());
  if (!arguments.service.empty()) record->attestation_address = arguments.service;
  auto ruleset = RulesetOf(arguments);
  if (!ruleset) return Say(ruleset.error());
  const auto ownership = arguments.shared_table ? nft::Ownership::kAnyones : nft::Ownership::kOurs;
  auto gate = Gate::Open(
      {*std::move(record), arguments.vici, *std::move(ruleset), ownership, arguments.ready_file},
      *std::move(identity));
  if (!gate) return Say(gate.error());
  const Status ran = (*gate)->Run(stop);
  if (!ran) return Say(ran.error());
  return 0;
}

int Main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("sallyport-gate: leases into packets that pass, their end into packets that do not");
  app.set_version_flag("--version", SALLYPORT_VERSION);
  app.require_subcommand(1);

  CLI::App* enroll =
      app.add_subcommand("enroll", "get this gateway's identity and VPN certificate");
  enroll->add_option("--state", arguments.state, "folder of this gate's identity")->required();
  enroll->add_option("--service", arguments.service, "enrollment listener, host:port")->required();
  enroll->add_option("--ca", arguments.ca, "the service's CA, PEM")->required();
  enroll->add_option("--token-file", arguments.token_file, "file with a gateway token")->required();

  CLI::App* ruleset = app.add_subcommand("ruleset", "load the base ruleset: run before charon");
  CLI::App* run = app.add_subcommand("run", "be the gate");
  for (CLI::App* command : {ruleset, run}) {
    command->add_option("--access", arguments.access, "access file, YAML")->required();
    command->add_option("--interface", arguments.interfaces, "interface of the tunnels; repeatable")
        ->required();
  }
  ruleset->add_flag("--print", arguments.print, "only show it, in nft's syntax");
  run->add_option("--state", arguments.state, "folder of this gate's identity")->required();
  run->add_option("--service", arguments.service,
                  "attestation listener, host:port (default: as enrolled)");
  run->add_flag("--shared-table", arguments.shared_table,
                "let other programs change table inet sallyport while this gate runs");
  run->add_option("--ready-file", arguments.ready_file, "written once the gate stands");

  CLI::App* status = app.add_subcommand("status", "who may pass, by the kernel's own word");
  status->add_flag("--json", arguments.json, "schema sallyport.gate-status/v1");
  for (CLI::App* command : {run, status}) {
    command->add_option("--vici", arguments.vici, "charon's VICI socket")->capture_default_str();
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  spdlog::set_default_logger(spdlog::stderr_color_st("gate"));
  if (enroll->parsed()) return EnrollGate(arguments);
  if (ruleset->parsed()) return LoadRuleset(arguments);
  if (status->parsed()) return PrintStatus(arguments);
  spdlog::set_default_logger(spdlog::stderr_color_mt("run"));
  return RunGate(arguments);
}

}  // namespace
}  // namespace sallyport::gateway

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  if (const auto required = sallyport::RequireTls13(); !required) {
    return sallyport::gateway::Say(required.error());
  }
  return sallyport::gateway::Main(argc, argv);
}
