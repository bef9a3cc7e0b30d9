// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/declared.h"
#include "collectors/osquery/network.h"

namespace sallyport {
namespace {

constexpr Schema kTables[] = {
    kInterfaceAddresses, kInterfaceDetails, kRoutes, kDnsResolvers, kIptables,
};

}  // namespace

std::span<const Schema> DeclaredNetworkTables() { return kTables; }

}  // namespace sallyport
