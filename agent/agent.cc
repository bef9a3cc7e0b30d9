// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <system_error>
#include <utility>

#include "agent/status_change.h"
#include "base/exit_code.h"
#include "base/utf8_path.h"
#include "platform/this_host.h"

namespace sallyport {
namespace {

constexpr Millis kRetryStart{10'000};
constexpr Millis kCheckPatience{20'000};

// A state that does not parse any more is set aside: the service tells from which epoch to go on.
Result<EvidenceChain> OpenChain(const std::string& path) {
  Result<EvidenceChain> chain = EvidenceChain::Open(path);
  if (chain || chain.error().code != Code::kMalformed) return chain;
  spdlog::error("{}; set aside as {}.bad", chain.error().message, path);
  std::error_code moved;
  std::filesystem::rename(PathOf(path), PathOf(path + ".bad"), moved);
  return moved ? chain : EvidenceChain::Open(path);
}

}  // namespace

struct Agent::Enrolled {
  EnrollmentRecord record;
  EvidenceChain chain;
  Spool spool;
  std::unique_ptr<Attester> attester;
  std::unique_ptr<WakeTimer> wake;
  std::unique_ptr<CollectorLink> collector;
  std::unique_ptr<Uplink> uplink;
};

Agent::Agent(AgentOptions options, const Host& host)
    : options_(std::move(options)),
      host_(host),
      retry_([this] { TryEnrollment(); }),
      checks_end_([this] { FinishChecks(); }),
      access_ends_([this] { TellWatchers(); }) {}

Agent::~Agent() = default;

Status Agent::Start() {
  auto server = LocalServer::Listen(
      options_.socket, options_.owners, [this] { return Time(); },
      [this](const v1::LocalRequest& request, LocalServer::Reply reply) {
        OnRequest(request, reply);
      },
      LocalServer::Patience{});
  if (!server) return tl::unexpected(server.error());
  server_ = *std::move(server);
  TryEnrollment();
  return {};
}

void Agent::TryEnrollment() {
  if (enrolled_) return;
  const Result<EnrollmentRecord> record = LoadEnrollment(options_.state);
  if (record) {
    watcher_.reset();
    const Status begun = Begin(*record);
    if (begun) return;
    enrolled_.reset();
    watcher_.reset();
    start_error_ = begun.error().message;
    spdlog::error("cannot begin: {}", start_error_);
    retry_.Set(Time().boot + kRetryStart);
    return TellWatchers();
  }
  if (record.error().code != Code::kNotFound) {
    start_error_ = record.error().message;
    spdlog::error("enrollment: {}", start_error_);
    retry_.Set(Time().boot + kRetryStart);
    return TellWatchers();
  }
  if (watcher_) return;
  spdlog::info("not enrolled; waiting for {}", StatePath("enrollment.json"));
  // From the event loop, not from inside the watcher, which TryEnrollment may destroy.
  watcher_ = MakeWatcher([this](const WatchEvent&) { retry_.Set(Time().boot); });
  const Status watched =
      watcher_->Watch({{WatchTarget::Kind::kPath, StatePath("enrollment.json")}});
  if (!watched) spdlog::error("{}", watched.error().message);
}

std::unique_ptr<Uplink> Agent::MakeUplink(const EnrollmentRecord& record, const SigningKey& key) {
  Uplink::Events events;
  events.hello = [this] { return enrolled_->attester->Hello(); };
  events.on_message = [this](const v1::ServiceMessage& message) {
    if (message.has_hello()) watcher_.reset();
    Do(enrolled_->attester->OnService(message, Time()));
  };
  events.on_down = [this] { Do(enrolled_->attester->OnStreamClosed(Time())); };
  events.on_failed = [this] {
    if (!enrolled_->uplink->connected()) {
      FinishChecks();
      WatchNetwork();
    }
    TellWatchers();
  };
  return std::make_unique<Uplink>(
      record, key, [this] { return Time(); }, std::move(events));
}

Status Agent::Begin(const EnrollmentRecord& record) {
  Result<SigningKey> key = SigningKey::Open(record.identity_key_uri);
  if (!key) return tl::unexpected(key.error());
  const Result<PublicKey> service_key = PublicKey::FromSpki(record.service_key_spki);
  if (!service_key) return tl::unexpected(service_key.error());
  // The way to the service takes longest; what follows goes on meanwhile. Nothing comes back from
  // it before the event loop runs.
  std::unique_ptr<Uplink> uplink = MakeUplink(record, *key);
  uplink->Start();
  Result<EvidenceChain> chain = OpenChain(StatePath("chain"));
  if (!chain) return tl::unexpected(chain.error());
  Result<Spool> spool = Spool::Open(StatePath("spool.db"), options_.spool);
  if (!spool) return tl::unexpected(spool.error());

  enrolled_.reset(new Enrolled{record, *std::move(chain), *std::move(spool), nullptr, nullptr,
                               nullptr, std::move(uplink)});
  Enrolled& all = *enrolled_;
  const Result<std::string> boot_id = BootId();
  if (!boot_id) return tl::unexpected(boot_id.error());
  AttesterOptions options;
  options.device_id = record.name.id;
  options.agent_version = SALLYPORT_VERSION;
  options.platform = OsName(host_.os());
  options.hostname = MachineName();
  options.boot_id = *boot_id;
  options.seed = std::random_device{}();
  all.attester =
      std::make_unique<Attester>(options, *key, *service_key, &all.chain, &all.spool, Time());
  all.wake = std::make_unique<WakeTimer>([this] { Do(enrolled_->attester->OnTime(Time())); });

  CollectorLink::Events link;
  link.on_open = [this] { Do(enrolled_->attester->OnCollectorOpen(Time())); };
  link.on_closed = [this](const std::string& why) {
    spdlog::warn("collector: {}", why);
    Do(enrolled_->attester->OnCollectorClosed(Time()));
  };
  link.on_message = [this](const v1::CollectorMessage& message) { OnCollectorMessage(message); };
  all.collector = std::make_unique<CollectorLink>(
      options_.collector_socket, [this] { return Time(); }, std::move(link));

  std::ifstream kept(PathOf(StatePath("manifest.dsse")), std::ios::binary);
  v1::Envelope manifest;
  if (kept && manifest.ParseFromIstream(&kept)) Do(all.attester->OnKeptManifest(manifest, Time()));
  all.collector->Start();
  start_error_.clear();
  Do({});
  return {};
}

// Only as long as no stream is in use does it matter where the network leads.
void Agent::WatchNetwork() {
  if (watcher_) return;
  watcher_ = MakeWatcher([this](const WatchEvent&) { enrolled_->uplink->NetworkChanged(); });
  const Status watched = watcher_->Watch({{WatchTarget::Kind::kNetwork, "", 0}});
  if (!watched) spdlog::warn("{}", watched.error().message);
}

void Agent::OnCollectorMessage(const v1::CollectorMessage& message) {
  if (message.has_tables()) {
    Do(enrolled_->attester->OnCollected(message.tables(), Time()));
  } else if (message.has_notice()) {
    spdlog::warn("collector: {}", message.notice().text());
  }
}

void Agent::Do(const Actions& actions) {
  for (const Action& action : actions) DoOne(action);
  enrolled_->wake->Set(enrolled_->attester->WakeAt(Time()));
  TellWatchers();
}

void Agent::DoOne(const Action& action) {
  Enrolled& all = *enrolled_;
  if (const auto* send = std::get_if<action::Send>(&action)) {
    all.uplink->Send(send->message);
  } else if (const auto* give = std::get_if<action::GiveManifest>(&action)) {
    v1::CollectorRequest request;
    *request.mutable_manifest() = give->manifest;
    all.collector->Send(request);
  } else if (const auto* keep = std::get_if<action::KeepManifest>(&action)) {
    KeepManifest(keep->manifest);
  } else if (const auto* ask = std::get_if<action::AskCollector>(&action)) {
    v1::CollectorRequest request;
    v1::CollectNow* now = request.mutable_collect_now();
    for (const std::string& table : ask->tables) now->add_tables(table);
    all.collector->Send(request);
  } else if (const auto* drop = std::get_if<action::DropStream>(&action)) {
    all.uplink->Drop(drop->reason);
  } else if (const auto* accepted = std::get_if<action::Accepted>(&action)) {
    all.uplink->Worked(accepted->lease);
  } else if (std::holds_alternative<action::CheckDone>(action)) {
    FinishChecks();
  } else if (const auto* warn = std::get_if<action::Warn>(&action)) {
    spdlog::warn("{}", warn->text);
  }
}

// Only a head start for the next run: the envelope is verified again, so a torn file does no harm.
void Agent::KeepManifest(const v1::Envelope& manifest) {
  const std::string path = StatePath("manifest.dsse");
  const std::string bytes = manifest.SerializeAsString();
  {
    std::ofstream file(PathOf(path + ".new"), std::ios::binary | std::ios::trunc);
    file << bytes;
    file.close();
    if (!file) return spdlog::warn("{}.new: cannot be written", path);
  }
  std::error_code moved;
  std::filesystem::rename(PathOf(path + ".new"), PathOf(path), moved);
  if (moved) spdlog::warn("{}: {}", path, moved.message());
}

v1::AgentStatus Agent::StatusNow() const {
  v1::AgentStatus status;
  status.set_agent_version(SALLYPORT_VERSION);
  status.set_now_boot_ms(static_cast<uint64_t>(Time().boot.count()));
  if (!enrolled_) {
    status.set_connection_error(start_error_);
    return status;
  }
  enrolled_->attester->Describe(Time(), &status);
  enrolled_->uplink->Describe(&status);
  status.set_key_uri(enrolled_->record.identity_key_uri);
  return status;
}

void Agent::OnRequest(const v1::LocalRequest& request, const LocalServer::Reply& reply) {
  v1::LocalResponse response;
  if (request.has_status() || request.has_watch()) {
    *response.mutable_status() = StatusNow();
    if (request.has_watch()) told_ = response.status();
    return reply(response);
  }
  if (!enrolled_) {
    response.mutable_error()->set_exit_code(static_cast<uint32_t>(ExitCode::kNotEnrolled));
    response.mutable_error()->set_message("this laptop is not enrolled");
    return reply(response);
  }
  if (request.has_check_now()) return OnCheckNow(reply);
  const Result<v1::EvidenceResponse> evidence = enrolled_->attester->LastEvidence();
  if (evidence) {
    *response.mutable_evidence() = *evidence;
  } else {
    response.mutable_error()->set_exit_code(static_cast<uint32_t>(ExitCode::kCannotTell));
    response.mutable_error()->set_message(evidence.error().message);
  }
  reply(response);
}

// Without a stream the next try to get one is due now, and its failure is an answer, too.
void Agent::OnCheckNow(const LocalServer::Reply& reply) {
  if (checks_.empty()) checks_end_.Set(Time().boot + kCheckPatience);
  checks_.push_back(reply);
  Do(enrolled_->attester->OnCheckNow(Time()));
  if (!enrolled_->uplink->TryNow()) FinishChecks();
}

// What the watchers see next may also be the end of the lease, of which nobody sends word.
void Agent::TellWatchers() {
  if (!server_ || server_->watchers() == 0) return;
  const v1::AgentStatus status = StatusNow();
  const Millis left(static_cast<Millis::rep>(status.lease_left_ms()));
  access_ends_.Set(left > Millis(0) ? std::optional(Time().boot + left) : std::nullopt);
  if (SaysTheSame(status, told_)) return;
  told_ = status;
  v1::LocalResponse response;
  *response.mutable_status() = status;
  server_->Tell(response);
}

void Agent::FinishChecks() {
  checks_end_.Set(std::nullopt);
  const auto checks = std::exchange(checks_, {});
  if (checks.empty()) return;
  v1::LocalResponse response;
  *response.mutable_check_now()->mutable_status() = StatusNow();
  for (const LocalServer::Reply& reply : checks) reply(response);
}

}  // namespace sallyport
