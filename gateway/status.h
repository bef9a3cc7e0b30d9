// SPDX-License-Identifier: Apache-2.0
// What `sallyport-gate status` says: the kernel's own list of who may pass, and for how long.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/lease.h"
#include "gateway/session.h"

namespace sallyport::gateway {

// `sas`: nullopt when charon was not asked or did not answer; then tunnels are not named.
std::string StatusText(const std::vector<Element>& elements,
                       const std::optional<std::vector<IkeSa>>& sas);
// Schema sallyport.gate-status/v1 (README.md).
std::string StatusJson(const std::vector<Element>& elements,
                       const std::optional<std::vector<IkeSa>>& sas);

}  // namespace sallyport::gateway
