// SPDX-License-Identifier: Apache-2.0
#include "collectors/edr/macos_product.h"

namespace sallyport {
namespace {

using Words = std::string_view;
using Tool = MacosEdrProduct::Tool;

// Identifiers as the makers' pages on profiles for system extensions name them.
constexpr Words kDefender[] = {"com.microsoft.wdav.epsext"};
constexpr Words kFalcon[] = {"com.crowdstrike.falcon.Agent"};
constexpr Words kSentinel[] = {"com.sentinelone.network-monitoring"};
constexpr Words kSophos[] = {"com.sophos.endpoint.scanextension"};
constexpr Words kJamf[] = {"com.jamf.protect.security-extension"};
constexpr Words kElastic[] = {"co.elastic.systemextension"};
constexpr Words kSanta[] = {"com.northpolesec.santa.daemon", "com.google.santa.daemon"};
constexpr Words kCortex[] = {"com.paloaltonetworks.traps.securityextension"};
constexpr Words kEset[] = {"com.eset.endpoint"};

constexpr Words kMdatp[] = {"/usr/local/bin/mdatp", "health"};
constexpr Words kFalconctl[] = {"/Applications/Falcon.app/Contents/Resources/falconctl", "stats",
                                "agent_info"};

constexpr MacosEdrProduct kProducts[] = {
    {"defender_endpoint", "Microsoft", "edr", kDefender, Tool::kMdatp, kMdatp},
    {"crowdstrike_falcon", "CrowdStrike", "edr", kFalcon, Tool::kFalconctl, kFalconctl},
    {"sentinelone", "SentinelOne", "edr", kSentinel},
    {"sophos_endpoint", "Sophos", "edr", kSophos},
    {"jamf_protect", "Jamf", "edr", kJamf},
    {"elastic_defend", "Elastic", "edr", kElastic},
    {"santa", "North Pole Security", "audit", kSanta},
    {"cortex_xdr", "Palo Alto Networks", "edr", kCortex},
    {"eset_endpoint", "ESET", "antivirus", kEset},
};

}  // namespace

std::span<const MacosEdrProduct> EdrProductsOfMacos() { return kProducts; }

}  // namespace sallyport
