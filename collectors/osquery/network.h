// SPDX-License-Identifier: Apache-2.0
// Declarations of osquery's tables: interfaces, routes, name servers, packet filters.
#pragma once

#include "base/table.h"

namespace sallyport {

inline constexpr Column kInterfaceAddressesColumns[] = {
    {"interface", Type::kText, "name"},
    {"address", Type::kText, "of the interface"},
    {"mask", Type::kText, "netmask"},
    {"broadcast", Type::kText, "broadcast address"},
    {"point_to_point", Type::kText, "address of the other end"},
    {"type", Type::kText, "dhcp, manual, auto, other or unknown"},
    {"friendly_name", Type::kText, "Windows: name for people"},
};
inline constexpr Schema kInterfaceAddresses{"interface_addresses", kInterfaceAddressesColumns,
                                            "addresses of the machine"};

inline constexpr Column kInterfaceDetailsColumns[] = {
    {"interface", Type::kText, "name"},
    {"mac", Type::kText, "hardware address", "nocase"},
    {"type", Type::kInteger, "number of the kind of interface"},
    {"mtu", Type::kInteger, "largest packet"},
    {"metric", Type::kInteger, "metric or cost"},
    {"flags", Type::kInteger, "of the interface, as a number"},
    {"ipackets", Type::kBigint, "received"},
    {"opackets", Type::kBigint, "sent"},
    {"ibytes", Type::kBigint, "received"},
    {"obytes", Type::kBigint, "sent"},
    {"ierrors", Type::kBigint, "when receiving"},
    {"oerrors", Type::kBigint, "when sending"},
    {"idrops", Type::kBigint, "when receiving"},
    {"odrops", Type::kBigint, "when sending"},
    {"collisions", Type::kBigint, "packets that collided"},
    {"last_change", Type::kBigint, "seconds since 1970; -1: not told"},
    {"link_speed", Type::kBigint, "Linux and macOS: Mb/s"},
    {"pci_slot", Type::kText, "Linux: of the card"},
    {"friendly_name", Type::kText, "Windows: name for people"},
    {"description", Type::kText, "Windows: what it is"},
    {"manufacturer", Type::kText, "Windows: of the card"},
    {"connection_id", Type::kText, "Windows: name of the connection"},
    {"connection_status", Type::kText, "Windows: state of the connection"},
    {"enabled", Type::kInteger, "Windows: 1: it is enabled"},
    {"physical_adapter", Type::kInteger, "Windows: 1: it is a card"},
    {"speed", Type::kInteger, "Windows: bits per second"},
    {"service", Type::kText, "Windows: driver"},
    {"dhcp_enabled", Type::kInteger, "Windows: 1: addresses by DHCP"},
    {"dhcp_lease_expires", Type::kText, "Windows: when the lease ends"},
    {"dhcp_lease_obtained", Type::kText, "Windows: when the lease began"},
    {"dhcp_server", Type::kText, "Windows: address"},
    {"dns_domain", Type::kText, "Windows: domain"},
    {"dns_domain_suffix_search_order", Type::kText, "Windows: domains that are tried"},
    {"dns_host_name", Type::kText, "Windows: host name"},
    {"dns_server_search_order", Type::kText, "Windows: servers that are asked"},
};
inline constexpr Schema kInterfaceDetails{"interface_details", kInterfaceDetailsColumns,
                                          "network interfaces"};

inline constexpr Column kRoutesColumns[] = {
    {"destination", Type::kText, "address"},
    {"netmask", Type::kInteger, "bits"},
    {"gateway", Type::kText, "next hop"},
    {"source", Type::kText, "address that is preferred"},
    {"flags", Type::kInteger, "of the route, as a number"},
    {"interface", Type::kText, "name"},
    {"mtu", Type::kInteger, "largest packet"},
    {"metric", Type::kInteger, "metric or cost"},
    {"type", Type::kText, "gateway, local, broadcast and the like", "", Role::kAdditional},
    {"hopcount", Type::kInteger, "Linux and macOS: most hops"},
};
inline constexpr Schema kRoutes{"routes", kRoutesColumns, "routes of the machine"};

inline constexpr Column kDnsResolversColumns[] = {
    {"id", Type::kInteger, "order of the entry"},
    {"type", Type::kText, "nameserver, sortlist or search"},
    {"address", Type::kText, "address or domain"},
    {"netmask", Type::kText, "of a sortlist"},
    {"options", Type::kBigint, "as a number"},
};
inline constexpr Schema kDnsResolvers{"dns_resolvers", kDnsResolversColumns,
                                      "name servers and search domains"};

inline constexpr Column kIptablesColumns[] = {
    {"filter_name", Type::kText, "table"},
    {"chain", Type::kText, "chain"},
    {"policy", Type::kText, "what the chain does with the rest"},
    {"target", Type::kText, "what the rule does"},
    {"protocol", Type::kInteger, "number of the IP protocol"},
    {"src_port", Type::kText, "ports of the source"},
    {"dst_port", Type::kText, "ports of the destination"},
    {"src_ip", Type::kText, "address of the source"},
    {"src_mask", Type::kText, "mask of the source"},
    {"iniface", Type::kText, "interface it comes in by"},
    {"iniface_mask", Type::kText, "mask of that name"},
    {"dst_ip", Type::kText, "address of the destination"},
    {"dst_mask", Type::kText, "mask of the destination"},
    {"outiface", Type::kText, "interface it leaves by"},
    {"outiface_mask", Type::kText, "mask of that name"},
    {"match", Type::kText, "module that decides"},
    {"packets", Type::kInteger, "counted"},
    {"bytes", Type::kInteger, "counted"},
};
inline constexpr Schema kIptables{"iptables", kIptablesColumns, "rules of iptables"};

}  // namespace sallyport
