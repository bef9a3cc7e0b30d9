// SPDX-License-Identifier: Apache-2.0
// Against a real charon and the real kernel, with packets that the kernel forwards.
#include "gateway/charon_worker.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>

#include "tests/gateway/charon.h"
#include "tests/gateway/flood.h"
#include "tests/gateway/network_namespace.h"

namespace sallyport::gateway {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using vici::Message;

const Place kLaptop{"ipsec0", Ipv4{0x0a630001}};  // 10.99.0.1

nft::Ruleset SmallRuleset() {
  auto access = ParseAccess(
      "services: {app: {hosts: [10.20.0.1], ports: [icmp]}}\n"
      "tiers: {full: [app], limited: [app], quarantine: []}\n",
      "access.yaml");
  return {*std::move(access), {"ipsec0"}};
}

class CharonWorkerTest : public testing::Test {
 protected:
  CharonWorkerTest() {
    const auto installed = table_.Install(SmallRuleset(), nft::Ownership::kAnyones);
    EXPECT_TRUE(installed) << installed.error().message;
    worker_ = std::make_unique<CharonWorker>(charon_.socket(), table_.Share().value(), inbox_);
  }

  // The next note; a failure when none comes.
  Note Next() {
    while (notes_.empty()) {
      pollfd entry{inbox_.fd(), POLLIN, 0};
      if (poll(&entry, 1, 10'000) != 1) {
        ADD_FAILURE() << "nothing was posted";
        return CharonUnreachable{{Code::kInternal, "nothing was posted"}};
      }
      for (Note& note : inbox_.Take()) notes_.push_back(std::move(note));
    }
    Note note = std::move(notes_.front());
    notes_.erase(notes_.begin());
    return note;
  }
  std::string Unreachable() {
    const Note note = Next();
    const auto* unreachable = std::get_if<CharonUnreachable>(&note);
    EXPECT_NE(unreachable, nullptr);
    return unreachable == nullptr ? "" : unreachable->error.message;
  }
  v1::CutReport Report() {
    const Note note = Next();
    const auto* done = std::get_if<ProofDone>(&note);
    EXPECT_NE(done, nullptr);
    return done == nullptr ? v1::CutReport() : done->report;
  }
  std::vector<IkeSa> Listed() {
    worker_->List();
    const Note note = Next();
    const auto* listed = std::get_if<SessionsListed>(&note);
    EXPECT_NE(listed, nullptr);
    return listed == nullptr ? std::vector<IkeSa>() : listed->sas;
  }

  // An IKE_SA that waits for an answer of nobody; its id.
  uint64_t StartedSa(const std::string& peer) {
    auto client = vici::Client::Connect(charon_.socket()).value();
    const Message auth{{"auth", "psk"s}};
    const Message connection{{"version", "2"s},
                             {"local_addrs", Message::List{"127.0.0.1"}},
                             {"remote_addrs", Message::List{peer}},
                             {"local", auth},
                             {"remote", auth},
                             {"children", Message{{"all", Message{{"mode", "tunnel"s}}}}}};
    const auto loaded = client.Request("load-conn", Message{{"to-" + peer, connection}}, 2s);
    EXPECT_TRUE(loaded) << loaded.error().message;
    // charon gives up waiting, not the SA.
    const auto begun = client.Request("initiate", {{"ike", "to-" + peer}, {"timeout", "1"s}}, 5s);
    EXPECT_FALSE(begun);
    // It may give up before a thread of its own has made the SA, of which nothing sends word.
    const auto end = std::chrono::steady_clock::now() + 10s;
    do {
      for (const IkeSa& sa : Listed()) {
        if (sa.remote_host == peer) return sa.id;
      }
    } while (std::chrono::steady_clock::now() < end);
    ADD_FAILURE() << "no IKE_SA to " << peer;
    return 0;
  }

  static TimedProof ProofOf(uint64_t command, Tier left, std::vector<Place> places,
                            std::vector<uint64_t> ike_ids) {
    return {{command, "dev-1", left, std::move(places), std::move(ike_ids), {}}, 42us};
  }
  void Grant(Tier tier, const std::string& device) {
    const Status granted = table_.Apply({{kLaptop, std::nullopt, tier, Millis{60'000}, device}});
    ASSERT_TRUE(granted) << granted.error().message;
  }

  NetworkNamespace namespace_;
  Charon charon_;
  nft::LeaseTable table_ = nft::LeaseTable::Open().value();
  Inbox inbox_;
  std::vector<Note> notes_;
  std::unique_ptr<CharonWorker> worker_;
};

// --- listings

TEST_F(CharonWorkerTest, AttachingGivesAListingAndAConnectionThatIsSubscribed) {
  const uint64_t id = StartedSa("192.0.2.1");
  worker_->Attach();
  Note note = Next();
  auto* attached = std::get_if<CharonAttached>(&note);
  ASSERT_NE(attached, nullptr);
  ASSERT_EQ(attached->sas.size(), 1u);
  EXPECT_EQ(attached->sas[0].id, id);
  EXPECT_FALSE(attached->sas[0].established);
  EXPECT_EQ(attached->events.NextEvent().value(), std::nullopt);
  charon_.Kill();  // which a subscriber notices
  pollfd entry{attached->events.fd(), POLLIN, 0};
  EXPECT_EQ(poll(&entry, 1, 5'000), 1);
  EXPECT_EQ(attached->events.NextEvent().error().code, Code::kUnavailable);
}

TEST_F(CharonWorkerTest, ADeadCharonIsUnreachableForEveryQuestion) {
  charon_.Kill();
  worker_->Attach();
  EXPECT_NE(Unreachable().find(charon_.socket()), std::string::npos);
  worker_->List();
  EXPECT_NE(Unreachable().find(charon_.socket()), std::string::npos);
}

TEST_F(CharonWorkerTest, ACharonThatHangsIsUnreachableWhenItsTimeIsOver) {
  charon_.Stop();
  const auto begun = std::chrono::steady_clock::now();
  worker_->Attach();
  EXPECT_NE(Unreachable(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  charon_.Continue();
}

// --- ends and proofs

TEST_F(CharonWorkerTest, AnSaIsEndedByForceAndItsEndIsProven) {
  const uint64_t cut = StartedSa("192.0.2.1");
  const uint64_t stays = StartedSa("192.0.2.2");
  worker_->Terminate({cut}, {ProofOf(7, Tier::kNone, {kLaptop}, {cut})});
  const v1::CutReport report = Report();
  EXPECT_TRUE(report.proven()) << report.detail();
  EXPECT_EQ(report.command_id(), 7u);
  EXPECT_EQ(report.device_id(), "dev-1");
  EXPECT_EQ(report.took_us(), 42u);
  EXPECT_EQ(report.detail(), "left: none, 1 places, 1 tunnels ended");
  const auto sas = Listed();
  ASSERT_EQ(sas.size(), 1u);
  EXPECT_EQ(sas[0].id, stays);
  EXPECT_TRUE(table_.Passed().value().empty()) << "nothing is watched any more";
}

TEST_F(CharonWorkerTest, AnSaThatIsGoneAlreadyHoldsUpNoOtherAndNoProof) {
  const uint64_t cut = StartedSa("192.0.2.1");
  worker_->Terminate({4711, cut}, {ProofOf(7, Tier::kNone, {}, {4711, cut})});
  EXPECT_TRUE(Report().proven());
  EXPECT_TRUE(Listed().empty());
}

TEST_F(CharonWorkerTest, AnSaThatStandsIsNotProvenGone) {
  const uint64_t id = StartedSa("192.0.2.1");
  worker_->Terminate({}, {ProofOf(7, Tier::kNone, {kLaptop}, {id})});
  const v1::CutReport report = Report();
  EXPECT_FALSE(report.proven());
  EXPECT_FALSE(report.sa_absent());
  EXPECT_TRUE(report.element_absent());
  EXPECT_TRUE(report.counter_still());
}

TEST_F(CharonWorkerTest, WithoutCharonNoSaIsProvenGoneAndTheReportSaysWhy) {
  charon_.Kill();
  worker_->Terminate({1}, {ProofOf(7, Tier::kNone, {}, {1})});
  const v1::CutReport report = Report();
  EXPECT_FALSE(report.sa_absent());
  EXPECT_FALSE(report.proven());
  EXPECT_NE(report.detail().find(charon_.socket()), std::string::npos) << report.detail();
}

TEST_F(CharonWorkerTest, AnElementAboveWhatIsLeftIsNotProvenGoneUnlessItIsAnothersOrLower) {
  const auto absent = [this](Tier left) {
    worker_->Terminate({}, {ProofOf(7, left, {kLaptop}, {})});
    return Report().element_absent();
  };
  Grant(Tier::kLimited, "dev-1");
  EXPECT_FALSE(absent(Tier::kNone));
  EXPECT_FALSE(absent(Tier::kQuarantine));
  EXPECT_TRUE(absent(Tier::kLimited));
  EXPECT_TRUE(absent(Tier::kFull));
  Grant(Tier::kLimited, "dev-2");
  EXPECT_TRUE(absent(Tier::kNone));
}

TEST_F(CharonWorkerTest, WithoutATableNothingIsProven) {
  RunOrFail("nft delete table inet sallyport");
  worker_->Terminate({}, {ProofOf(7, Tier::kNone, {kLaptop}, {})});
  const v1::CutReport report = Report();
  EXPECT_FALSE(report.element_absent());
  EXPECT_FALSE(report.counter_still());
  EXPECT_FALSE(report.proven());
  EXPECT_NE(report.detail().find("nf_tables"), std::string::npos) << report.detail();
}

TEST_F(CharonWorkerTest, ManyCutsAtOnceAreEachReported) {
  for (uint64_t command = 1; command <= 20; ++command) {
    worker_->Terminate({}, {ProofOf(command, Tier::kNone, {kLaptop}, {})});
  }
  std::vector<uint64_t> commands;
  for (int i = 0; i < 20; ++i) {
    const v1::CutReport report = Report();
    EXPECT_TRUE(report.proven()) << report.detail();
    commands.push_back(report.command_id());
  }
  EXPECT_TRUE(std::ranges::is_sorted(commands));
  EXPECT_EQ(commands.back(), 20u);
}

// --- the counter, with packets

class CounterTest : public CharonWorkerTest {
 protected:
  v1::CutReport Prove(Tier left) {
    worker_->Terminate({}, {ProofOf(7, left, {kLaptop}, {})});
    return Report();
  }

  Flood flood_{"-i 0.002"};
};

TEST_F(CounterTest, TrafficThatTheTableStopsLeavesTheCounterStill) {
  Grant(Tier::kFull, "dev-1");
  flood_.AwaitMore(5);
  Grant(Tier::kQuarantine, "dev-1");
  const uint64_t then = flood_.Arrived();
  const v1::CutReport report = Prove(Tier::kQuarantine);
  EXPECT_TRUE(report.proven()) << report.detail();
  EXPECT_LE(flood_.Arrived(), then + 1);
}

TEST_F(CounterTest, TrafficThatPassesThoughTheTableDoesNotAllowItIsNoProof) {
  RunOrFail("nft insert rule inet sallyport forward accept");  // a hole, by somebody else
  flood_.AwaitMore(5);
  const v1::CutReport report = Prove(Tier::kNone);
  EXPECT_TRUE(report.element_absent());
  EXPECT_FALSE(report.counter_still());
  EXPECT_FALSE(report.proven());
}

TEST_F(CounterTest, TrafficThatTheLeaseThatIsLeftAllowsIsNotHeldAgainstTheCut) {
  Grant(Tier::kLimited, "dev-1");
  flood_.AwaitMore(5);
  const v1::CutReport report = Prove(Tier::kLimited);
  EXPECT_TRUE(report.proven()) << report.detail();
  flood_.AwaitMore(5);
}

}  // namespace
}  // namespace sallyport::gateway
