// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/collector_process.h"

#include <spdlog/spdlog.h>

#include <random>
#include <utility>

#include "agent/frame.h"
#include "attestation/durable_file.h"
#include "base/text.h"
#include "collectors/tables.h"
#include "platform/this_host.h"

namespace sallyport {

Result<std::unique_ptr<CollectorProcess>> CollectorProcess::Make(const CollectorOptions& options) {
  if (const Status made = MakeOwnerFolder(options.state); !made) {
    return tl::unexpected(made.error());
  }
  const std::unique_ptr<Host> here = MakeThisHost();
  const auto limit = PathLimit::Load(here->os(), options.limit);
  if (!limit) return tl::unexpected(limit.error());
  const auto boot_id = BootId();
  if (!boot_id) return tl::unexpected(boot_id.error());
  auto marker = ProgressMarker::Open(
      {.progress = options.progress, .killed = options.state + "/collector.killed"}, *boot_id,
      here->Time());
  if (!marker) return tl::unexpected(marker.error());
  std::unique_ptr<CollectorProcess> process(
      new CollectorProcess(options, *limit, std::move(*marker)));
  if (const Status started = process->Start(options); !started) {
    return tl::unexpected(started.error());
  }
  return process;
}

CollectorProcess::CollectorProcess(const CollectorOptions& options, const PathLimit& limit,
                                   ProgressMarker marker)
    : machine_(limit),
      marker_(std::move(marker)),
      keeper_(options.service_key, options.state + "/manifest.version"),
      timer_([this] {
        collection_->OnTime();
        Continue();
      }) {}

Status CollectorProcess::Start(const CollectorOptions& options) {
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
  AgentLink::Handlers handlers{
      .opened =
          [this] {
            spdlog::info("the agent is here");
            collection_->Resend("start");
          },
      .request = [this](const v1::CollectorRequest& request) { OnRequest(request); },
      .closed = [](const std::string& why) { spdlog::info("{}", why); }};
  auto link = AgentLink::Listen(options.socket, options.agent_user, std::move(handlers));
  if (!link) return tl::unexpected(link.error());
  link_ = std::move(*link);
  return {};
}

CollectionPorts CollectorProcess::Ports() {
  return {
      .host = &machine_.host(),
      .host_of = [this](std::string_view table) { return &machine_.HostFor(table); },
      .marker = &marker_,
      .find = [this](std::string_view table) { return FindCollector(machine_.host().os(), table); },
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
    timer_.Set(collection_->WakeAt());
  }
}

}  // namespace sallyport
