// SPDX-License-Identifier: Apache-2.0
// sallyport-supervisor: starts sallyport-collector (privileged, no network) and sallyport-agent
// (network, no privileges) where no systemd does.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "agent/supervisor/supervisor_linux.h"
#include "agent/user_posix.h"
#include "base/exit_code.h"

namespace sallyport {
namespace {

struct Options {
  std::string state = "/var/lib/sallyport";
  std::string run = "/run/sallyport";
  std::string user = "sallyport";
  std::string collector;
  std::string agent;
  bool without_agent = false;
  std::string service_key;
  std::string limit;
  std::vector<std::string> agent_args;
  int table_deadline_s = 30;
  uint64_t max_rss_mib = 256;
};

Status MakeFolders(const Options& options, const User& user) {
  if (Status ok = MakeFolder(options.state, 0755, {0, 0}); !ok) return ok;
  if (Status ok = MakeFolder(options.state + "/collector", 0700, {0, 0}); !ok) return ok;
  return MakeAgentFolders(options.state + "/agent", options.run, user);
}

SupervisorOptions Arrange(const Options& options, const User& user) {
  SupervisorOptions out;
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  out.collector =
      options.collector.empty() ? (here / "sallyport-collector").string() : options.collector;
  if (!options.without_agent) {
    out.agent = options.agent.empty() ? (here / "sallyport-agent").string() : options.agent;
  }
  const std::string key =
      options.service_key.empty() ? options.state + "/agent/service.spki" : options.service_key;
  out.collector_args = {"--state",       options.state + "/collector",
                        "--socket",      options.run + "/collector.sock",
                        "--agent-user",  std::to_string(user.uid),
                        "--service-key", key};
  if (!options.limit.empty()) {
    out.collector_args.insert(out.collector_args.end(), {"--limit", options.limit});
  }
  out.agent_args = {"--state", options.state + "/agent", "--run", options.run};
  out.agent_args.insert(out.agent_args.end(), options.agent_args.begin(), options.agent_args.end());
  if (geteuid() == 0) out.agent_user = user;
  out.marker = options.run + "/collector.progress";
  out.table_deadline = std::chrono::seconds(options.table_deadline_s);
  out.max_rss_bytes = options.max_rss_mib << 20;
  return out;
}

Status Start(const Options& options) {
  const auto user = FindAgentUser(options.user);
  if (!user) return tl::unexpected(user.error());
  if (const Status made = MakeFolders(options, *user); !made) return made;
  return Supervise(Arrange(options, *user));
}

int Run(int argc, char** argv) {
  Options options;
  CLI::App app{"Keeps sallyport-collector and sallyport-agent running."};
  app.add_option("--state", options.state, "holds agent/ (of the user) and collector/ (of root)")
      ->capture_default_str();
  app.add_option("--run", options.run, "holds collector.sock and agent.sock")
      ->capture_default_str();
  app.add_option("--user", options.user, "who the agent runs as")->capture_default_str();
  app.add_option("--collector", options.collector, "program; beside this one");
  app.add_option("--agent", options.agent, "program; beside this one");
  app.add_flag("--without-agent", options.without_agent, "the collector alone");
  app.add_option("--service-key", options.service_key,
                 "key that signs manifests; <state>/agent/service.spki");
  app.add_option("--limit", options.limit, "file of paths that the collector never reads");
  app.add_option("--agent-arg", options.agent_args, "more for the agent (repeatable)")
      ->allow_extra_args(false);
  app.add_option("--table-deadline", options.table_deadline_s,
                 "seconds; a table that takes longer ends the collector")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--max-rss-mib", options.max_rss_mib, "a collector that is larger is ended")
      ->check(CLI::Range(16, 65536))
      ->capture_default_str();
  app.set_version_flag("--version", SALLYPORT_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {  // CLI11's border
    return app.exit(e) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  spdlog::set_default_logger(spdlog::stderr_logger_st("supervisor"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %n %l: %v");
  if (const Status ended = Start(options); !ended) {
    spdlog::error("{}", ended.error().message);
    return static_cast<int>(ended.error().code == Code::kDenied ? ExitCode::kPermission
                                                                : ExitCode::kInternal);
  }
  return 0;
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) { return sallyport::Run(argc, argv); }
