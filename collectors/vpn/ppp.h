// SPDX-License-Identifier: Apache-2.0
// pppd(8): the ways to authenticate, and the files of its secrets.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "collectors/vpn/model.h"
#include "platform/host.h"

namespace sallyport {

struct PppAuth {
  // Those that are not refused; pppd refuses none by itself.
  std::vector<std::string> allowed = {"eap", "mschapv2", "mschap", "chap", "pap"};
  Span where;
};

// An algorithm for each. Returns the weak ones: PAP, CHAP and MS-CHAPv1.
std::vector<std::string> AddPppAuth(const PppAuth& auth, const std::string& client,
                                    const std::string& name, VpnConfiguration* out);

// chap-secrets and pap-secrets: a credential for each line, its secret never looked at. A secret of
// "@/file" lies there. Errors: kNotFound, and those of ReadConfigText; kTooLarge.
Status AddPppSecrets(const Host& host, const std::string& path, VpnConfiguration* out);

}  // namespace sallyport
