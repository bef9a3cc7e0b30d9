// SPDX-License-Identifier: Apache-2.0
// policy/packs/vpn-hardening.yml, as it was when this was built.
#pragma once

#include <string_view>

namespace sallyport {

std::string_view BuiltInPack();

}  // namespace sallyport
