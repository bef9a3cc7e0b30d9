// SPDX-License-Identifier: Apache-2.0
#include "gateway/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace sallyport::gateway {
namespace {

using Sas = std::optional<std::vector<IkeSa>>;

std::vector<const IkeSa*> HoldersOf(const Sas& sas, Ipv4 address) {
  std::vector<const IkeSa*> out;
  if (!sas) return out;
  for (const IkeSa& sa : *sas) {
    if (sa.established && std::ranges::count(sa.addresses, address)) out.push_back(&sa);
  }
  return out;
}

// Established tunnels whose addresses have no element.
std::vector<const IkeSa*> WithoutLease(const std::vector<Element>& elements, const Sas& sas) {
  std::vector<const IkeSa*> out;
  if (!sas) return out;
  for (const IkeSa& sa : *sas) {
    const bool any = std::ranges::any_of(elements, [&sa](const Element& element) {
      return std::ranges::count(sa.addresses, element.place.address) > 0;
    });
    if (sa.established && !any) out.push_back(&sa);
  }
  return out;
}

}  // namespace

std::string StatusText(const std::vector<Element>& elements, const Sas& sas) {
  std::string out = fmt::format("{:<16} {:<15} {:<11} {:>10}  {:<24} {}\n", "INTERFACE", "ADDRESS",
                                "TIER", "ENDS IN", "DEVICE", "TUNNEL");
  for (const Element& element : elements) {
    std::string tunnels;
    for (const IkeSa* sa : HoldersOf(sas, element.place.address)) {
      tunnels +=
          fmt::format("{}ike-{} from {}", tunnels.empty() ? "" : ", ", sa->id, sa->remote_host);
    }
    if (tunnels.empty()) tunnels = sas ? "none" : "not asked";
    out += fmt::format("{:<16} {:<15} {:<11} {:>8.1f} s  {:<24} {}\n", element.place.interface,
                       ToText(element.place.address), TierName(element.tier),
                       static_cast<double>(element.left.count()) / 1000.0,
                       element.device.empty() ? "?" : element.device, tunnels);
  }
  for (const IkeSa* sa : WithoutLease(elements, sas)) {
    out += fmt::format("no lease: ike-{} {} from {}\n", sa->id, sa->identity, sa->remote_host);
  }
  return out;
}

std::string StatusJson(const std::vector<Element>& elements, const Sas& sas) {
  nlohmann::json out{{"schema", "sallyport.gate-status/v1"},
                     {"leases", nlohmann::json::array()},
                     {"charon_asked", sas.has_value()},
                     {"tunnels_without_lease", nlohmann::json::array()}};
  for (const Element& element : elements) {
    nlohmann::json tunnels = nlohmann::json::array();
    for (const IkeSa* sa : HoldersOf(sas, element.place.address)) {
      tunnels.push_back({{"session_id", "ike-" + std::to_string(sa->id)},
                         {"identity", sa->identity},
                         {"remote_host", sa->remote_host}});
    }
    out["leases"].push_back({{"interface", element.place.interface},
                             {"address", ToText(element.place.address)},
                             {"tier", TierName(element.tier)},
                             {"ends_in_ms", element.left.count()},
                             {"device_id", element.device},
                             {"tunnels", tunnels}});
  }
  for (const IkeSa* sa : WithoutLease(elements, sas)) {
    out["tunnels_without_lease"].push_back({{"session_id", "ike-" + std::to_string(sa->id)},
                                            {"identity", sa->identity},
                                            {"remote_host", sa->remote_host}});
  }
  // A peer's identity is a stranger's text.
  return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace sallyport::gateway
