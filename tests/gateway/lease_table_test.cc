// SPDX-License-Identifier: Apache-2.0
// Against the real kernel, in a network namespace; nft is the oracle.
#include "gateway/nft/lease_table.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/utsname.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

#include "tests/gateway/network_namespace.h"

namespace sallyport::gateway::nft {
namespace {

const Place kLaptop{"ipsec0", Ipv4{0x0a630001}};  // 10.99.0.1
const Place kOther{"ipsec0", Ipv4{0x0a630002}};

Ruleset SmallRuleset() {
  auto access = ParseAccess(
      "services:\n"
      "  app: {hosts: [10.20.1.10], ports: [tcp/443, udp/9000-9010]}\n"
      "  net: {hosts: [10.21.0.0/17], ports: [tcp/22]}\n"
      "  mend: {hosts: [10.20.2.10], ports: [icmp]}\n"
      "  policy: {hosts: [10.30.0.10], ports: [tcp/8443]}\n"
      "tiers: {full: [app, net, mend], limited: [app], quarantine: [mend]}\n"
      "always: [policy]\n",
      "access.yaml");
  return {*std::move(access), {"ipsec0", "ipsec1"}};
}

class LeaseTableTest : public testing::Test {
 protected:
  LeaseTableTest() {
    const auto installed = table_.Install(SmallRuleset(), Ownership::kAnyones);
    EXPECT_TRUE(installed) << installed.error().message;
  }

  std::vector<Element> Elements() {
    auto elements = table_.Dump();
    EXPECT_TRUE(elements) << elements.error().message;
    return elements.value_or(std::vector<Element>{});
  }
  // Elements without the time that is left.
  std::vector<Element> Timeless() {
    auto elements = Elements();
    for (Element& element : elements) element.left = Millis{0};
    return elements;
  }
  Status Apply(std::optional<Tier> before, Tier after, int millis,
               const std::string& device = "dev-0001") {
    return table_.Apply({{kLaptop, before, after, Millis{millis}, device}});
  }

  NetworkNamespace namespace_;
  LeaseTable table_ = LeaseTable::Open().value();
};

// nft 1.0.6 has no word for NFT_TABLE_F_PERSIST, and lists an empty list of flags.
std::string WithoutFlags(std::string listed) {
  const std::string empty = "\tflags \n\n";
  if (const auto at = listed.find(empty); at != std::string::npos) listed.erase(at, empty.size());
  return listed;
}

// What nft lists once it has been given this text, in a namespace of its own.
std::string ReadBack(const std::string& text) {
  NetworkNamespace other;
  const std::string file = testing::TempDir() + "/ruleset.nft";
  std::ofstream(file) << text;
  RunOrFail("nft -f " + file);
  return RunOrFail("nft -s list table inet sallyport");
}

TEST_F(LeaseTableTest, NftReadsBackTheRulesetThatWePrint) {
  const std::string listed = WithoutFlags(RunOrFail("nft -s list table inet sallyport"));
  EXPECT_EQ(ReadBack(Print(SmallRuleset())), listed);
}

TEST_F(LeaseTableTest, NftReadsBackItsOwnListingWithTheLeasesInIt) {
  ASSERT_TRUE(Apply(Tier::kNone, Tier::kFull, 60'000));
  const std::string listed = WithoutFlags(RunOrFail("nft list table inet sallyport"));
  EXPECT_NE(ReadBack(listed).find("\"ipsec0\" . 10.99.0.1 timeout 1m"), std::string::npos)
      << listed;
}

TEST_F(LeaseTableTest, ForwardDropsByDefaultAndAcceptsNothingBeforeTheLeaseButAlways) {
  EXPECT_EQ(RunOrFail("nft -s list chain inet sallyport forward"),
            "table inet sallyport {\n"
            "\tchain forward {\n"
            "\t\ttype filter hook forward priority filter; policy drop;\n"
            "\t\tiifname \"ipsec0\" meta nfproto ipv6 counter drop\n"
            "\t\toifname \"ipsec0\" meta nfproto ipv6 counter drop\n"
            "\t\tiifname \"ipsec1\" meta nfproto ipv6 counter drop\n"
            "\t\toifname \"ipsec1\" meta nfproto ipv6 counter drop\n"
            "\t\tjump always\n"
            "\t\tiifname \"ipsec0\" jump by_source\n"
            "\t\tiifname \"ipsec1\" jump by_source\n"
            "\t\toifname \"ipsec0\" jump by_destination\n"
            "\t\toifname \"ipsec1\" jump by_destination\n"
            "\t\tcounter drop\n"
            "\t}\n"
            "}\n");
}

TEST_F(LeaseTableTest, TheTiersAreLookedForDownwardsAndUpwardsAgain) {
  EXPECT_EQ(RunOrFail("nft -s list chain inet sallyport by_source"),
            "table inet sallyport {\n"
            "\tchain by_source {\n"
            "\t\tiifname . ip saddr @leases_full goto tier_full\n"
            "\t\tiifname . ip saddr @leases_limited goto tier_limited\n"
            "\t\tiifname . ip saddr @leases_quarantine goto tier_quarantine\n"
            "\t\tiifname . ip saddr @leases_limited goto tier_limited\n"
            "\t\tiifname . ip saddr @leases_full goto tier_full\n"
            "\t}\n"
            "}\n");
}

TEST_F(LeaseTableTest, AGrantIsAnElementThatEndsByItself) {
  ASSERT_TRUE(Apply(Tier::kNone, Tier::kFull, 60'000));
  EXPECT_EQ(Timeless(), (std::vector<Element>{{kLaptop, Tier::kFull, Millis{0}, "dev-0001"}}));
  EXPECT_GT(Elements()[0].left, Millis{55'000});
  EXPECT_LE(Elements()[0].left, Millis{60'000});
  const std::string listed = RunOrFail("nft -s list set inet sallyport leases_full");
  EXPECT_NE(listed.find("\"ipsec0\" . 10.99.0.1 timeout 1m"), std::string::npos) << listed;
  EXPECT_NE(listed.find("comment \"dev-0001\""), std::string::npos) << listed;
}

TEST_F(LeaseTableTest, AShortLeaseIsGoneWhenItsTimeIsOverWithNobodyActing) {
  ASSERT_TRUE(Apply(Tier::kNone, Tier::kFull, 200));
  EXPECT_EQ(Elements().size(), 1u);
  for (int tries = 0; tries < 200 && !Elements().empty(); ++tries) poll(nullptr, 0, 10);
  EXPECT_TRUE(Elements().empty());
}

TEST_F(LeaseTableTest, ARefreshExtendsWhetherOrNotTheElementIsThere) {
  ASSERT_TRUE(Apply(Tier::kNone, Tier::kLimited, 10'000));
  ASSERT_TRUE(Apply(Tier::kLimited, Tier::kLimited, 30'000));
  EXPECT_GT(Elements()[0].left, Millis{25'000});
  ASSERT_TRUE(Apply(Tier::kLimited, Tier::kLimited, 5'000));  // and shortens
  EXPECT_LE(Elements()[0].left, Millis{5'000});
  RunOrFail("nft flush set inet sallyport leases_limited");
  ASSERT_TRUE(Apply(Tier::kLimited, Tier::kLimited, 10'000));
  EXPECT_EQ(Elements().size(), 1u);
}

TEST_F(LeaseTableTest, AMoveToAnotherTierLeavesOneElement) {
  ASSERT_TRUE(Apply(Tier::kNone, Tier::kFull, 60'000));
  ASSERT_TRUE(Apply(Tier::kFull, Tier::kQuarantine, 60'000));
  EXPECT_EQ(Timeless(),
            (std::vector<Element>{{kLaptop, Tier::kQuarantine, Millis{0}, "dev-0001"}}));
  ASSERT_TRUE(Apply(Tier::kFull, Tier::kQuarantine, 60'000));  // full had ended by itself
  EXPECT_EQ(Timeless()[0].tier, Tier::kQuarantine);
}

TEST_F(LeaseTableTest, AMoveFromWhereverItWasLeavesOneElement) {
  const std::string add = "nft add element inet sallyport ";
  RunOrFail(add + "leases_full '{ ipsec0 . 10.99.0.1 timeout 1h }'");
  RunOrFail(add + "leases_quarantine '{ ipsec0 . 10.99.0.1 timeout 1h }'");
  ASSERT_TRUE(Apply(std::nullopt, Tier::kLimited, 60'000, "dev-0002"));
  EXPECT_EQ(Timeless(), (std::vector<Element>{{kLaptop, Tier::kLimited, Millis{0}, "dev-0002"}}));
  ASSERT_TRUE(Apply(std::nullopt, Tier::kNone, 0));
  EXPECT_TRUE(Elements().empty());
}

TEST_F(LeaseTableTest, APlaceInTwoSetsIsListedOnceAtTheHigherTierAndForNobody) {
  ASSERT_TRUE(Apply(Tier::kNone, Tier::kLimited, 60'000));
  EXPECT_EQ(Timeless(), (std::vector<Element>{{kLaptop, Tier::kLimited, Millis{0}, "dev-0001"}}));
  RunOrFail("nft add element inet sallyport leases_full '{ ipsec0 . 10.99.0.1 timeout 1h }'");
  EXPECT_EQ(Timeless(), (std::vector<Element>{{kLaptop, Tier::kFull, Millis{0}, ""}}));
  RunOrFail("nft delete element inet sallyport leases_limited '{ ipsec0 . 10.99.0.1 }'");
  RunOrFail("nft add element inet sallyport leases_quarantine '{ ipsec0 . 10.99.0.1 }'");
  EXPECT_EQ(Timeless(), (std::vector<Element>{{kLaptop, Tier::kFull, Millis{0}, ""}}));
}

// The kernel walks the elements of a verdict map whenever one with a jump is added; of a set it
// walks none. Ten thousand others, then, cost next to nothing.
TEST_F(LeaseTableTest, AVerdictCostsTheSameWhateverElseIsThere) {
  const auto best_of_moves = [this] {
    auto best = std::chrono::nanoseconds::max();
    for (int i = 0; i < 200; ++i) {
      const Tier before = i % 2 == 0 ? Tier::kFull : Tier::kLimited;
      const auto begun = std::chrono::steady_clock::now();
      EXPECT_TRUE(Apply(before, before == Tier::kFull ? Tier::kLimited : Tier::kFull, 60'000));
      best = std::min(best, std::chrono::steady_clock::now() - begun);
    }
    return best;
  };
  ASSERT_TRUE(Apply(Tier::kNone, Tier::kFull, 60'000));
  const auto alone = best_of_moves();
  std::vector<Move> fleet;
  for (uint32_t i = 0; i < 10'000; ++i) {
    fleet.push_back({{"ipsec0", Ipv4{0x0a640000 + i}},
                     Tier::kNone,
                     Tier::kFull,
                     Millis{600'000},
                     "dev-" + std::to_string(i)});
  }
  ASSERT_TRUE(table_.Apply(fleet));
  EXPECT_LT(best_of_moves(), 10 * alone);
}

TEST_F(LeaseTableTest, EndingWhatIsNotThereIsNoErrorAndHoldsNothingElseUp) {
  EXPECT_TRUE(Apply(Tier::kFull, Tier::kNone, 0));
  const Status mixed = table_.Apply({{kLaptop, Tier::kNone, Tier::kNone, Millis{0}, ""},
                                     {kOther, Tier::kNone, Tier::kFull, Millis{9'000}, "dev-2"}});
  ASSERT_TRUE(mixed) << mixed.error().message;
  EXPECT_EQ(Timeless(), (std::vector<Element>{{kOther, Tier::kFull, Millis{0}, "dev-2"}}));
  ASSERT_TRUE(table_.Apply({{kLaptop, Tier::kFull, Tier::kNone, Millis{0}, ""},
                            {kOther, Tier::kFull, Tier::kNone, Millis{0}, ""}}));
  EXPECT_TRUE(Elements().empty());
}

TEST_F(LeaseTableTest, ALeaseWithoutAnEndIsRefused) {
  for (int millis : {0, -1, 24 * 3600 * 1000 + 1}) {
    const Status granted = Apply(Tier::kNone, Tier::kFull, millis);
    ASSERT_FALSE(granted) << millis;
    EXPECT_EQ(granted.error().code, Code::kInvalidArgument);
  }
  EXPECT_TRUE(Elements().empty());
}

TEST_F(LeaseTableTest, AnElementAddedByHandWithoutATimeoutEndsSoon) {
  RunOrFail("nft add element inet sallyport leases_full '{ ipsec0 . 10.99.0.9 }'");
  ASSERT_EQ(Elements().size(), 1u);
  EXPECT_LE(Elements()[0].left, Millis{1'000});
  EXPECT_EQ(Elements()[0].device, "");
}

TEST_F(LeaseTableTest, AWholeFleetIsGrantedAndListed) {
  std::vector<Move> moves;
  for (uint32_t i = 0; i < 5'000; ++i) {
    moves.push_back({{"ipsec0", Ipv4{0x0a640000 + i}},
                     Tier::kNone,
                     Tier::kFull,
                     Millis{60'000},
                     "dev-" + std::to_string(i)});
  }
  const Status granted = table_.Apply(moves);
  ASSERT_TRUE(granted) << granted.error().message;
  const auto listed = Elements();
  ASSERT_EQ(listed.size(), 5'000u);
  EXPECT_EQ(listed[4'999].device, "dev-4999");
}

// The kernel's worker moves a hash table that has grown into a larger one beside our listing.
TEST_F(LeaseTableTest, AListingBesideAGrowingHashTableLeavesNobodyOut) {
  for (int round = 0; round < 60; ++round) {
    std::vector<Move> moves;
    for (uint32_t i = 0; i < 3'500; ++i) {
      moves.push_back({{"ipsec0", Ipv4{0x0a640000 + i}},
                       Tier::kNone,
                       Tier::kFull,
                       Millis{60'000},
                       "dev-" + std::to_string(i)});
    }
    ASSERT_TRUE(table_.Apply(moves));
    ASSERT_EQ(Elements().size(), 3'500u) << "round " << round;
    for (Move& move : moves) move = {move.place, Tier::kFull, Tier::kNone, Millis{0}, ""};
    ASSERT_TRUE(table_.Apply(moves));
    ASSERT_EQ(Elements().size(), 0u) << "round " << round;
  }
}

TEST_F(LeaseTableTest, OnePlaceIsAskedFor) {
  const auto none = table_.Get(kLaptop);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::kNotFound);
  for (Tier tier : {Tier::kFull, Tier::kLimited, Tier::kQuarantine}) {
    ASSERT_TRUE(Apply(std::nullopt, tier, 60'000));
    const auto one = table_.Get(kLaptop);
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_EQ(one->place, kLaptop);
    EXPECT_EQ(one->tier, tier);
    EXPECT_EQ(one->device, "dev-0001");
    EXPECT_GT(one->left, Millis{55'000});
    EXPECT_FALSE(table_.Get(kOther));
  }
  RunOrFail("nft add element inet sallyport leases_full '{ ipsec0 . 10.99.0.1 timeout 9s }'");
  const auto both = table_.Get(kLaptop);
  ASSERT_TRUE(both) << both.error().message;
  EXPECT_EQ(both->tier, Tier::kFull);  // the higher of two, and nobody's
  EXPECT_EQ(both->device, "");
}

TEST_F(LeaseTableTest, InstallingAgainKeepsTheElementsAndReplacesTheRules) {
  ASSERT_TRUE(Apply(Tier::kNone, Tier::kFull, 60'000));
  Ruleset smaller = SmallRuleset();
  smaller.access.tiers[Tier::kFull] = {"mend"};
  ASSERT_TRUE(table_.Install(smaller, Ownership::kAnyones));
  EXPECT_EQ(Timeless(), (std::vector<Element>{{kLaptop, Tier::kFull, Millis{0}, "dev-0001"}}));
  EXPECT_EQ(RunOrFail("nft -s list chain inet sallyport tier_full"),
            "table inet sallyport {\n"
            "\tchain tier_full {\n"
            "\t\tip daddr 10.20.2.10 icmp type echo-request ct direction original accept\n"
            "\t\tip saddr 10.20.2.10 icmp type echo-reply ct direction reply accept\n"
            "\t\tct direction reply ct state related meta l4proto icmp accept\n"
            "\t}\n"
            "}\n");
}

TEST_F(LeaseTableTest, WithoutTheTableTheErrorNamesWhatIsMissing) {
  RunOrFail("nft flush ruleset");
  const Status granted = Apply(Tier::kNone, Tier::kFull, 1'000);
  ASSERT_FALSE(granted);
  EXPECT_EQ(granted.error().code, Code::kNotFound);
  EXPECT_NE(granted.error().message.find("sallyport leases"), std::string::npos)
      << granted.error().message;
  EXPECT_FALSE(Apply(Tier::kFull, Tier::kNone, 0));  // not known to be closed
  EXPECT_FALSE(table_.Dump());
}

TEST_F(LeaseTableTest, TheSelfTestPassesAndLeavesNothingBehind) {
  const Status tested = table_.SelfTest();
  EXPECT_TRUE(tested) << tested.error().message;
  EXPECT_TRUE(Elements().empty());
}

TEST_F(LeaseTableTest, WatchedPlacesHaveCountersUntilTheyAreUnwatched) {
  ASSERT_TRUE(table_.Watch({kLaptop, kOther}));
  EXPECT_EQ(table_.Passed().value(), (std::map<Place, uint64_t>{{kLaptop, 0}, {kOther, 0}}));
  ASSERT_TRUE(table_.Unwatch({kLaptop, kOther}));
  EXPECT_TRUE(table_.Passed().value().empty());
  EXPECT_TRUE(table_.Unwatch({kLaptop}));
}

TEST_F(LeaseTableTest, TheMonitorHearsOthersAndNotOurselves) {
  Monitor monitor = Monitor::Open().value();
  ASSERT_TRUE(Apply(Tier::kNone, Tier::kFull, 60'000));
  EXPECT_FALSE(monitor.ChangedByOthers(table_.portid()));
  RunOrFail("nft add table inet foreign");
  EXPECT_FALSE(monitor.ChangedByOthers(table_.portid()));
  RunOrFail("nft delete element inet sallyport leases_full '{ ipsec0 . 10.99.0.1 }'");
  EXPECT_TRUE(monitor.ChangedByOthers(table_.portid()));
  EXPECT_FALSE(monitor.ChangedByOthers(table_.portid()));
  RunOrFail("nft flush ruleset");
  pollfd entry{monitor.fd(), POLLIN, 0};
  EXPECT_EQ(poll(&entry, 1, 5'000), 1);
  EXPECT_TRUE(monitor.ChangedByOthers(table_.portid()));
}

// --- a table of our own

class OwnTableTest : public testing::Test {
 protected:
  // Whether nft may do it; it says why not.
  static bool NftMay(const std::string& command) {
    return std::system(("nft " + command + " 2>/dev/null").c_str()) == 0;
  }
  static std::string Tables() { return RunOrFail("nft list tables"); }
  Ownership Install(LeaseTable& table, Ownership wanted = Ownership::kOurs) {
    const auto installed = table.Install(SmallRuleset(), wanted);
    EXPECT_TRUE(installed) << installed.error().message;
    return installed.value_or(Ownership::kAnyones);
  }
  void SetUp() override {
    utsname name{};
    ASSERT_EQ(uname(&name), 0);
    int major = 0;
    int minor = 0;
    ASSERT_EQ(std::sscanf(name.release, "%d.%d", &major, &minor), 2);
    if (std::pair(major, minor) < std::pair(6, 9)) GTEST_SKIP() << "Linux before 6.9";
  }

  NetworkNamespace namespace_;
  const Move grant_{kLaptop, Tier::kNone, Tier::kFull, Millis{60'000}, "dev-0001"};
};

TEST_F(OwnTableTest, AFlushOfOthersPassesItByAndTheyCanChangeNothingInIt) {
  LeaseTable table = LeaseTable::Open().value();
  ASSERT_EQ(Install(table), Ownership::kOurs);
  ASSERT_TRUE(table.Apply({grant_}));
  EXPECT_TRUE(NftMay("flush ruleset"));
  EXPECT_EQ(table.Dump().value().size(), 1u);
  EXPECT_FALSE(NftMay("delete table inet sallyport"));
  EXPECT_FALSE(NftMay("flush chain inet sallyport forward"));
  EXPECT_FALSE(NftMay("add element inet sallyport leases_full '{ ipsec0 . 10.99.0.7 }'"));
  EXPECT_FALSE(NftMay("delete element inet sallyport leases_full '{ ipsec0 . 10.99.0.1 }'"));
  EXPECT_EQ(table.Dump().value().size(), 1u);
}

TEST_F(OwnTableTest, AnotherThreadsHandleWritesToItAsWell) {
  LeaseTable table = LeaseTable::Open().value();
  ASSERT_EQ(Install(table), Ownership::kOurs);
  LeaseTable proving = table.Share().value();
  const Status watched = proving.Watch({kLaptop});
  EXPECT_TRUE(watched) << watched.error().message;
  EXPECT_EQ(proving.Passed().value().size(), 1u);
}

TEST_F(OwnTableTest, ItOutlivesItsOwnerAsAnyonesWithItsElementsAndIsTakenOver) {
  {
    LeaseTable table = LeaseTable::Open().value();
    ASSERT_EQ(Install(table), Ownership::kOurs);
    ASSERT_TRUE(table.Apply({grant_}));
  }
  LeaseTable next = LeaseTable::Open().value();
  EXPECT_EQ(next.Dump().value().size(), 1u);
  ASSERT_EQ(Install(next), Ownership::kOurs);
  EXPECT_EQ(next.Dump().value().size(), 1u);
  EXPECT_FALSE(NftMay("delete table inet sallyport"));
}

TEST_F(OwnTableTest, AfterItsOwnerAnyoneMayChangeIt) {
  {
    LeaseTable table = LeaseTable::Open().value();
    ASSERT_EQ(Install(table), Ownership::kOurs);
  }
  EXPECT_TRUE(NftMay("add element inet sallyport leases_full '{ ipsec0 . 10.99.0.7 }'"));
  EXPECT_TRUE(NftMay("flush ruleset"));
  EXPECT_EQ(Tables(), "");
}

TEST_F(OwnTableTest, WhileItIsAnothersNobodyInstalls) {
  LeaseTable owner = LeaseTable::Open().value();
  ASSERT_EQ(Install(owner), Ownership::kOurs);
  LeaseTable other = LeaseTable::Open().value();
  for (Ownership wanted : {Ownership::kOurs, Ownership::kAnyones}) {
    const auto installed = other.Install(SmallRuleset(), wanted);
    ASSERT_FALSE(installed);
    EXPECT_EQ(installed.error().code, Code::kDenied);
    EXPECT_NE(installed.error().message.find("owns its table"), std::string::npos);
  }
}

TEST_F(OwnTableTest, ATableThatNobodyCanOwnIsKeptAndItSaysSo) {
  RunOrFail("nft add table inet sallyport");  // as a kernel before 6.9 would have made it
  LeaseTable table = LeaseTable::Open().value();
  EXPECT_EQ(Install(table), Ownership::kAnyones);
  EXPECT_TRUE(table.Apply({grant_}));
  EXPECT_TRUE(NftMay("flush ruleset"));
  EXPECT_EQ(Install(table), Ownership::kOurs);  // the next one is ours
}

}  // namespace
}  // namespace sallyport::gateway::nft
