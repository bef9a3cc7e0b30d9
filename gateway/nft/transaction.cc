// SPDX-License-Identifier: Apache-2.0
#include "gateway/nft/transaction.h"

#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cstring>

#include "base/bytes.h"

namespace sallyport::gateway::nft {
namespace {

template <typename T>
void AppendStruct(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void AppendMessage(std::string& out, uint16_t type, uint16_t flags, uint32_t sequence,
                   uint8_t family, uint16_t resource, std::string_view payload) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<uint32_t>(sizeof(nlmsghdr) + sizeof(nfgenmsg) + payload.size());
  header.nlmsg_type = type;
  header.nlmsg_flags = flags;
  header.nlmsg_seq = sequence;
  AppendStruct(out, header);
  nfgenmsg generic{};
  generic.nfgen_family = family;
  generic.version = NFNETLINK_V0;
  generic.res_id = htobe16(resource);
  AppendStruct(out, generic);
  out.append(payload);
}

}  // namespace

void Attributes::Put(uint16_t type, std::string_view payload) {
  nlattr header{};
  header.nla_len = static_cast<uint16_t>(sizeof header + payload.size());
  header.nla_type = type;
  AppendStruct(bytes_, header);
  bytes_.append(payload);
  bytes_.resize(NLA_ALIGN(bytes_.size()));
}

void Attributes::U32(uint16_t type, uint32_t value) {
  std::string payload;
  PutU32(payload, value);
  Put(type, payload);
}

void Attributes::U64(uint16_t type, uint64_t value) {
  std::string payload;
  PutU64(payload, value);
  Put(type, payload);
}

void Attributes::Text(uint16_t type, std::string_view text) { Put(type, std::string(text) + '\0'); }

void Attributes::Bytes(uint16_t type, std::string_view bytes) { Put(type, bytes); }

void Attributes::Nested(uint16_t type, const Attributes& inner) {
  Put(type | NLA_F_NESTED, inner.bytes());
}

size_t Attributes::Begin(uint16_t type) {
  const size_t begun = bytes_.size();
  Put(type | NLA_F_NESTED, {});
  return begun;
}

void Attributes::End(size_t begun) {
  nlattr header{};
  std::memcpy(&header, bytes_.data() + begun, sizeof header);
  header.nla_len = static_cast<uint16_t>(bytes_.size() - begun);
  std::memcpy(bytes_.data() + begun, &header, sizeof header);
}

void Transaction::Add(uint16_t type, uint16_t flags, const Attributes& attributes,
                      std::string about) {
  messages_.push_back({type, flags, attributes.bytes(), std::move(about)});
}

std::string Transaction::Bytes(uint32_t sequence) const {
  std::string out;
  AppendMessage(out, NFNL_MSG_BATCH_BEGIN, NLM_F_REQUEST, sequence++, AF_UNSPEC,
                NFNL_SUBSYS_NFTABLES, {});
  for (const Message& message : messages_) {
    const bool last = &message == &messages_.back();
    AppendMessage(out, static_cast<uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message.type),
                  static_cast<uint16_t>(NLM_F_REQUEST | message.flags | (last ? NLM_F_ACK : 0)),
                  sequence++, NFPROTO_INET, 0, message.payload);
  }
  AppendMessage(out, NFNL_MSG_BATCH_END, NLM_F_REQUEST, sequence, AF_UNSPEC, NFNL_SUBSYS_NFTABLES,
                {});
  return out;
}

uint32_t Transaction::LastSequence(uint32_t sequence) const {
  return sequence + static_cast<uint32_t>(messages_.size());
}

std::string Transaction::About(uint32_t first, uint32_t sequence) const {
  const uint32_t index = sequence - first;  // the begin mark is 0
  if (index == 0 || index > messages_.size()) return "the transaction";
  return messages_[index - 1].about;
}

}  // namespace sallyport::gateway::nft
