// SPDX-License-Identifier: Apache-2.0
// Walks netlink attributes. libmnl's macros for it are C only; its callbacks check every length.
#pragma once

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>

#include <functional>

namespace sallyport::gateway::nft {

using EachAttribute = std::function<void(const nlattr*)>;

inline int CallEach(const nlattr* attribute, void* each) {
  (*static_cast<const EachAttribute*>(each))(attribute);
  return MNL_CB_OK;
}

// Of a message of nfnetlink, behind its nfgenmsg.
inline void ForEachAttribute(const nlmsghdr& message, EachAttribute each) {
  if (mnl_nlmsg_get_payload_len(&message) < sizeof(nfgenmsg)) return;
  mnl_attr_parse(&message, sizeof(nfgenmsg), CallEach, &each);
}

inline void ForEachNested(const nlattr* parent, EachAttribute each) {
  mnl_attr_parse_nested(parent, CallEach, &each);
}

}  // namespace sallyport::gateway::nft
