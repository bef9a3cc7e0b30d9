// SPDX-License-Identifier: Apache-2.0
// Messages as strongSwan 5.9.8 sent them, without the keys that nobody reads.
#include "gateway/session.h"

#include <gtest/gtest.h>

namespace sallyport::gateway {
namespace {

using namespace std::string_literals;
using vici::Message;

const Message kChild{{"name", "office"s},
                     {"state", "INSTALLED"s},
                     {"spi-in", "08707614"s},
                     {"spi-out", "f9c06ac5"s}};

Message Sa(const std::string& id, const std::string& state) {
  return Message{{"uniqueid", id},
                 {"version", "2"s},
                 {"state", state},
                 {"remote-host", "198.51.100.10"s},
                 {"remote-id", "dev-0001.lab"s},
                 {"remote-vips", Message::List{"10.99.0.1", "fd00::1"}}};
}

IkeSa Expected(uint64_t id, std::vector<uint32_t> spis) {
  return {id, true, "ikev2", "dev-0001.lab", "198.51.100.10", {Ipv4{0x0a630001}}, std::move(spis)};
}

TEST(Session, AListedSaHasItsIdentityItsIpv4AddressesAndTheSpisOfItsChildren) {
  Message sa = Sa("1", "ESTABLISHED");
  sa.Set("child-sas", Message{{"office-1", kChild}});
  EXPECT_EQ(ParseListedSa({{"office", sa}}).value(), Expected(1, {0x08707614, 0xf9c06ac5}));
}

TEST(Session, BeforeAndAfterItIsEstablishedAnSaHoldsNothing) {
  for (const char* state : {"CREATED", "CONNECTING", "PASSIVE", "REKEYED", "DELETING", ""}) {
    EXPECT_FALSE(ParseListedSa({{"office", Sa("1", state)}}).value().established) << state;
  }
  EXPECT_TRUE(ParseListedSa({{"office", Sa("1", "REKEYING")}}).value().established);
}

TEST(Session, WithEapOnlyTheEapIdentityCounts) {
  Message sa = Sa("1", "ESTABLISHED");
  sa.Set("remote-eap-id", "alice"s);
  EXPECT_EQ(ParseListedSa({{"office", sa}}).value().identity, "alice");
}

TEST(Session, UpAndDownAreToldByAKeyThatDownDoesNotHave) {
  const Message up{{"up", "yes"s}, {"office", Sa("3", "ESTABLISHED")}};
  EXPECT_EQ(**ParseSaEvent("ike-updown", up), SaEvent(SaStands{Expected(3, {})}));
  const Message down{{"office", Sa("3", "DELETING")}};
  EXPECT_EQ(**ParseSaEvent("ike-updown", down), SaEvent(SaGone{3}));
  EXPECT_EQ(**ParseSaEvent("child-updown", down), SaEvent(SaGone{3}));
}

TEST(Session, AChildThatGoesWhileItsSaStaysTakesOnlyItsSpis) {
  Message sa = Sa("3", "ESTABLISHED");
  sa.Set("child-sas", Message{{"office-3", kChild}});
  EXPECT_EQ(**ParseSaEvent("child-updown", {{"office", sa}}),
            SaEvent(ChildRekeyed{3, {0x08707614, 0xf9c06ac5}, {}}));
}

TEST(Session, ARekeyNamesTheOldIdAndTheNew) {
  const Message event{
      {"office", Message{{"old", Message{{"uniqueid", "1"s}}}, {"new", Sa("2", "ESTABLISHED")}}}};
  EXPECT_EQ(**ParseSaEvent("ike-rekey", event), SaEvent(SaRekeyed{1, Expected(2, {})}));
}

TEST(Session, AChildsRekeyExchangesItsSpis) {
  Message sa = Sa("2", "ESTABLISHED");
  sa.Set("child-sas",
         Message{{"office",
                  Message{{"old", kChild},
                          {"new", Message{{"spi-in", "d3fb615f"s}, {"spi-out", "8b847d7e"s}}}}}});
  EXPECT_EQ(**ParseSaEvent("child-rekey", {{"office", sa}}),
            SaEvent(ChildRekeyed{2, {0x08707614, 0xf9c06ac5}, {0xd3fb615f, 0x8b847d7e}}));
}

TEST(Session, AnEventThatCannotBeUnderstoodIsAnErrorAndNotNothing) {
  for (const char* name : {"ike-updown", "child-updown", "ike-rekey", "child-rekey"}) {
    EXPECT_FALSE(ParseSaEvent(name, {})) << name;
    EXPECT_FALSE(ParseSaEvent(name, {{"office", Message{}}})) << name;
    EXPECT_FALSE(ParseSaEvent(name, {{"office", Message{{"uniqueid", "x"s}}}})) << name;
  }
  EXPECT_FALSE(ParseListedSa({}));
}

TEST(Session, OnlyOneLabelUnderTheTrustDomainIsADevice) {
  EXPECT_EQ(DeviceOf("dev-0001.lab", "lab"), "dev-0001");
  EXPECT_EQ(DeviceOf("DEV-0001.Lab", "lab"), "dev-0001");
  for (const char* other : {"dev-0001", "dev-0001.lab.evil", "dev-0001.evil", ".lab", "lab", "",
                            "a.dev-0001.lab", "dev_0001.lab", "C=CH, CN=dev-0001.lab",
                            "dev-0001@lab", "198.51.100.10", "%any", "dev-0001lab"}) {
    EXPECT_EQ(DeviceOf(other, "lab"), std::nullopt) << other;
  }
}

}  // namespace
}  // namespace sallyport::gateway
