// SPDX-License-Identifier: Apache-2.0
// A connection over IKE as strongSwan understands it, whichever file it was written in, and what
// the model makes of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/table.h"
#include "collectors/vpn/algorithms.h"
#include "collectors/vpn/model.h"
#include "collectors/vpn/span.h"

namespace sallyport {

// A list of proposals, or what stands for it.
struct IkeProposals {
  std::string text;  // "" where none is written: the program's default
  bool written = false;
  bool strict = true;  // false: the responder takes its default too (ipsec.conf without "!")
  Span where;          // of the setting, or of the section that lacks it
};

// One round of authentication of one side.
struct IkeRound {
  std::string auth = "pubkey";  // pubkey psk eap-* xauth* any ...
  std::optional<std::string> id = {};
  bool pinned = false;  // by certificate or key
  std::string revocation = "relaxed";
  std::string name = {};
  Span where = {};
};

struct IkeChild {
  std::string name;
  IkeProposals esp;
  std::optional<IkeProposals> ah = {};
  bool only_ah = false;
  std::string mode = "tunnel";
  std::vector<std::string> remote_ts = {};
  std::string start_action = "none";
  Span where = {};
  Span ts_where = {};
};

struct IkeConnection {
  std::string client;
  std::string name;
  Span where;
  std::string version = "0";  // as swanctl.conf(5) has it
  std::vector<std::string> remote_addrs = {};
  bool asks_address = false;  // a virtual one: it is a client
  std::string aggressive = "no";
  IkeProposals proposals;
  std::vector<IkeRound> local = {};
  std::vector<IkeRound> remote = {};
  std::vector<IkeChild> children = {};
  std::string problem = {};  // why the program does not load it
};

// Its row, its algorithms, its routes, its revocation.
void AddIkeConnection(const IkeConnection& connection, VpnConfiguration* out);

// A row of the model for each algorithm of a list.
void AddAlgorithmsOf(const IkeProposals& list, ProposalPhase phase, const std::string& client,
                     const std::string& connection, const Value& child, VpnConfiguration* out);

// strongSwan's spellings, settings_value_as_bool(); nullopt: none of them, and so its default.
std::optional<bool> YesOrNo(std::string_view text);
// "a, b" as its parts, without empty ones.
std::vector<std::string> CommaList(std::string_view text);
// One named peer, and not a range, a subnet or anyone.
bool IsNamedPeer(std::string_view address);
// A shared key of these owners counts for every peer: it has none, or one of them stands for
// anyone. charon matches each owner on its own.
bool IsForAnyPeer(const std::vector<std::string>& owners);
// 1: all of IPv4, or all of IPv6.
bool IsEverything(std::string_view network);

}  // namespace sallyport
