// SPDX-License-Identifier: Apache-2.0
// interface_addresses, interface_details, routes, dns_resolvers, iptables; addresses as text.
#include <gtest/gtest.h>

#include "collectors/ip_text.h"
#include "collectors/osquery/linux_tables.h"
#include "tests/collectors/osquery/shown.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

TEST(IpText, IsWhatTheSystemsOwnFunctionWrites) {
  EXPECT_EQ(ProcNetAddress("0100007F"), "127.0.0.1");
  EXPECT_EQ(ProcNetAddress("00000000000000000000000001000000"), "::1");
  EXPECT_EQ(ProcNetAddress("00000000000000000000000000000000"), "::");
  EXPECT_EQ(ProcNetAddress("0000000000000000FFFF00000100007F"), "::ffff:127.0.0.1");
  EXPECT_EQ(ProcNetAddress("B80D0120000001000000000000000100"), "2001:db8:1::1:0");
  EXPECT_EQ(ProcNetAddress("000080FE00000000000000000100FFFE"), "fe80::feff:1");
  EXPECT_EQ(ProcNetAddress("0100007"), std::nullopt);
  EXPECT_EQ(ProcNetAddress("0100007G"), std::nullopt);
  EXPECT_EQ(MaskText(24, false), "255.255.255.0");
  EXPECT_EQ(MaskText(0, false), "0.0.0.0");
  EXPECT_EQ(MaskText(33, false), "");
  EXPECT_EQ(MaskText(65, true), "ffff:ffff:ffff:ffff:8000::");
}

TEST(InterfaceAddresses, AreThoseThatIpListsWithTheirLabels) {
  FakeHost host;
  EXPECT_EQ(InterfaceAddressesLinux(host, {}).error().code, Code::kNotFound);
  const std::vector<std::string> ip = {"/usr/sbin/ip", "-json", "addr", "show"};
  host.PutCommand(
      ip, {0,
           R"([{},{"ifname":"lo","addr_info":[]},{"ifname":"eth0","addr_info":[)"
           R"({"family":"inet","local":"192.0.2.2","prefixlen":24,"broadcast":"192.0.2.255",)"
           R"("label":"eth0:1"},{"family":"inet6","local":"fe80::1","prefixlen":64}]},)"
           R"({"ifname":"tun0","addr_info":[{"family":"inet","local":"10.0.0.1",)"
           R"("address":"10.0.0.2","prefixlen":32,"label":"tun0"}]}])",
           ""});
  EXPECT_EQ(Shown(kInterfaceAddresses, InterfaceAddressesLinux(host, {})),
            "interface=eth0:1 address=192.0.2.2 mask=255.255.255.0 broadcast=192.0.2.255 "
            "type=unknown\n"
            "interface=eth0 address=fe80::1 mask=ffff:ffff:ffff:ffff:: type=unknown\n"
            "interface=tun0 address=10.0.0.1 mask=255.255.255.255 point_to_point=10.0.0.2 "
            "type=unknown\n");
  for (const char* damaged : {"[{\"ifname\":1}]", "{}", "[{\"ifname\":\"x\"", "[7]"}) {
    host.PutCommand(ip, {0, damaged, ""});
    EXPECT_EQ(InterfaceAddressesLinux(host, {}).error().code, Code::kMalformed) << damaged;
  }
  host.PutCommand(ip, {1, "", "Cannot open netlink socket\n"});
  EXPECT_EQ(Shown(kInterfaceAddresses, InterfaceAddressesLinux(host, {})),
            "unavailable: /usr/sbin/ip -json addr show: Cannot open netlink socket\n");
}

TEST(InterfaceDetails, FlagsAreThoseThatTheKernelTellsWithTheStateOfTheLink) {
  FakeHost host;
  const std::string device = "/sys/devices/pci0000:00/0000:00:1f.6/net/eth0/";
  host.PutLink("/sys/class/net/eth0", "../../devices/pci0000:00/0000:00:1f.6/net/eth0");
  host.PutLink("/sys/devices/pci0000:00/0000:00:1f.6/net/eth0/device", "../..");
  host.PutLink("/sys/devices/pci0000:00/0000:00:1f.6/subsystem", "/sys/bus/pci");
  host.PutDir("/sys/bus/pci");
  host.Put("/sys/class/net/bonding_masters", "\n");
  for (const auto& [name, value] :
       std::initializer_list<std::pair<const char*, const char*>>{{"ifindex", "2"},
                                                                  {"address", "02:fc:00:00:00:01"},
                                                                  {"type", "1"},
                                                                  {"mtu", "1400"},
                                                                  {"flags", "0x1003"},
                                                                  {"operstate", "up"},
                                                                  {"carrier", "1"},
                                                                  {"speed", "1000"},
                                                                  {"statistics/rx_packets", "1"},
                                                                  {"statistics/tx_packets", "2"},
                                                                  {"statistics/rx_bytes", "3"},
                                                                  {"statistics/tx_bytes", "4"},
                                                                  {"statistics/rx_errors", "5"},
                                                                  {"statistics/tx_errors", "6"},
                                                                  {"statistics/rx_dropped", "7"},
                                                                  {"statistics/tx_dropped", "8"},
                                                                  {"statistics/collisions", "9"}}) {
    host.Put(device + name, std::string(value) + "\n");
  }
  EXPECT_EQ(Shown(kInterfaceDetails, InterfaceDetailsLinux(host, {})),
            "interface=eth0 mac=02:fc:00:00:00:01 type=1 mtu=1400 metric=0 flags=69699 ipackets=1 "
            "opackets=2 ibytes=3 obytes=4 ierrors=5 oerrors=6 idrops=7 odrops=8 collisions=9 "
            "last_change=-1 link_speed=1000 pci_slot=0000:00:1f.6\n");
}

std::vector<std::string> Route(const char* family) {
  return {"/usr/sbin/ip", family, "-json", "-details", "route", "show", "table", "all"};
}

TEST(Routes, AreThoseOfEveryTableWithARowForEachHop) {
  FakeHost host;
  host.Put("/proc/net/if_inet6", "");
  host.PutCommand(
      Route("-4"),
      {0,
       R"([{"type":"unicast","dst":"default","gateway":"192.0.2.1","dev":"eth0","flags":[]},)"
       R"({"type":"local","dst":"127.0.0.1","dev":"lo","prefsrc":"127.0.0.1","flags":[]},)"
       R"({"type":"blackhole","dst":"10.0.0.0/8","metric":7,"flags":["linkdown"],)"
       R"("metrics":[{"mtu":1400,"hoplimit":64}]},)"
       R"({"type":"unicast","dst":"10.1.0.0/16","flags":[],"nexthops":[)"
       R"({"gateway":"192.0.2.8","dev":"eth0","flags":["onlink"]},)"
       R"({"via":{"family":"inet6","host":"fe80::1"},"dev":"eth1","flags":[]}]}])",
       ""});
  host.PutCommand(Route("-6"),
                  {0,
                   R"([{"type":"unicast","dst":"default","gateway":"fd00::1","dev":"eth0",)"
                   R"("metric":1024,"flags":[]}])",
                   ""});
  EXPECT_EQ(Shown(kRoutes, RoutesLinux(host, {})),
            "destination=0.0.0.0 netmask=0 gateway=192.0.2.1 flags=0 interface=eth0 mtu=0 "
            "metric=0 type=gateway hopcount=0\n"
            "destination=127.0.0.1 netmask=32 source=127.0.0.1 flags=0 interface=lo mtu=0 "
            "metric=0 type=local hopcount=0\n"
            "destination=10.0.0.0 netmask=8 flags=16 mtu=1400 metric=7 type=other hopcount=64\n"
            "destination=10.1.0.0 netmask=16 gateway=192.0.2.8 flags=4 interface=eth0 mtu=0 "
            "metric=0 type=gateway hopcount=0\n"
            "destination=10.1.0.0 netmask=16 gateway=fe80::1 flags=0 interface=eth1 mtu=0 "
            "metric=0 type=gateway hopcount=0\n"
            "destination=:: netmask=0 gateway=fd00::1 flags=0 interface=eth0 mtu=0 metric=1024 "
            "type=gateway hopcount=0\n");
  EXPECT_EQ(RoutesLinux(host, {{"type", "local"}})->size(), 1u);
}

TEST(Routes, WithoutIpv6ItIsNotAskedForAndHalfAnAnswerIsAnError) {
  FakeHost host;
  host.PutCommand(Route("-4"), {0, "", ""});
  EXPECT_EQ(RoutesLinux(host, {})->size(), 0u);
  host.Put("/proc/net/if_inet6", "");
  EXPECT_EQ(RoutesLinux(host, {}).error().code, Code::kNotFound);
  host.PutCommand(Route("-6"), {0, "[{\"type\":\"unicast\"}]", ""});
  EXPECT_EQ(RoutesLinux(host, {}).error().code, Code::kMalformed);
}

TEST(DnsResolvers, AreThreeServersAtMostAndTheLastSearchList) {
  FakeHost host;
  host.Put("/etc/resolv.conf",
           "# remark\n"
           "nameserver 192.0.2.53\nnameserver fe80::1%eth0\nnameserver 192.0.2.55\n"
           "nameserver 192.0.2.56\n"
           " nameserver 192.0.2.57\n"
           "domain old.example\n"
           "search a.example b.example\n"
           "sortlist 130.155.160.0/255.255.240.0\n"
           "options edns0 trust-ad ndots:2\n");
  EXPECT_EQ(Shown(kDnsResolvers, DnsResolversLinux(host, {})),
            "id=0 type=nameserver address=192.0.2.53 netmask=32 options=68158145\n"
            "id=1 type=nameserver address=fe80::1%eth0 netmask=32 options=68158145\n"
            "id=2 type=nameserver address=192.0.2.55 netmask=32 options=68158145\n"
            "id=0 type=sortlist address=130.155.160.0 netmask=255.255.240.0 options=68158145\n"
            "id=0 type=search address=a.example options=68158145\n"
            "id=1 type=search address=b.example options=68158145\n");
}

TEST(DnsResolvers, WithoutAFileTheMachineAsksItselfAndSearchesItsOwnDomain) {
  FakeHost host;
  host.Put("/proc/sys/kernel/hostname", "laptop.corp.example\n");
  EXPECT_EQ(Shown(kDnsResolvers, DnsResolversLinux(host, {})),
            "id=0 type=nameserver address=127.0.0.1 netmask=32 options=705\n"
            "id=0 type=search address=corp.example options=705\n");
  host.Fail("/etc/resolv.conf", Code::kDenied);
  EXPECT_EQ(DnsResolversLinux(host, {}).error().code, Code::kDenied);
}

const std::vector<std::string> kSave = {"/usr/sbin/iptables-save", "-c"};

TEST(Iptables, AChainIsARowAndEachOfItsRulesAndWhatIsNegatedIsUnknown) {
  FakeHost host;
  EXPECT_EQ(IptablesLinux(host, {}).error().code, Code::kNotFound);
  host.PutCommand(kSave, {0,
                          "# Generated by iptables-save\n"
                          "*filter\n"
                          ":INPUT DROP [12:840]\n"
                          ":DOCKER - [0:0]\n"
                          "[3:180] -A INPUT -s 10.0.0.0/8 ! -d 192.0.2.1/32 -i eth+ -p tcp -m tcp "
                          "--dport 22 -m comment --comment \"say \\\"-j DROP\\\" -o x\" -j ACCEPT\n"
                          "[0:0] -A DOCKER ! -p udp -o eth0 -g OTHER\n"
                          "COMMIT\n",
                          ""});
  EXPECT_EQ(Shown(kIptables, IptablesLinux(host, {})),
            "filter_name=filter chain=INPUT policy=DROP packets=12 bytes=840\n"
            "filter_name=filter chain=DOCKER policy= packets=0 bytes=0\n"
            "filter_name=filter chain=INPUT policy=DROP target=ACCEPT protocol=6 dst_port=22 "
            "src_ip=10.0.0.0 src_mask=255.0.0.0 iniface=eth+ iniface_mask=FFFFFF dst_ip=unknown "
            "dst_mask=unknown outiface=all outiface_mask= match=yes packets=3 bytes=180\n"
            "filter_name=filter chain=DOCKER policy= target=OTHER protocol=unknown "
            "src_ip=0.0.0.0 src_mask=0.0.0.0 iniface=all iniface_mask= dst_ip=0.0.0.0 "
            "dst_mask=0.0.0.0 outiface=eth0 outiface_mask=FFFFFFFFFF match=no packets=0 bytes=0\n");
}

TEST(Iptables, AnAnswerThatIsNoSaveFileIsAnError) {
  FakeHost host;
  for (const char* damaged : {":INPUT DROP [1:2]\n", "*filter\n-B INPUT\n", "*filter\n:INPUT\n"}) {
    host.PutCommand(kSave, {0, damaged, ""});
    EXPECT_EQ(IptablesLinux(host, {}).error().code, Code::kMalformed) << damaged;
  }
  host.PutCommand(kSave, {1, "", "Permission denied (you must be root)\n"});
  EXPECT_EQ(IptablesLinux(host, {}).error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace sallyport
