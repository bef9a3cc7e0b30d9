// SPDX-License-Identifier: Apache-2.0
// ipsec.conf(5) and ipsec.secrets(5) as strongSwan's starter and stroke read them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "collectors/vpn/model.h"
#include "collectors/vpn/swanctl.h"
#include "platform/host.h"

namespace sallyport {

struct IpsecSection {
  std::string type;  // config conn ca
  std::string name;
  Span where;
  std::vector<Setting> settings;  // a later one of the same name has replaced the earlier
  std::vector<Setting> also;      // values are names of sections of the same type
};

// Sections in the order of their first appearance; those of one name grow together. Errors as
// LoadSettings: file and line, never a value.
Result<std::vector<IpsecSection>> LoadIpsecConf(const Host& host, const std::string& path);

// With what it takes over: its own settings, then those that `also` names, then "%default". A name
// of nothing adds nothing. kMalformed for names in a circle, kTooLarge for too much growth,
// which `bytes_left` (of kMaxInheritedBytes for all conns) counts too.
Result<IpsecSection> WithAlso(const std::vector<IpsecSection>& all, const IpsecSection& section,
                              size_t* bytes_left);

// A connection for each conn but %default.
Status AddIpsecConf(const std::vector<IpsecSection>& all, VpnConfiguration* out);

// A credential for each line of the file and of what it includes. A line that is not understood is
// a credential of unknown kind. kNotFound when it is not there.
Status AddIpsecSecrets(const Host& host, const std::string& path, VpnConfiguration* out);

}  // namespace sallyport
