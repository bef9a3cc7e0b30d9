// SPDX-License-Identifier: Apache-2.0
// sallyport-collector: reads the machine for the agent. Privileged; opens no network connection.
#include <fcntl.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <QCoreApplication>
#include <QSocketNotifier>
#include <QTimer>
#include <csignal>
#include <filesystem>
#include <random>

#include "agent/collector/agent_link_linux.h"
#include "agent/collector/boot_timer_linux.h"
#include "agent/collector/collection.h"
#include "agent/collector/limited_host.h"
#include "agent/collector/manifest_keeper.h"
#include "agent/collector/progress_marker.h"
#include "attestation/durable_file.h"
#include "base/exit_code.h"
#include "base/text.h"
#include "collectors/tables.h"
#include "platform/host_linux.h"
#include "platform/watcher.h"

namespace sallyport {
namespace {

struct Options {
  std::string socket = "/run/sallyport/collector.sock";
  std::string state = "/var/lib/sallyport/collector";
  std::string service_key;
  std::string limit;
  uid_t agent_uid = 0;
};

// Ends the loop on SIGTERM and SIGINT, after the table that is being read.
class EndSignals {
 public:
  EndSignals() : fd_(Block()), notifier_(fd_.get(), QSocketNotifier::Read) {
    QObject::connect(&notifier_, &QSocketNotifier::activated, [this] {
      notifier_.setEnabled(false);
      QCoreApplication::quit();
    });
  }

 private:
  static Fd Block() {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    sigprocmask(SIG_BLOCK, &wanted, nullptr);
    return Fd(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  Fd fd_;
  QSocketNotifier notifier_;
};

// Joins link, collection, watcher and timer in the Qt loop.
class CollectorProcess {
 public:
  static Result<std::unique_ptr<CollectorProcess>> Make(const Options& options);

 private:
  CollectorProcess(const Options& options, PathLimit limit, ProgressMarker marker)
      : machine_(DefaultCommands(), [limit](const auto& real) { return limit.Check(real); }),
        host_(machine_, limit),
        marker_(std::move(marker)),
        keeper_(options.service_key, options.state + "/manifest.version") {}

  Status Start(const Options& options);
  CollectionPorts Ports();
  void OnRequest(const v1::CollectorRequest& request);
  void Send(v1::CollectedTables tables);
  void Notice(const std::string& text);
  void Continue();  // works until the next piece, and arranges for it

  LinuxHost machine_;
  LimitedHost host_;
  ProgressMarker marker_;
  ManifestKeeper keeper_;
  std::unique_ptr<Collection> collection_;
  std::unique_ptr<Watcher> watcher_;
  std::unique_ptr<BootTimer> timer_;
  std::unique_ptr<AgentLink> link_;
  QTimer next_step_;
};

Result<std::unique_ptr<CollectorProcess>> CollectorProcess::Make(const Options& options) {
  if (const Status made = MakeOwnerFolder(options.state); !made) {
    return tl::unexpected(made.error());
  }
  PathLimit limit = PathLimit::Default();
  if (!options.limit.empty()) {
    const auto text = ReadSmallFile(options.limit);
    if (!text) return tl::unexpected(text.error());
    auto parsed = PathLimit::Parse(*text);
    if (!parsed) return Wrap(parsed.error(), options.limit);
    limit = std::move(*parsed);
  }
  const LinuxHost machine({}, nullptr);
  const auto boot_id = machine.ReadFile("/proc/sys/kernel/random/boot_id");
  if (!boot_id) return tl::unexpected(boot_id.error());
  auto marker = ProgressMarker::Open(
      {.progress = std::filesystem::path(options.socket).parent_path() / "collector.progress",
       .killed = options.state + "/collector.killed"},
      std::string(Trim(*boot_id)), machine.Time());
  if (!marker) return tl::unexpected(marker.error());
  std::unique_ptr<CollectorProcess> process(
      new CollectorProcess(options, std::move(limit), std::move(*marker)));
  if (const Status started = process->Start(options); !started) {
    return tl::unexpected(started.error());
  }
  return process;
}

Status CollectorProcess::Start(const Options& options) {
  if (!marker_.killed_in().empty()) {
    spdlog::warn("the run before was killed while reading {}", marker_.killed_in());
  }
  collection_ = std::make_unique<Collection>(Ports());
  watcher_ = MakeWatcher([this](const WatchEvent& event) {
    collection_->OnEvent(event);
    next_step_.start(0);
  });
  next_step_.setSingleShot(true);
  QObject::connect(&next_step_, &QTimer::timeout, [this] { Continue(); });
  auto timer = BootTimer::Make([this] {
    collection_->OnTime();
    Continue();
  });
  if (!timer) return tl::unexpected(timer.error());
  timer_ = std::move(*timer);
  AgentLink::Handlers handlers{
      .opened =
          [this] {
            spdlog::info("the agent is here");
            collection_->Resend("start");
          },
      .request = [this](const v1::CollectorRequest& request) { OnRequest(request); },
      .closed = [](const std::string& why) { spdlog::info("{}", why); }};
  auto link = AgentLink::Listen(options.socket, options.agent_uid, std::move(handlers));
  if (!link) return tl::unexpected(link.error());
  link_ = std::move(*link);
  return {};
}

CollectionPorts CollectorProcess::Ports() {
  return {.host = &host_,
          .marker = &marker_,
          .find = [this](std::string_view table) { return FindCollector(host_.os(), table); },
          .watch = [this](const auto& targets) { return watcher_->Watch(targets); },
          .send = [this](v1::CollectedTables tables) { Send(std::move(tables)); },
          .notice = [this](const std::string& text) { Notice(text); },
          .seed = std::random_device{}()};
}

void CollectorProcess::OnRequest(const v1::CollectorRequest& request) {
  if (request.has_collect_now()) {
    collection_->CollectNow(
        {request.collect_now().tables().begin(), request.collect_now().tables().end()});
  } else if (request.has_manifest()) {
    auto trusted = keeper_.Take(request.manifest());
    if (!trusted) return Notice("refused: " + trusted.error().message);
    spdlog::info("following manifest version {}, policy set {}", trusted->manifest.version(),
                 Excerpt(trusted->manifest.policy_set()));
    collection_->Follow(std::move(*trusted));
  }
  next_step_.start(0);
}

void CollectorProcess::Send(v1::CollectedTables tables) {
  constexpr size_t kEnvelope = 32;
  for (v1::CollectedTables& part : SplitBySize(std::move(tables), kMaxFrameBytes - kEnvelope)) {
    v1::CollectorMessage message;
    *message.mutable_tables() = std::move(part);
    link_->Send(message);
  }
}

void CollectorProcess::Notice(const std::string& text) {
  spdlog::warn("{}", text);
  v1::CollectorMessage message;
  message.mutable_notice()->set_text(text);
  link_->Send(message);
}

void CollectorProcess::Continue() {
  if (collection_->Step()) {
    next_step_.start(0);
  } else {
    timer_->SetDue(collection_->WakeAt());
  }
}

int Run(int argc, char** argv) {
  Options options;
  CLI::App app{"Reads the machine for sallyport-agent."};
  app.add_option("--socket", options.socket, "where the agent connects")->capture_default_str();
  app.add_option("--state", options.state, "folder for what outlives a restart")
      ->capture_default_str();
  app.add_option("--service-key", options.service_key,
                 "key that signs manifests (SubjectPublicKeyInfo, DER); <state>/service.spki");
  app.add_option("--limit", options.limit, "file of paths that are never read, one per line");
  app.add_option("--agent-uid", options.agent_uid, "the user, besides root, that is served");
  app.set_version_flag("--version", SALLYPORT_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {  // CLI11's border
    return app.exit(e) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  if (options.service_key.empty()) options.service_key = options.state + "/service.spki";
  spdlog::set_default_logger(spdlog::stderr_logger_st("collector"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %n %l: %v");
  QCoreApplication qt(argc, argv);
  const EndSignals end_signals;
  const auto process = CollectorProcess::Make(options);
  if (!process) {
    spdlog::error("{}", process.error().message);
    return static_cast<int>(ExitCode::kInternal);
  }
  return QCoreApplication::exec();
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) { return sallyport::Run(argc, argv); }
