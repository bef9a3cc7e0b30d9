// SPDX-License-Identifier: Apache-2.0
#include "gateway/charon_worker.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>

namespace sallyport::gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kListDeadline = 5s;
constexpr auto kSubscribeDeadline = 1s;
constexpr auto kTerminateDeadline = 2s;
constexpr auto kStillness = 50ms;

// The kernel's and charon's answers, taken once for all proofs.
struct Findings {
  Status watched;  // failed: there may be no table, and no element in one proves nothing
  std::map<Place, Result<Element>> elements;  // kNotFound: the place has none
  Result<std::vector<IkeSa>> sas;
  Result<std::map<Place, uint64_t>> first;
  Result<std::map<Place, uint64_t>> second;
};

bool ElementHolds(const Findings& found, const Proof& proof) {
  if (!found.watched) return false;
  return std::ranges::all_of(proof.places, [&](const Place& place) {
    const Result<Element>& element = found.elements.at(place);
    if (!element) return element.error().code == Code::kNotFound;
    return element->device != proof.device || element->tier <= proof.left;
  });
}

bool SaHolds(const Findings& found, const Proof& proof) {
  if (proof.ike_ids.empty()) return true;
  if (!found.sas) return false;
  return std::ranges::none_of(*found.sas, [&proof](const IkeSa& sa) {
    return std::ranges::count(proof.ike_ids, sa.id) > 0 ||
           std::ranges::any_of(
               sa.spis, [&proof](uint32_t spi) { return std::ranges::count(proof.spis, spi) > 0; });
  });
}

bool CounterHolds(const Findings& found, const Proof& proof) {
  if (proof.places.empty()) return true;
  if (!found.first || !found.second) return false;
  return std::ranges::all_of(proof.places, [&found](const Place& place) {
    const auto first = found.first->find(place);
    const auto second = found.second->find(place);
    return first != found.first->end() && second != found.second->end() &&
           first->second == second->second;
  });
}

v1::CutReport ReportOf(const Findings& found, const TimedProof& timed) {
  const Proof& proof = timed.proof;
  v1::CutReport report;
  report.set_command_id(proof.command_id);
  report.set_device_id(proof.device);
  report.set_element_absent(ElementHolds(found, proof));
  report.set_sa_absent(SaHolds(found, proof));
  report.set_counter_still(CounterHolds(found, proof));
  report.set_proven(report.element_absent() && report.sa_absent() && report.counter_still());
  report.set_took_us(static_cast<uint64_t>(timed.took.count()));
  std::string detail = std::string("left: ") + TierName(proof.left) + ", " +
                       std::to_string(proof.places.size()) + " places, " +
                       std::to_string(proof.ike_ids.size()) + " tunnels ended";
  for (const Place& place : proof.places) {
    const Result<Element>& element = found.elements.at(place);
    if (element || element.error().code == Code::kNotFound) continue;
    detail += "; " + element.error().message;
    break;
  }
  if (!proof.ike_ids.empty() && !found.sas) detail += "; " + found.sas.error().message;
  if (!found.second) detail += "; " + found.second.error().message;
  report.set_detail(detail);
  return report;
}

}  // namespace

Result<std::vector<IkeSa>> ListSas(vici::Client& client) {
  const auto items = client.Stream("list-sas", "list-sa", {}, kListDeadline);
  if (!items) return tl::unexpected(items.error());
  std::vector<IkeSa> out;
  for (const vici::Message& item : *items) {
    auto sa = ParseListedSa(item);
    if (!sa) return tl::unexpected(sa.error());
    out.push_back(*std::move(sa));
  }
  return out;
}

CharonWorker::CharonWorker(std::string vici_path, nft::LeaseTable table, Inbox& inbox)
    : vici_path_(std::move(vici_path)), table_(std::move(table)), inbox_(inbox) {}

CharonWorker::~CharonWorker() = default;

void CharonWorker::Attach() {
  charon_.Add([this] { DoAttach(); });
}

void CharonWorker::List() {
  charon_.Add([this] { DoList(); });
}

void CharonWorker::Terminate(std::vector<uint64_t> ike_ids, std::vector<TimedProof> proofs) {
  charon_.Add([this, ids = std::move(ike_ids), proofs = std::move(proofs)] {
    if (!ids.empty()) DoTerminate(ids);
    if (proofs.empty()) return;
    {
      const std::lock_guard lock(pending_mutex_);
      pending_.insert(pending_.end(), proofs.begin(), proofs.end());
    }
    proving_.Add([this] {
      std::vector<TimedProof> all;
      {
        const std::lock_guard lock(pending_mutex_);
        all.swap(pending_);
      }
      if (!all.empty()) DoProve(all);
    });
  });
}

void CharonWorker::DoAttach() {
  auto events = vici::Client::Connect(vici_path_);
  if (!events) return inbox_.Post(CharonUnreachable{events.error()});
  for (const char* name : kSaEvents) {
    if (Status on = events->Subscribe(name, kSubscribeDeadline); !on) {
      return inbox_.Post(CharonUnreachable{on.error()});
    }
  }
  auto lister = vici::Client::Connect(vici_path_);
  auto sas = lister ? ListSas(*lister) : tl::unexpected(lister.error());
  if (!sas) return inbox_.Post(CharonUnreachable{sas.error()});
  inbox_.Post(CharonAttached{*std::move(events), *std::move(sas)});
}

void CharonWorker::DoList() {
  auto client = vici::Client::Connect(vici_path_);
  auto sas = client ? ListSas(*client) : tl::unexpected(client.error());
  if (!sas) return inbox_.Post(CharonUnreachable{sas.error()});
  inbox_.Post(SessionsListed{*std::move(sas)});
}

// Without force a peer that ignores DELETE keeps its tunnel through all retransmissions.
void CharonWorker::DoTerminate(const std::vector<uint64_t>& ike_ids) {
  auto client = vici::Client::Connect(vici_path_);
  for (uint64_t id : ike_ids) {
    if (!client) client = vici::Client::Connect(vici_path_);
    if (!client) return spdlog::warn("terminate ike-{}: {}", id, client.error().message);
    const auto done = client->Request("terminate",
                                      {{"ike-id", std::to_string(id)},
                                       {"force", std::string("yes")},
                                       {"timeout", std::string("1000")}},
                                      kTerminateDeadline);
    // kConflict: it went by itself.
    if (done || done.error().code == Code::kConflict) continue;
    spdlog::warn("terminate ike-{}: {}", id, done.error().message);
    client = tl::unexpected(done.error());
  }
}

void CharonWorker::DoProve(const std::vector<TimedProof>& proofs) {
  std::vector<Place> places;
  for (const TimedProof& timed : proofs) {
    places.insert(places.end(), timed.proof.places.begin(), timed.proof.places.end());
  }
  std::ranges::sort(places);
  places.erase(std::unique(places.begin(), places.end()), places.end());
  const Status watched = table_.Watch(places);
  auto client = vici::Client::Connect(vici_path_);
  std::map<Place, Result<Element>> elements;
  for (const Place& place : places) elements.emplace(place, table_.Get(place));
  Findings found{watched,
                 std::move(elements),
                 client ? ListSas(*client) : tl::unexpected(client.error()),
                 watched ? table_.Passed() : tl::unexpected(watched.error()),
                 {}};
  std::this_thread::sleep_for(kStillness);
  found.second = watched ? table_.Passed() : tl::unexpected(watched.error());
  if (Status off = table_.Unwatch(places); !off) spdlog::warn("{}", off.error().message);
  for (const TimedProof& timed : proofs) inbox_.Post(ProofDone{ReportOf(found, timed)});
}

CharonWorker::Lane::Lane() : thread_([this] { Run(); }) {}

CharonWorker::Lane::~Lane() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void CharonWorker::Lane::Add(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_all();
}

void CharonWorker::Lane::Run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
    if (stop_) return;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
  }
}

}  // namespace sallyport::gateway
