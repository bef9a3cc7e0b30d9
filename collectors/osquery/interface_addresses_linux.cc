// SPDX-License-Identifier: Apache-2.0
// ip-address(8). /proc tells IPv4 addresses without their interfaces, so ip is asked.
#include <nlohmann/json.hpp>

#include "collectors/ip_text.h"
#include "collectors/osquery/ip_json.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

using Json = nlohmann::json;

Value TextAt(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return Cell(std::nullopt);
  return Cell(found->get<std::string>());
}

// {"family":"inet","local":"192.0.2.2","prefixlen":24,"broadcast":"192.0.2.255","label":"eth0:1"};
// "address" is the other end's where it is not "local".
void AddAddress(const std::string& interface, const Json& address, TableRows* rows) {
  const auto family = address.value("family", std::string());
  if (family != "inet" && family != "inet6") return;
  const auto label = address.value("label", std::string());
  const std::string mask = MaskText(address.value("prefixlen", int64_t{-1}), family == "inet6");
  rows->Add({{"interface", Cell(label.empty() ? interface : label)},
             {"address", TextAt(address, "local")},
             {"mask", mask.empty() ? Cell(Unknown{}) : Cell(mask)},
             {"broadcast", TextAt(address, "broadcast")},
             {"point_to_point", TextAt(address, "address")},
             {"type", Cell("unknown")}});
}

}  // namespace

Result<Rows> InterfaceAddressesLinux(const Host& host, const Keys& keys) {
  const Result<Json> links = AskIp(host, {"-json", "addr", "show"});
  if (!links) return tl::unexpected(links.error());
  TableRows rows(kInterfaceAddresses);
  try {  // nlohmann's border
    for (const Json& link : *links) {
      if (link.empty()) continue;  // ip leaves an empty object for what it filtered
      const auto name = link.at("ifname").get<std::string>();
      for (const Json& address : link.at("addr_info")) AddAddress(name, address, &rows);
    }
  } catch (const Json::exception& e) {
    return Fail(Code::kMalformed, std::string("ip addr: ") + e.what());
  }
  return rows.Take(keys);
}

}  // namespace sallyport
