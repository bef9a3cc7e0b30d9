// SPDX-License-Identifier: Apache-2.0
#include "gateway/nft/rule.h"

#include <linux/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>

#include "base/bytes.h"

namespace sallyport::gateway::nft {
namespace {

// include/net/netfilter/nf_conntrack_tuple_common.h: IP_CT_DIR_ORIGINAL, IP_CT_DIR_REPLY.
constexpr uint8_t kOriginal = 0;
constexpr uint8_t kReply = 1;
// NF_CT_STATE_BIT(IP_CT_RELATED)
constexpr uint32_t kRelatedBit = 1u << (IP_CT_RELATED % IP_CT_IS_REPLY + 1);
constexpr uint32_t kSourceOffset = 12;  // in the IPv4 header
constexpr uint32_t kDestinationOffset = 16;
constexpr uint8_t kEchoRequest = 8;

std::string U32Bytes(uint32_t value) {
  std::string out;
  PutU32(out, value);
  return out;
}

std::string U16Bytes(uint16_t value) {
  std::string out;
  PutU16(out, value);
  return out;
}

template <typename T>
std::string HostBytes(T value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string InterfaceBytes(std::string_view name) {
  std::string out(name.substr(0, IFNAMSIZ - 1));
  out.resize(IFNAMSIZ);
  return out;
}

Attributes DataValue(std::string_view bytes) {
  Attributes data;
  data.Bytes(NFTA_DATA_VALUE, bytes);
  return data;
}

const char* ProtocolName(Protocol protocol) {
  return protocol == Protocol::kTcp ? "tcp" : protocol == Protocol::kUdp ? "udp" : "icmp";
}

}  // namespace

void Rule::Say(const std::string& words) {
  if (!text_.empty()) text_ += ' ';
  text_ += words;
}

void Rule::Expression(const char* name, const Attributes& data) {
  Attributes expression;
  expression.Text(NFTA_EXPR_NAME, name);
  if (!data.empty()) expression.Nested(NFTA_EXPR_DATA, data);
  expressions_.Nested(NFTA_LIST_ELEM, expression);
}

void Rule::Meta(uint32_t key, uint32_t reg) {
  Attributes data;
  data.U32(NFTA_META_KEY, key);
  data.U32(NFTA_META_DREG, reg);
  Expression("meta", data);
}

void Rule::Compare(std::string_view bytes, uint32_t op) {
  Attributes data;
  data.U32(NFTA_CMP_SREG, NFT_REG_1);
  data.U32(NFTA_CMP_OP, op);
  data.Nested(NFTA_CMP_DATA, DataValue(bytes));
  Expression("cmp", data);
}

void Rule::Payload(uint32_t base, uint32_t offset, uint32_t size, uint32_t reg) {
  Attributes data;
  data.U32(NFTA_PAYLOAD_DREG, reg);
  data.U32(NFTA_PAYLOAD_BASE, base);
  data.U32(NFTA_PAYLOAD_OFFSET, offset);
  data.U32(NFTA_PAYLOAD_LEN, size);
  Expression("payload", data);
}

void Rule::NeedIpv4() {
  if (ipv4_) return;
  ipv4_ = true;
  Meta(NFT_META_NFPROTO, NFT_REG_1);
  Compare(HostBytes(static_cast<uint8_t>(NFPROTO_IPV4)), NFT_CMP_EQ);
}

Rule& Rule::From(std::string_view interface) {
  Meta(NFT_META_IIFNAME, NFT_REG_1);
  Compare(InterfaceBytes(interface), NFT_CMP_EQ);
  Say("iifname \"" + std::string(interface) + "\"");
  return *this;
}

Rule& Rule::To(std::string_view interface) {
  Meta(NFT_META_OIFNAME, NFT_REG_1);
  Compare(InterfaceBytes(interface), NFT_CMP_EQ);
  Say("oifname \"" + std::string(interface) + "\"");
  return *this;
}

Rule& Rule::Ipv6() {
  Meta(NFT_META_NFPROTO, NFT_REG_1);
  Compare(HostBytes(static_cast<uint8_t>(NFPROTO_IPV6)), NFT_CMP_EQ);
  Say("meta nfproto ipv6");
  return *this;
}

Rule& Rule::Host(Side side, const Network& network) {
  NeedIpv4();
  Payload(NFT_PAYLOAD_NETWORK_HEADER, side == Side::kSource ? kSourceOffset : kDestinationOffset, 4,
          NFT_REG_1);
  if (network.prefix < 32) {
    Attributes data;
    data.U32(NFTA_BITWISE_SREG, NFT_REG_1);
    data.U32(NFTA_BITWISE_DREG, NFT_REG_1);
    data.U32(NFTA_BITWISE_LEN, 4);
    data.Nested(NFTA_BITWISE_MASK, DataValue(U32Bytes(~0u << (32 - network.prefix))));
    data.Nested(NFTA_BITWISE_XOR, DataValue(U32Bytes(0)));
    Expression("bitwise", data);
  }
  Compare(U32Bytes(network.address.bits), NFT_CMP_EQ);
  Say(std::string(side == Side::kSource ? "ip saddr " : "ip daddr ") + ToText(network));
  return *this;
}

Rule& Rule::Service(Side side, const Port& port) {
  Meta(NFT_META_L4PROTO, NFT_REG_1);
  Compare(HostBytes(static_cast<uint8_t>(port.protocol)), NFT_CMP_EQ);
  if (port.protocol == Protocol::kIcmp) {
    // An echo reply has nothing to tell it by but its type 0 and its flow.
    Payload(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, NFT_REG_1);
    Compare(HostBytes(side == Side::kDestination ? kEchoRequest : uint8_t{0}), NFT_CMP_EQ);
    Say(side == Side::kDestination ? "icmp type echo-request" : "icmp type echo-reply");
    return *this;
  }
  Payload(NFT_PAYLOAD_TRANSPORT_HEADER, side == Side::kSource ? 0 : 2, 2, NFT_REG_1);
  if (port.first == port.last) {
    Compare(U16Bytes(port.first), NFT_CMP_EQ);
  } else {
    Compare(U16Bytes(port.first), NFT_CMP_GTE);
    Compare(U16Bytes(port.last), NFT_CMP_LTE);
  }
  Say(std::string(ProtocolName(port.protocol)) + (side == Side::kSource ? " sport " : " dport ") +
      std::to_string(port.first) +
      (port.first == port.last ? "" : "-" + std::to_string(port.last)));
  return *this;
}

Rule& Rule::Esp() {
  Meta(NFT_META_L4PROTO, NFT_REG_1);
  Compare(HostBytes(static_cast<uint8_t>(IPPROTO_ESP)), NFT_CMP_EQ);
  Say("meta l4proto esp");
  return *this;
}

void Rule::Direction(uint8_t direction, const char* word) {
  Attributes data;
  data.U32(NFTA_CT_KEY, NFT_CT_DIRECTION);
  data.U32(NFTA_CT_DREG, NFT_REG_1);
  Expression("ct", data);
  Compare(HostBytes(direction), NFT_CMP_EQ);
  Say(std::string("ct direction ") + word);
}

Rule& Rule::OriginalDirection() {
  Direction(kOriginal, "original");
  return *this;
}

Rule& Rule::ReplyDirection() {
  Direction(kReply, "reply");
  return *this;
}

Rule& Rule::RelatedIcmp() {
  Attributes load;
  load.U32(NFTA_CT_KEY, NFT_CT_STATE);
  load.U32(NFTA_CT_DREG, NFT_REG_1);
  Expression("ct", load);
  Attributes mask;
  mask.U32(NFTA_BITWISE_SREG, NFT_REG_1);
  mask.U32(NFTA_BITWISE_DREG, NFT_REG_1);
  mask.U32(NFTA_BITWISE_LEN, 4);
  mask.Nested(NFTA_BITWISE_MASK, DataValue(HostBytes(kRelatedBit)));
  mask.Nested(NFTA_BITWISE_XOR, DataValue(HostBytes(uint32_t{0})));
  Expression("bitwise", mask);
  Compare(HostBytes(uint32_t{0}), NFT_CMP_NEQ);
  Meta(NFT_META_L4PROTO, NFT_REG_1);
  Compare(HostBytes(static_cast<uint8_t>(IPPROTO_ICMP)), NFT_CMP_EQ);
  Say("ct state related meta l4proto icmp");
  return *this;
}

void Rule::LoadPlace(Side side) {
  NeedIpv4();
  // The name fills all 16 bytes of register 1; register 2 lies right behind it.
  Meta(side == Side::kSource ? NFT_META_IIFNAME : NFT_META_OIFNAME, NFT_REG_1);
  Payload(NFT_PAYLOAD_NETWORK_HEADER, side == Side::kSource ? kSourceOffset : kDestinationOffset, 4,
          NFT_REG_2);
  Say(side == Side::kSource ? "iifname . ip saddr" : "oifname . ip daddr");
}

Rule& Rule::InSet(Side side, const std::string& name) {
  LoadPlace(side);
  Attributes data;
  data.Text(NFTA_LOOKUP_SET, name);
  data.U32(NFTA_LOOKUP_SREG, NFT_REG_1);
  Expression("lookup", data);
  Say("@" + name);
  return *this;
}

Rule& Rule::Counter() {
  Expression("counter", {});
  Say("counter");
  return *this;
}

void Rule::Verdict(int32_t code, const std::string& chain) {
  Attributes verdict;
  verdict.U32(NFTA_VERDICT_CODE, static_cast<uint32_t>(code));
  if (!chain.empty()) verdict.Text(NFTA_VERDICT_CHAIN, chain);
  Attributes value;
  value.Nested(NFTA_DATA_VERDICT, verdict);
  Attributes data;
  data.U32(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
  data.Nested(NFTA_IMMEDIATE_DATA, value);
  Expression("immediate", data);
}

Rule& Rule::Accept() {
  Verdict(NF_ACCEPT, "");
  Say("accept");
  return *this;
}

Rule& Rule::Drop() {
  Verdict(NF_DROP, "");
  Say("drop");
  return *this;
}

Rule& Rule::Jump(const std::string& chain) {
  Verdict(NFT_JUMP, chain);
  Say("jump " + chain);
  return *this;
}

Rule& Rule::Goto(const std::string& chain) {
  Verdict(NFT_GOTO, chain);
  Say("goto " + chain);
  return *this;
}

}  // namespace sallyport::gateway::nft
