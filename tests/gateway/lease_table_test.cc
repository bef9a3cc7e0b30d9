// SPDX-License-Identifier: Apache-2.0
// Against the real kernel, in a network namespace; nft is the oracle.
#include "gateway/nft/lease_table.h"

#include <gtest/gtest.h>
#include <poll.h>

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
    const Status installed = table_.Install(SmallRuleset());
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
  Status Apply(Tier before, Tier after, int millis, const std::string& device = "dev-0001") {
    return table_.Apply({{kLaptop, before, after, Millis{millis}, device}});
  }

  NetworkNamespace namespace_;
  LeaseTable table_ = LeaseTable::Open().value();
};

TEST_F(LeaseTableTest, NftReadsBackTheRulesetThatWePrint) {
  const std::string listed = RunOrFail("nft -s list table inet sallyport");
  // The same text given to nft in a namespace of its own must list the same.
  NetworkNamespace other;
  const std::string file = testing::TempDir() + "/ruleset.nft";
  std::ofstream(file) << Print(SmallRuleset());
  RunOrFail("nft -f " + file);
  EXPECT_EQ(RunOrFail("nft -s list table inet sallyport"), listed);
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
            "\t\tiifname . ip saddr vmap @leases\n"
            "\t\toifname . ip daddr vmap @leases\n"
            "\t\tcounter drop\n"
            "\t}\n"
            "}\n");
}

TEST_F(LeaseTableTest, AGrantIsAnElementThatEndsByItself) {
  ASSERT_TRUE(Apply(Tier::kNone, Tier::kFull, 60'000));
  EXPECT_EQ(Timeless(), (std::vector<Element>{{kLaptop, Tier::kFull, Millis{0}, "dev-0001"}}));
  EXPECT_GT(Elements()[0].left, Millis{55'000});
  EXPECT_LE(Elements()[0].left, Millis{60'000});
  const std::string listed = RunOrFail("nft -s list map inet sallyport leases");
  EXPECT_NE(listed.find("\"ipsec0\" . 10.99.0.1 timeout 1m"), std::string::npos) << listed;
  EXPECT_NE(listed.find("comment \"dev-0001\" : jump tier_full"), std::string::npos) << listed;
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
  RunOrFail("nft flush map inet sallyport leases");
  ASSERT_TRUE(Apply(Tier::kLimited, Tier::kLimited, 10'000));
  EXPECT_EQ(Elements().size(), 1u);
}

TEST_F(LeaseTableTest, AMoveToAnotherTierIsOneElementAlsoWhenWeThoughtOtherwise) {
  ASSERT_TRUE(Apply(Tier::kNone, Tier::kFull, 60'000));
  ASSERT_TRUE(Apply(Tier::kFull, Tier::kQuarantine, 60'000));
  EXPECT_EQ(Timeless(),
            (std::vector<Element>{{kLaptop, Tier::kQuarantine, Millis{0}, "dev-0001"}}));
  // Not known to be there, and known to be there wrongly.
  ASSERT_TRUE(Apply(Tier::kNone, Tier::kLimited, 60'000, "dev-0002"));
  EXPECT_EQ(Timeless(), (std::vector<Element>{{kLaptop, Tier::kLimited, Millis{0}, "dev-0002"}}));
  ASSERT_TRUE(Apply(Tier::kFull, Tier::kQuarantine, 60'000));
  EXPECT_EQ(Timeless()[0].tier, Tier::kQuarantine);
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
  RunOrFail("nft add element inet sallyport leases '{ ipsec0 . 10.99.0.9 : jump tier_full }'");
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
  EXPECT_EQ(Elements().size(), 5'000u);
  EXPECT_EQ(Elements()[4'999].device, "dev-4999");
}

TEST_F(LeaseTableTest, InstallingAgainKeepsTheElementsAndReplacesTheRules) {
  ASSERT_TRUE(Apply(Tier::kNone, Tier::kFull, 60'000));
  Ruleset smaller = SmallRuleset();
  smaller.access.tiers[Tier::kFull] = {"mend"};
  ASSERT_TRUE(table_.Install(smaller));
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
  EXPECT_FALSE(monitor.ChangedByOthers({table_.portid()}));
  RunOrFail("nft add table inet foreign");
  EXPECT_FALSE(monitor.ChangedByOthers({table_.portid()}));
  RunOrFail("nft delete element inet sallyport leases '{ ipsec0 . 10.99.0.1 }'");
  EXPECT_TRUE(monitor.ChangedByOthers({table_.portid()}));
  EXPECT_FALSE(monitor.ChangedByOthers({table_.portid()}));
  RunOrFail("nft flush ruleset");
  pollfd entry{monitor.fd(), POLLIN, 0};
  EXPECT_EQ(poll(&entry, 1, 5'000), 1);
  EXPECT_TRUE(monitor.ChangedByOthers({table_.portid()}));
}

}  // namespace
}  // namespace sallyport::gateway::nft
