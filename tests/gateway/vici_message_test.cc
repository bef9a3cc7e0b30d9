// SPDX-License-Identifier: Apache-2.0
#include "gateway/vici/message.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace sallyport::vici {
namespace {

using namespace std::string_literals;

// The example of strongSwan's vici README, "Encoding example".
const Message kExample{{"key1", "value1"s},
                       {"section1", Message{{"sub-section", Message{{"key2", "value2"s}}},
                                            {"list1", Message::List{"item1", "item2"}}}}};
const std::string kExampleHex =
    "03046b657931000676616c756531"  // key1 = value1
    "010873656374696f6e31"          // section1
    "010b7375622d73656374696f6e"    // sub-section
    "03046b657932000676616c756532"  // key2 = value2
    "02"                            // end of sub-section
    "04056c69737431"                // list1
    "0500056974656d31"              // item1
    "0500056974656d32"              // item2
    "06"                            // end of list1
    "02";                           // end of section1

Error DecodeError(const std::string& hex) {
  const auto message = Decode(FromHex(hex).value());
  return message ? Error{Code::kInternal, "decoded"} : message.error();
}

TEST(ViciMessage, TheExampleOfTheSpecificationEncodesToItsBytesAndBack) {
  EXPECT_EQ(ToHex(Encode(kExample).value()), kExampleHex);
  EXPECT_EQ(Decode(FromHex(kExampleHex).value()).value(), kExample);
}

TEST(ViciMessage, EveryCutOfTheExampleIsMalformedUnlessItEndsBetweenElementsOfTheRoot) {
  const std::string bytes = FromHex(kExampleHex).value();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto message = Decode(std::string_view(bytes).substr(0, size));
    if (size == 0 || size == 14) {
      EXPECT_TRUE(message) << size;
    } else {
      ASSERT_FALSE(message) << size;
      EXPECT_EQ(message.error().code, Code::kMalformed) << size;
    }
  }
}

TEST(ViciMessage, WhatTheSpecificationForbidsIsNamedWithItsPlace) {
  EXPECT_EQ(DecodeError("02").message, "vici: unexpected element 2 at byte 1");
  EXPECT_EQ(DecodeError("06").message, "vici: unexpected element 6 at byte 1");
  EXPECT_EQ(DecodeError("05000161").message, "vici: unexpected element 5 at byte 1");
  EXPECT_EQ(DecodeError("00").message, "vici: unexpected element 0 at byte 1");
  EXPECT_EQ(DecodeError("07").message, "vici: unexpected element 7 at byte 1");
  EXPECT_EQ(DecodeError("04016104016206").message, "vici: element 4 in a list at byte 4");
  EXPECT_EQ(DecodeError("04016103016200016306").message, "vici: element 3 in a list at byte 4");
  EXPECT_EQ(DecodeError("040161").message, "vici: list without end at byte 3");
  EXPECT_EQ(DecodeError("010161").message, "vici: section without end at byte 3");
  EXPECT_EQ(DecodeError("030561").message, "vici: name longer than the message at byte 2");
  EXPECT_EQ(DecodeError("03016100").message, "vici: value without length at byte 3");
  EXPECT_EQ(DecodeError("0301610002aa").message, "vici: value longer than the message at byte 5");
  EXPECT_EQ(DecodeError("030161000003016100").message, "vici: value without length at byte 8");
  EXPECT_EQ(DecodeError("03016100000301610000").message,
            "vici: key that comes twice: a at byte 10");
}

TEST(ViciMessage, ValuesAreBlobsAndEmptyOnesAreAllowed) {
  const Message message{{"data", std::string("\0\xff\x06", 3)},
                        {"", ""s},
                        {"none", Message::List{}},
                        {"empty", Message{}}};
  EXPECT_EQ(Decode(Encode(message).value()).value(), message);
}

TEST(ViciMessage, WhatHasNoEncodingIsRefused) {
  EXPECT_EQ(Encode(Message{{std::string(256, 'n'), "v"s}}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(Encode(Message{{"k", std::string(65536, 'v')}}).error().code, Code::kInvalidArgument);
  EXPECT_TRUE(Encode(Message{{std::string(255, 'n'), std::string(65535, 'v')}}));
}

TEST(ViciMessage, NestingAndNumberOfElementsAreBounded) {
  std::string deep;
  for (int i = 0; i < 17; ++i) deep += "0100";
  EXPECT_EQ(DecodeError(deep).code, Code::kTooLarge);

  // Three bytes an element is the least there is: this many just fit into a packet.
  std::string many("\x04\x00", 2);
  for (size_t i = 0; i <= kMaxElements; ++i) many.append("\x05\x00\x00", 3);
  EXPECT_EQ(Decode(many + "\x06").error().code, Code::kTooLarge);
  EXPECT_EQ(Decode(std::string(kMaxPacketBytes + 1, '\0')).error().code, Code::kTooLarge);
}

TEST(ViciMessage, AnAccessorAnswersOnlyForTheFormThatTheKeyHas) {
  EXPECT_EQ(kExample.Text("key1"), "value1");
  EXPECT_EQ(kExample.Text("section1"), std::nullopt);
  EXPECT_EQ(kExample.Section("key1"), nullptr);
  EXPECT_EQ(*kExample.Section("section1")->ListOf("list1"), (Message::List{"item1", "item2"}));
  EXPECT_EQ(kExample.Section("section1")->Section("sub-section")->Text("key2"), "value2");
  EXPECT_EQ(kExample.ListOf("absent"), nullptr);
}

TEST(ViciPacket, PacketsOfEveryTypeComeBackAsTheyWere) {
  const Message some{{"a", "b"s}};
  for (const Packet& packet :
       {Packet{PacketType::kCommandRequest, "list-sas", some},
        Packet{PacketType::kCommandResponse, "", some}, Packet{PacketType::kCommandUnknown, "", {}},
        Packet{PacketType::kEventRegister, "ike-updown", {}},
        Packet{PacketType::kEventUnregister, "ike-updown", {}},
        Packet{PacketType::kEventConfirm, "", {}}, Packet{PacketType::kEventUnknown, "", {}},
        Packet{PacketType::kEvent, "list-sa", some}}) {
    Deframer in;
    in.Append(EncodePacket(packet).value());
    EXPECT_EQ(**in.Next(), packet);
    EXPECT_EQ(*in.Next(), std::nullopt);
  }
}

TEST(ViciPacket, MalformedPacketsAreRefused) {
  EXPECT_EQ(DecodePacket("").error().code, Code::kMalformed);
  EXPECT_EQ(DecodePacket("\x08").error().message, "vici: packet type 8");
  EXPECT_EQ(DecodePacket("\x07").error().code, Code::kMalformed);
  EXPECT_EQ(DecodePacket("\x07\x05"
                         "abc")
                .error()
                .code,
            Code::kMalformed);
  EXPECT_EQ(DecodePacket("\x05x").error().code, Code::kMalformed);
  EXPECT_EQ(DecodePacket("\x01\x02").error().code, Code::kMalformed);
}

TEST(ViciPacket, AStreamIsCutWhereverItsBytesArrive) {
  const Packet first{PacketType::kEvent, "ike-updown", kExample};
  const Packet second{PacketType::kCommandResponse, "", {}};
  const std::string bytes = EncodePacket(first).value() + EncodePacket(second).value();
  Deframer in;
  std::vector<Packet> got;
  for (char byte : bytes) {
    in.Append(std::string_view(&byte, 1));
    for (auto packet = in.Next(); *packet; packet = in.Next()) got.push_back(**packet);
  }
  EXPECT_EQ(got, (std::vector<Packet>{first, second}));
}

TEST(ViciPacket, ALengthOfNothingOrOverTheBoundEndsTheStream) {
  Deframer none;
  none.Append(std::string("\0\0\0\0", 4));
  EXPECT_EQ(none.Next().error().message, "vici: packet length 0");
  Deframer big;
  big.Append(std::string("\x00\x08\x00\x01", 4));  // 512 KiB and one
  EXPECT_EQ(big.Next().error().message, "vici: packet length 524289");
  Deframer just;
  just.Append(std::string("\x00\x08\x00\x00", 4));
  EXPECT_EQ(*just.Next(), std::nullopt);
}

}  // namespace
}  // namespace sallyport::vici
