// SPDX-License-Identifier: Apache-2.0
// One nf_tables rule, written down twice at once: as the kernel's expressions and in nft's words.
#pragma once

#include <string>
#include <string_view>

#include "gateway/access.h"
#include "gateway/nft/transaction.h"

namespace sallyport::gateway::nft {

inline constexpr char kWatched[] = "watched";  // set: places whose cut is being proven
inline constexpr char kPassed[] = "passed";    // set with counters: what still passed of those

enum class Side { kSource, kDestination };

// Each call appends a condition or an action; they read in nft's order. The kernel compares raw
// bytes: what depends on a header is preceded by the condition that the header is there.
class Rule {
 public:
  explicit Rule(std::string chain) : chain_(std::move(chain)) {}

  Rule& From(std::string_view interface);  // iifname
  Rule& To(std::string_view interface);    // oifname
  Rule& Ipv6();
  Rule& Host(Side side, const Network& network);
  Rule& Service(Side side, const Port& port);  // protocol and port at that side
  Rule& Esp();
  Rule& OriginalDirection();  // of conntrack: the packets of who began the flow
  Rule& ReplyDirection();     // the answers
  Rule& RelatedIcmp();        // ICMP errors about a flow that is known
  Rule& InSet(Side side, const std::string& name);  // interface and address are in the set
  Rule& Counter();
  Rule& Accept();
  Rule& Drop();
  Rule& Jump(const std::string& chain);
  Rule& Goto(const std::string& chain);  // as Jump, and back to the chain before this one

  const std::string& chain() const { return chain_; }
  const std::string& text() const { return text_; }  // as `nft list` prints it, without counters
  const Attributes& expressions() const { return expressions_; }

 private:
  void Say(const std::string& words);
  void Expression(const char* name, const Attributes& data);
  void Meta(uint32_t key, uint32_t reg);
  void Compare(std::string_view bytes, uint32_t op);
  void Payload(uint32_t base, uint32_t offset, uint32_t size, uint32_t reg);
  void NeedIpv4();
  void Verdict(int32_t code, const std::string& chain);
  void LoadPlace(Side side);
  void Direction(uint8_t direction, const char* word);

  std::string chain_;
  std::string text_;
  Attributes expressions_;
  bool ipv4_ = false;
};

}  // namespace sallyport::gateway::nft
