// SPDX-License-Identifier: Apache-2.0
// nf_tables netlink messages as bytes: attributes, and the batch that the kernel commits as one.
// Source: linux/netfilter/nf_tables.h, linux/netfilter/nfnetlink.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::gateway::nft {

// Netlink attributes, appended and padded. Numbers are big-endian, as nf_tables has them.
class Attributes {
 public:
  void U32(uint16_t type, uint32_t value);
  void U64(uint16_t type, uint64_t value);
  void Text(uint16_t type, std::string_view text);  // with its NUL
  void Bytes(uint16_t type, std::string_view bytes);
  void Nested(uint16_t type, const Attributes& inner);
  // What is appended between the two is inside an attribute of this type.
  size_t Begin(uint16_t type);
  void End(size_t begun);
  const std::string& bytes() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }

 private:
  void Put(uint16_t type, std::string_view payload);

  std::string bytes_;
};

// All messages take effect together or none does; no packet sees a state between.
class Transaction {
 public:
  // `type`: NFT_MSG_*; `flags`: NLM_F_CREATE and the like. `about` names what the message touches,
  // for the error that says the kernel refused it.
  void Add(uint16_t type, uint16_t flags, const Attributes& attributes, std::string about);

  bool empty() const { return messages_.empty(); }
  // The batch with sequence numbers from `sequence` on. The last message (not the end mark, which
  // kernels before 6.10 do not acknowledge) asks for an ACK, which the kernel sends after commit.
  std::string Bytes(uint32_t sequence) const;
  uint32_t LastSequence(uint32_t sequence) const;
  // What the message with this sequence touches; "the transaction" for the marks around.
  std::string About(uint32_t first, uint32_t sequence) const;

 private:
  struct Message {
    uint16_t type = 0;
    uint16_t flags = 0;
    std::string payload;
    std::string about;
  };
  std::vector<Message> messages_;
};

}  // namespace sallyport::gateway::nft
