// SPDX-License-Identifier: Apache-2.0
// sallyportctl: what the fleet admin asks of the policy service.
#include <absl/synchronization/mutex.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/exit_code.h"
#include "policy/policy.h"
#include "service/ctl/client.h"
#include "service/ctl/lint_view.h"
#include "service/ctl/manifest_view.h"
#include "service/ctl/print.h"

namespace sallyport {
namespace {

struct Command {
  std::string socket = "/var/lib/sallyport-policyd/admin.sock";
  bool json = false;
  std::string device_id;
  std::string role;
  uint32_t uses = 1;
  std::string ttl = "1h";
  std::string name;
  std::string policy_file;
  std::vector<std::string> policy_files;
  bool dry_run = false;
};

int Failed(const Error& error) {
  std::cerr << "sallyportctl: " << error.message << "\n";
  switch (error.code) {
    case Code::kInvalidArgument:
    case Code::kMalformed:
    case Code::kNotFound:
      return static_cast<int>(ExitCode::kFindings);
    case Code::kDenied:
      return static_cast<int>(ExitCode::kPermission);
    case Code::kUnavailable:
    case Code::kTimeout:
      return static_cast<int>(ExitCode::kCannotTell);
    default:
      return static_cast<int>(ExitCode::kInternal);
  }
}

// Text for people or JSON for programs, on stdout.
int Print(const Command& command, const std::string& text, const nlohmann::json& json) {
  std::cout << (command.json
                    ? json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"
                    : text);
  std::cout.flush();
  return static_cast<int>(std::cout.good() ? ExitCode::kOk : ExitCode::kInternal);
}

int ListDevices(const Command& command) {
  const auto devices = AdminClient(command.socket).ListDevices();
  if (!devices) return Failed(devices.error());
  return Print(command, DevicesText(*devices), DevicesJson(*devices));
}

int ShowDevice(const Command& command) {
  const auto device = AdminClient(command.socket).ShowDevice(command.device_id);
  if (!device) return Failed(device.error());
  return Print(command, DeviceText(*device), DeviceJson(*device));
}

int CreateToken(const Command& command) {
  const Result<Millis> ttl = ParseDuration(command.ttl);
  if (!ttl || ttl->count() <= 0) {
    std::cerr << "sallyportctl: --ttl: " << (ttl ? "must be positive" : ttl.error().message)
              << "\n";
    return static_cast<int>(ExitCode::kUsage);
  }
  v1::CreateTokenRequest request;
  request.set_role(command.role == "gateway" ? v1::ROLE_GATEWAY : v1::ROLE_DEVICE);
  request.set_uses(command.uses);
  request.set_ttl_ms(static_cast<uint64_t>(ttl->count()));
  request.set_name(command.name);
  const auto token = AdminClient(command.socket).CreateToken(request);
  if (!token) return Failed(token.error());
  if (!command.json) {
    std::cerr << "valid until " << TimeText(token->expires_at_ms()) << ", shown only now\n";
  }
  return Print(command, token->token() + "\n", TokenJson(*token));
}

int ApplyPolicy(const Command& command) {
  std::ifstream file(command.policy_file, std::ios::binary);
  std::ostringstream yaml;
  yaml << file.rdbuf();
  if (!file) return Failed({Code::kNotFound, command.policy_file + ": cannot be read"});
  v1::ApplyPolicyRequest request;
  request.set_yaml(yaml.str());
  request.set_dry_run(command.dry_run);
  const auto applied = AdminClient(command.socket).ApplyPolicy(request);
  if (!applied)
    return Failed({applied.error().code, command.policy_file + ": " + applied.error().message});
  for (const std::string& warning : applied->warnings()) {
    std::cerr << "warning: " << warning << "\n";
  }
  return Print(command,
               "policy set " + applied->policy_set() +
                   (command.dry_run ? " is good: " : " in force: ") +
                   std::to_string(applied->policies()) + " policies\n",
               AppliedJson(*applied, command.dry_run));
}

// What policies would have leave a laptop; asks no service.
int ShowManifest(const Command& command) {
  const auto set = ReadPolicyFiles(command.policy_files);
  if (!set) return Failed(set.error());
  const auto reads = ReadsOf(*set);
  if (!reads) return Failed(reads.error());
  return Print(command, ManifestText(*set, *reads), ManifestJson(*set, *reads));
}

// What is wrong or weak in policy files; asks no service.
int LintPolicies(const Command& command) {
  const auto report = LintPolicyFiles(command.policy_files);
  if (!report) return Failed(report.error());
  const int printed = Print(command, LintText(*report), LintJson(*report));
  if (printed != 0) return printed;
  return static_cast<int>(report->findings.empty() ? ExitCode::kOk : ExitCode::kFindings);
}

int ShowStatus(const Command& command) {
  const auto status = AdminClient(command.socket).GetStatus();
  if (!status) return Failed(status.error());
  const int printed = Print(command, StatusText(*status), StatusJson(*status));
  if (printed != 0) return printed;
  return static_cast<int>(status->policy_error().empty() ? ExitCode::kOk : ExitCode::kFindings);
}

using Run = int (*)(const Command&);

// Declares the commands; what was chosen ends up in `run`.
void Describe(CLI::App* app, Command* command, Run* run) {
  app->set_version_flag("--version", SALLYPORT_VERSION);
  app->add_option("--socket", command->socket, "admin socket of sallyport-policyd")
      ->envname("SALLYPORT_ADMIN_SOCKET");
  app->add_flag("--json", command->json, "print JSON");
  app->require_subcommand(1);
  app->fallthrough();

  CLI::App* device = app->add_subcommand("device", "enrolled devices")->require_subcommand(1);
  device->fallthrough();
  device->add_subcommand("list", "all of them")->fallthrough()->callback([run] {
    *run = ListDevices;
  });
  CLI::App* show = device->add_subcommand("show", "one, with its verdicts and decisions");
  show->fallthrough();
  show->add_option("ID", command->device_id)->required();
  show->callback([run] { *run = ShowDevice; });

  CLI::App* token = app->add_subcommand("token", "enrollment tokens")->require_subcommand(1);
  token->fallthrough();
  CLI::App* create = token->add_subcommand("create", "make one; it is shown once");
  create->fallthrough();
  create->add_option("--role", command->role, "device or gateway")
      ->required()
      ->check(CLI::IsMember({"device", "gateway"}));
  create->add_option("--uses", command->uses, "how often it may be used")
      ->check(CLI::PositiveNumber);
  create->add_option("--ttl", command->ttl, "how long it is good: 15m, 1h, 2d");
  create->add_option("--name", command->name, "name of the gateway");
  create->callback([run] { *run = CreateToken; });

  CLI::App* policy = app->add_subcommand("policy", "the policy set")->require_subcommand(1);
  policy->fallthrough();
  CLI::App* apply = policy->add_subcommand("apply", "check a file and put it in force");
  apply->fallthrough();
  apply->add_option("FILE", command->policy_file)->required();
  apply->add_flag("--dry-run", command->dry_run, "only check it");
  apply->callback([run] { *run = ApplyPolicy; });
  CLI::App* lint = policy->add_subcommand("lint", "say what is wrong or weak in files of policies");
  lint->fallthrough();
  lint->add_option("FILE", command->policy_files)->required();
  lint->callback([run] { *run = LintPolicies; });
  CLI::App* manifest =
      policy->add_subcommand("manifest", "what files of policies would have leave a laptop");
  manifest->fallthrough();
  manifest->add_option("FILE", command->policy_files)->required();
  manifest->callback([run] { *run = ShowManifest; });

  app->add_subcommand("status", "the service, its policy set and its counters")
      ->fallthrough()
      ->callback([run] { *run = ShowStatus; });
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  CLI::App app("sallyportctl: devices, tokens and policies of the policy service");
  sallyport::Command command;
  sallyport::Run run = nullptr;
  sallyport::Describe(&app, &command, &run);
  try {  // CLI11 throws
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(sallyport::ExitCode::kUsage);
  }
  return run(command);
}
