// SPDX-License-Identifier: Apache-2.0
// The gate's table: what it holds before any lease, from the access file. Drop by default.
#pragma once

#include <string>
#include <vector>

#include "gateway/access.h"
#include "gateway/nft/rule.h"
#include "gateway/nft/transaction.h"

namespace sallyport::gateway::nft {

// table inet sallyport:
//   set leases_<tier>  interface . address of who has it; elements end by themselves
//   forward            always; the lease of the source, then of the destination; drop
//   input              from a tunnel: only `always` services of the gateway itself, and IKE
//   proof              after forward: counts what passed of the places whose cut is being proven,
//                      unless the table allows it now
// docs/decisions/0003-a-gate-forwards-nothing-else.md says why forward drops everything else.
struct Ruleset {
  Access access;
  std::vector<std::string> interfaces;  // the tunnels'
};

// Highest first: the order in which a packet's lease is looked for.
inline constexpr Tier kLeaseTiers[] = {Tier::kFull, Tier::kLimited, Tier::kQuarantine};
std::string TierChain(Tier tier);
std::string LeaseSet(Tier tier);

// In order, chain by chain.
std::vector<Rule> RulesOf(const Ruleset& ruleset);
// Makes the table, or brings the rules of one that is there up to date; elements stay. One
// transaction: no packet sees half of it. `flags`: NFT_TABLE_F_*.
Transaction InstallTransaction(const Ruleset& ruleset, uint32_t flags);
// In nft's syntax: `nft -f` accepts it.
std::string Print(const Ruleset& ruleset);

// The key of all sets: 16 bytes of name, 4 of address.
std::string KeyBytes(const Place& place);

}  // namespace sallyport::gateway::nft
