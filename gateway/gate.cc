// SPDX-License-Identifier: Apache-2.0
#include "gateway/gate.h"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/timerfd.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <utility>

namespace sallyport::gateway {
namespace {

constexpr Millis kAttachAgain{100};
constexpr Millis kAudit{15'000};  // compare with charon and the kernel though nothing was said
constexpr Millis kRepairAgain{50};

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

GateCore::Settings SettingsOf(const GateOptions& options) {
  return {options.record.name.id, options.record.name.trust_domain, options.ruleset.interfaces};
}

Status Install(nft::LeaseTable& table, const GateOptions& options) {
  const auto ownership = table.Install(options.ruleset, options.ownership);
  if (!ownership) return tl::unexpected(ownership.error());
  if (*ownership != options.ownership) {
    spdlog::warn(
        "table inet sallyport is open to other programs (Linux before 6.9, or a table from an "
        "earlier one): if one flushes it, everything is forwarded until this gate has put it back");
  }
  return {};
}

}  // namespace

Millis BootNow() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) +
         std::chrono::duration_cast<Millis>(std::chrono::nanoseconds(now.tv_nsec));
}

Result<std::unique_ptr<Gate>> Gate::Open(GateOptions options, SigningKey identity) {
  auto table = nft::LeaseTable::Open();
  if (!table) return tl::unexpected(table.error());
  auto proving = table->Share();
  if (!proving) return tl::unexpected(proving.error());
  if (Status installed = Install(*table, options); !installed) {
    return tl::unexpected(installed.error());
  }
  if (Status tested = table->SelfTest(); !tested) return tl::unexpected(tested.error());
  auto monitor = nft::Monitor::Open();
  if (!monitor) return tl::unexpected(monitor.error());
  return std::unique_ptr<Gate>(new Gate(std::move(options), std::move(identity), *std::move(table),
                                        *std::move(proving), *std::move(monitor)));
}

Gate::Gate(GateOptions options, SigningKey identity, nft::LeaseTable table, nft::LeaseTable proving,
           nft::Monitor monitor)
    : options_(std::move(options)),
      table_(std::move(table)),
      monitor_(std::move(monitor)),
      core_(SettingsOf(options_)),
      timer_(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK)) {
  worker_ = std::make_unique<CharonWorker>(options_.vici_path, std::move(proving), inbox_);
  link_ = std::make_unique<ServiceLink>(options_.record, std::move(identity), inbox_);
}

Gate::~Gate() {
  link_.reset();
  worker_.reset();
  close(timer_);
}

Status Gate::Run(int stop_fd) {
  worker_->Attach();
  next_audit_ = BootNow() + kAudit;
  for (;;) {
    ArmTimer();
    pollfd fds[] = {{stop_fd, POLLIN, 0},
                    {inbox_.fd(), POLLIN, 0},
                    {monitor_.fd(), POLLIN, 0},
                    {timer_, POLLIN, 0},
                    {charon_ ? charon_->fd() : -1, POLLIN, 0}};
    if (poll(fds, std::size(fds), -1) < 0 && errno != EINTR) {
      return Fail(Code::kInternal, "gate: poll failed");
    }
    if (fds[0].revents != 0) return {};
    // First what takes access away when it is late.
    if (fds[1].revents != 0) {
      for (Note& note : inbox_.Take()) OnNote(std::move(note));
    }
    if (fds[4].revents != 0 && charon_) OnCharonEvents();
    if (fds[2].revents != 0 && monitor_.ChangedByOthers(table_.portid())) {
      spdlog::warn("table inet sallyport was changed by others: bringing it back");
      Repair();
    }
    OnTime();
    Flush();
  }
}

void Gate::OnNote(Note note) {
  std::visit(Overloaded{[this](CharonAttached& n) { OnCharonAttached(std::move(n)); },
                        [this](CharonUnreachable& n) { OnCharonLost(n.error.message); },
                        [this](SessionsListed& n) {
                          listing_ = false;
                          if (charon_)
                            Perform(core_.Listed(std::move(n.sas), BootNow()), std::nullopt);
                        },
                        [this](ProofDone& n) {
                          spdlog::info(
                              "cut {} of {}: {} ({})", n.report.command_id(), n.report.device_id(),
                              n.report.proven() ? "proven" : "NOT PROVEN", n.report.detail());
                          v1::GateMessage message;
                          *message.mutable_cut_report() = std::move(n.report);
                          link_->Send(stream_, std::move(message));
                        },
                        [this](LinkUp& n) { OnLinkUp(n.stream); },
                        [this](LinkDown& n) {
                          if (n.stream != stream_) return;
                          spdlog::info("policy service: stream down: {}", n.why);
                          stream_ = 0;
                          core_.StreamDown();
                        },
                        [this](CommandReceived& n) { OnCommand(n); }},
             note);
}

void Gate::OnLinkUp(uint64_t stream) {
  stream_ = stream;
  Perform(core_.StreamUp(BootNow()), std::nullopt);
}

void Gate::OnCommand(const CommandReceived& received) {
  if (received.stream != stream_) return;  // of a stream that is over
  Perform(core_.Commanded(received.command, BootNow()), received.at);
  if (received.command.has_cut()) {
    spdlog::info("cut {} of {} to {}: {}", received.command.cut().command_id(),
                 received.command.cut().device_id(), v1::Tier_Name(received.command.cut().tier()),
                 received.command.cut().reason());
  }
}

void Gate::OnCharonAttached(CharonAttached attached) {
  charon_.emplace(std::move(attached.events));
  next_attach_ = Millis{0};
  listing_ = false;
  spdlog::info("charon: {} IKE_SAs", attached.sas.size());
  Perform(core_.Listed(std::move(attached.sas), BootNow()), std::nullopt);
  // Adopts at the first time; later it closes what was left while charon was away.
  if (!Resettle()) Repair();
  OnCharonEvents();
  if (charon_ && !ready_) SayReady();
}

void Gate::OnCharonLost(const std::string& why) {
  if (charon_ || next_attach_.count() == 0) spdlog::warn("charon: {}", why);
  charon_.reset();
  listing_ = false;
  next_attach_ = BootNow() + kAttachAgain;
  Perform(core_.SessionsLost(BootNow()), std::nullopt);
}

void Gate::OnCharonEvents() {
  for (;;) {
    auto event = charon_->NextEvent();
    if (!event) {
      spdlog::warn("charon: {}", event.error().message);
      charon_.reset();
      worker_->Attach();  // answers at once when nobody listens: then the sessions are lost
      return;
    }
    if (!*event) return;
    const auto heard = ParseSaEvent((*event)->name, (*event)->message);
    if (!heard) {
      spdlog::warn("{}", heard.error().message);
      next_audit_ = BootNow();
    } else if (*heard) {
      Perform(core_.Heard(**heard, BootNow()), std::nullopt);
    }
  }
}

void Gate::OnTime() {
  uint64_t ticks = 0;
  [[maybe_unused]] const ssize_t drained = read(timer_, &ticks, sizeof ticks);
  const Millis now = BootNow();
  Perform(core_.Tick(now), std::nullopt);
  if (next_attach_.count() != 0 && now >= next_attach_) {
    next_attach_ = now + std::chrono::seconds(10);  // the answer sets it anew
    worker_->Attach();
  }
  if (table_broken_) Repair();
  if (now < next_audit_) return;
  next_audit_ = now + kAudit;
  if (!Resettle()) Repair();
  if (charon_ && !listing_) {
    listing_ = true;
    core_.ListingBegins();
    worker_->List();
  }
}

void Gate::Perform(Actions actions, std::optional<std::chrono::steady_clock::time_point> received) {
  const bool cuts = !actions.proofs.empty() || !actions.terminate.empty();
  for (Move& move : actions.moves) {
    // One that waits for this place is overtaken, and with it what it would have left.
    if (queued_.erase(move.place) > 0) move.before = std::nullopt;
    // A cut goes behind nobody's grant.
    if (!cuts) queued_[move.place] = {move, BootNow()};
  }
  if (cuts) {
    if (Status applied = table_.Apply(actions.moves); !applied) {
      spdlog::error("{}", applied.error().message);
      Repair();
    }
  }
  std::vector<TimedProof> proofs;
  for (Proof& proof : actions.proofs) {
    const auto took =
        std::chrono::steady_clock::now() - received.value_or(std::chrono::steady_clock::now());
    proofs.push_back(
        {std::move(proof), std::chrono::duration_cast<std::chrono::microseconds>(took)});
  }
  if (!actions.terminate.empty() || !proofs.empty()) {
    worker_->Terminate(std::move(actions.terminate), std::move(proofs));
  }
  for (v1::GateMessage& message : actions.send) link_->Send(stream_, std::move(message));
}

void Gate::Flush() {
  if (queued_.empty()) return;
  std::vector<Move> moves;
  const Millis now = BootNow();
  for (auto& [place, entry] : std::exchange(queued_, {})) {
    auto& [move, decided] = entry;
    // What waited counts against the lease.
    if (move.after != Tier::kNone)
      move.timeout = std::max(move.timeout - (now - decided), Millis{1});
    moves.push_back(std::move(move));
  }
  if (Status applied = table_.Apply(moves); !applied) {
    spdlog::error("{}", applied.error().message);
    Repair();
  }
}

bool Gate::Repair() {
  table_broken_ = true;
  if (Status installed = Install(table_, options_); !installed) {
    spdlog::error("{}", installed.error().message);
    return false;
  }
  return Resettle();
}

bool Gate::Resettle() {
  queued_.clear();  // the dump decides anew, and the core knows what is wanted
  const auto elements = table_.Dump();
  if (!elements) {
    spdlog::error("{}", elements.error().message);
    return false;
  }
  // Moves only: a dump ends no tunnel and asks for nothing.
  const Actions actions = core_.Dumped(*elements, BootNow());
  if (Status applied = table_.Apply(actions.moves); !applied) {
    spdlog::error("{}", applied.error().message);
    return false;
  }
  table_broken_ = false;
  return true;
}

void Gate::ArmTimer() {
  Millis next = next_audit_;
  if (const auto core = core_.NextDeadline()) next = std::min(next, *core);
  if (next_attach_.count() != 0) next = std::min(next, next_attach_);
  if (table_broken_) next = std::min(next, BootNow() + kRepairAgain);
  next = std::max(next, Millis{1});  // zero would disarm
  itimerspec when{};
  when.it_value.tv_sec = next.count() / 1000;
  when.it_value.tv_nsec = next.count() % 1000 * 1'000'000;
  timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
}

void Gate::SayReady() {
  ready_ = true;
  sd_notify(0, "READY=1");
  spdlog::info("gate {} stands", options_.record.name.id);
  if (options_.ready_file.empty()) return;
  const std::string next = options_.ready_file + ".next";
  std::ofstream(next) << getpid() << "\n";
  std::error_code error;
  std::filesystem::rename(next, options_.ready_file, error);
  if (error) spdlog::error("{}: {}", options_.ready_file, error.message());
}

}  // namespace sallyport::gateway
