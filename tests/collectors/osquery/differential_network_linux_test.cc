// SPDX-License-Identifier: Apache-2.0
// Addresses, routes and rules that a test makes in a network namespace of its own: our rows of
// them, and what the C library, the kernel's files and iptables' other listing say.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

#include <map>
#include <string>

#include "collectors/host_firewall.h"
#include "collectors/osquery/linux_tables.h"
#include "platform/host_linux.h"
#include "tests/collectors/osquery/asked_tools.h"

namespace sallyport {
namespace {

// The thread that runs the tests is the process's first: what it enters /proc/net shows, and the
// programs that it starts are in it.
class DifferentialNetwork : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(geteuid(), 0u) << "a network namespace is made by root";
    for (const char* tool : {"ip", "nft", "iptables", "iptables-save", "ping"}) {
      ASSERT_TRUE(Has(tool)) << tool;
    }
    before_ = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    ASSERT_GE(before_, 0);
    ASSERT_EQ(unshare(CLONE_NEWNET), 0);
  }
  void TearDown() override {
    if (before_ < 0) return;
    EXPECT_EQ(setns(before_, CLONE_NEWNET), 0);
    close(before_);
  }
  static void Make(const char* commands) {
    EXPECT_EQ(Output("sh -e -c '" + std::string(commands) + "' 2>&1 && echo made"), "made\n");
  }

  LinuxHost host_;

 private:
  int before_ = -1;
};

constexpr char kLinks[] =
    "ip link set lo up;"
    "ip link add v0 type veth peer name v1;"
    "for end in v0 v1; do echo 1 >/proc/sys/net/ipv6/conf/$end/addr_gen_mode; done;"  // none
    "ip addr add 192.0.2.5/24 brd + dev v0 label v0:a;"
    "ip addr add 203.0.113.1 peer 203.0.113.2/32 dev v0;"
    "ip addr add 2001:db8::5/64 dev v0 nodad;"
    "ip link set v1 up;"
    "ip link set v0 up;";

std::string Shown(const sockaddr* address) {
  if (address == nullptr) return "";
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes =
      address->sa_family == AF_INET
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr)
          : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
  return inet_ntop(address->sa_family, bytes, text.data(), text.size());
}

// getifaddrs(3): interface, address, mask, and the broadcast address or the other end.
Lined OfTheCLibrary() {
  Lined out;
  ifaddrs* list = nullptr;
  EXPECT_EQ(getifaddrs(&list), 0);
  for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr) continue;
    const int family = at->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    out.insert(std::string(at->ifa_name) + "\t" + Shown(at->ifa_addr) + "\t" +
               Shown(at->ifa_netmask));
  }
  freeifaddrs(list);
  return out;
}

TEST_F(DifferentialNetwork, AddressesAreThoseThatWereGivenAndThoseOfGetifaddrs) {
  Make(kLinks);
  const auto rows = InterfaceAddressesLinux(host_, {});
  EXPECT_EQ(Ours(kInterfaceAddresses, rows, {"interface", "address", "mask"}), OfTheCLibrary());
  EXPECT_EQ(
      Ours(kInterfaceAddresses, rows,
           {"interface", "address", "mask", "broadcast", "point_to_point"}),
      (Lined{"lo\t127.0.0.1\t255.0.0.0\t\t", "lo\t::1\tffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\t\t",
             "v0:a\t192.0.2.5\t255.255.255.0\t192.0.2.255\t",
             "v0\t203.0.113.1\t255.255.255.255\t\t203.0.113.2",
             "v0\t2001:db8::5\tffff:ffff:ffff:ffff::\t\t"}));
}

std::string Dotted(const std::string& hex) {
  const in_addr address{static_cast<in_addr_t>(std::stoul(hex, nullptr, 16))};
  return inet_ntoa(address);
}

// proc_net(5): Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT; addresses
// are hexadecimal, in the machine's order. The main table, one hop of each route.
Lined OfTheKernelsFile() {
  Lined out;
  const std::string text = Output("tail -n +2 /proc/net/route");
  for (const std::string_view line : Lines(text)) {
    const auto fields = Fields(line);
    if (fields.size() < 9 || fields[0] == "*") continue;  // *: leads nowhere
    const auto mask = static_cast<uint32_t>(std::stoul(std::string(fields[7]), nullptr, 16));
    const std::string gateway = Dotted(std::string(fields[2]));
    out.insert(Dotted(std::string(fields[1])) + "\t" + std::to_string(__builtin_popcount(mask)) +
               "\t" + (gateway == "0.0.0.0" ? "" : gateway) + "\t" + std::string(fields[0]) + "\t" +
               std::string(fields[6]));
  }
  return out;
}

TEST_F(DifferentialNetwork, RoutesAreThoseThatWereMadeAndThoseOfTheKernelsFile) {
  Make(kLinks);
  Make(
      "ip route add default via 192.0.2.1;"
      "ip route add 198.51.100.0/24 via 192.0.2.9 src 192.0.2.5 metric 7 mtu 1400 hoplimit 9;"
      "ip route add 10.8.0.1 dev v0 scope link;"
      "ip -6 route add default via 2001:db8::1 metric 9;"
      "ip -6 route add 2001:db8:1::/48 dev v0 metric 11 mtu 1300;");
  const auto gateways = RoutesLinux(host_, {{"type", "gateway"}});
  EXPECT_EQ(Ours(kRoutes, gateways, {"destination", "netmask", "gateway", "interface", "metric"},
                 [](const Row& row) {
                   const auto at = static_cast<size_t>(kRoutes.IndexOf("destination"));
                   return ToText(row.at(at)).find(':') == std::string::npos;
                 }),
            OfTheKernelsFile());
  EXPECT_EQ(
      Ours(kRoutes, gateways,
           {"destination", "netmask", "gateway", "source", "interface", "mtu", "metric",
            "hopcount"}),
      (Lined{"0.0.0.0\t0\t192.0.2.1\t\tv0\t0\t0\t0", "10.8.0.1\t32\t\t\tv0\t0\t0\t0",
             "192.0.2.0\t24\t\t192.0.2.5\tv0\t0\t0\t0",
             "198.51.100.0\t24\t192.0.2.9\t192.0.2.5\tv0\t1400\t7\t9",
             "203.0.113.2\t32\t\t203.0.113.1\tv0\t0\t0\t0", "2001:db8::\t64\t\t\tv0\t0\t256\t0",
             "2001:db8:1::\t48\t\t\tv0\t1300\t11\t0", "::\t0\t2001:db8::1\t\tv0\t0\t9\t0"}));
  const auto local = RoutesLinux(host_, {{"type", "local"}});
  EXPECT_EQ(Ours(kRoutes, local, {"destination", "netmask", "interface"}),
            (Lined{"127.0.0.0\t8\tlo", "127.0.0.1\t32\tlo", "192.0.2.5\t32\tv0",
                   "203.0.113.1\t32\tv0", "::1\t128\tlo", "2001:db8::5\t128\tv0"}));
}

TEST_F(DifferentialNetwork, RoutesOfOtherTablesAndKindsAndOfSeveralHopsAreThere) {
  Make(kLinks);
  Make(
      "ip route add 198.18.0.0/15 nexthop via 192.0.2.2 nexthop via 192.0.2.3;"
      "ip route add 10.7.0.0/16 via inet6 2001:db8::7 dev v0;"
      "ip route add 192.168.7.0/24 dev v0 table 100;"
      "ip route add blackhole 10.9.0.0/16;");
  const auto made = [](const Row& row) {
    const auto at = static_cast<size_t>(kRoutes.IndexOf("destination"));
    const std::string destination = ToText(row.at(at));
    return destination.starts_with("198.18.") || destination.starts_with("10.") ||
           destination.starts_with("192.168.");
  };
  EXPECT_EQ(
      Ours(kRoutes, RoutesLinux(host_, {}),
           {"destination", "netmask", "gateway", "interface", "type"}, made),
      (Lined{"198.18.0.0\t15\t192.0.2.2\tv0\tgateway", "198.18.0.0\t15\t192.0.2.3\tv0\tgateway",
             "10.7.0.0\t16\t2001:db8::7\tv0\tgateway", "192.168.7.0\t24\t\tv0\tgateway",
             "10.9.0.0\t16\t\t\tother"}));
}

// iptables -L -v -n -x: under each "Chain NAME (policy P 0 packets, 0 bytes)" or
// "Chain NAME (1 references)", lines of pkts bytes target prot opt in out source destination.
struct Listing {
  Lined chains;  // name, policy, packets, bytes
  Lined rules;   // chain, packets, bytes, target, protocol, in, out, source, destination
};

std::string WithMask(std::string_view network) {
  static const std::map<std::string_view, std::string> kMasks = {
      {"8", "255.0.0.0"}, {"16", "255.255.0.0"}, {"0", "0.0.0.0"}};
  const size_t slash = network.find('/');
  if (slash != std::string_view::npos) {
    return std::string(network.substr(0, slash)) + "\t" + kMasks.at(network.substr(slash + 1));
  }
  return std::string(network) + "\t255.255.255.255";
}

Listing ListedByIptables() {
  Listing out;
  std::string chain;
  const std::string text = Output("iptables -t filter -L -v -n -x");
  for (const std::string_view line : Lines(text)) {
    const auto fields = Fields(line);
    if (fields.empty() || fields[0] == "pkts") continue;
    if (fields[0] == "Chain") {
      chain = fields.at(1);
      const bool own = fields.at(2) != "(policy";
      out.chains.insert(
          chain + "\t" + (own ? "" : std::string(fields.at(3))) + "\t" +
          (own ? "0\t0" : std::string(fields.at(4)) + "\t" + std::string(fields.at(6))));
      continue;
    }
    const auto interface = [](std::string_view name) { return name == "*" ? "all" : name; };
    const auto network = [](std::string_view n) {
      return n == "0.0.0.0/0" ? std::string("0.0.0.0\t0.0.0.0") : WithMask(n);
    };
    out.rules.insert(chain + "\t" + std::string(fields.at(0)) + "\t" + std::string(fields.at(1)) +
                     "\t" + std::string(fields.at(2)) + "\t" + std::string(fields.at(3)) + "\t" +
                     std::string(interface(fields.at(5))) + "\t" +
                     std::string(interface(fields.at(6))) + "\t" + network(fields.at(7)) + "\t" +
                     network(fields.at(8)));
  }
  return out;
}

TEST_F(DifferentialNetwork, RulesAreThoseThatIptablesLists) {
  Make(
      "ip link set lo up;"
      "iptables -P FORWARD DROP;"
      "iptables -N OURS;"
      "iptables -A INPUT -s 10.0.0.0/8 -p tcp --dport 22 -j ACCEPT;"
      "iptables -A INPUT -i lo -p icmp -j ACCEPT;"
      "iptables -A INPUT -d 198.51.100.7 -j OURS;"
      "iptables -A OURS -o eth0 -s 172.16.0.0/16 -p udp --sport 53 -j DROP;"
      "ping -q -c 1 127.0.0.1 >/dev/null;");
  const auto rows = IptablesLinux(host_, {{"filter_name", "filter"}});
  const auto cell = [](const Row& row, const char* column) {
    return row.at(static_cast<size_t>(kIptables.IndexOf(column)));
  };
  const auto is_rule = [&](const Row& row) { return !IsNull(cell(row, "target")); };
  const Listing listed = ListedByIptables();
  EXPECT_EQ(Ours(kIptables, rows,
                 {"chain", "packets", "bytes", "target", "protocol", "iniface", "outiface",
                  "src_ip", "src_mask", "dst_ip", "dst_mask"},
                 is_rule),
            listed.rules);
  EXPECT_EQ(Ours(kIptables, rows, {"chain", "policy", "packets", "bytes"},
                 [&](const Row& row) { return !is_rule(row); }),
            listed.chains);
  EXPECT_EQ(Ours(kIptables, rows, {"chain", "target", "src_port", "dst_port", "packets"}, is_rule),
            (Lined{"INPUT\tACCEPT\t\t22\t0", "INPUT\tACCEPT\t\t\t2", "INPUT\tOURS\t\t\t0",
                   "OURS\tDROP\t53\t\t0"}));
}

// What the row says of inbound and outbound is what a packet meets.
TEST_F(DifferentialNetwork, AFirewallThatBlocksIsOneThatNoPacketComesThrough) {
  const auto answers = [] { return Output("ping -q -c 1 -W 1 127.0.0.1 >/dev/null && echo yes"); };
  const auto effect = [this] {
    return Ours(kHostFirewall, HostFirewallLinux(host_, {}), {"inbound", "outbound"});
  };
  Make("ip link set lo up");
  EXPECT_EQ(effect(), Lined{"open\topen"});
  EXPECT_EQ(answers(), "yes\n");
  Make("nft add table inet f; nft add chain inet f in \"{ type filter hook input priority 0; }\"");
  EXPECT_EQ(effect(), Lined{"open\topen"});
  Make("nft add chain inet f in \"{ policy drop; }\"");
  EXPECT_EQ(effect(), Lined{"blocked\topen"});
  EXPECT_EQ(answers(), "");
  Make("nft flush ruleset; iptables -P OUTPUT DROP; ip6tables -P OUTPUT DROP");
  EXPECT_EQ(effect(), Lined{"open\tblocked"});
  EXPECT_EQ(answers(), "");
}

}  // namespace
}  // namespace sallyport
