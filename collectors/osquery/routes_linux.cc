// SPDX-License-Identifier: Apache-2.0
// ip-route(8): every table, as rtnetlink has them.
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "collectors/osquery/ip_json.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

using Json = nlohmann::json;

// rtnetlink(7), linux/rtnetlink.h: RTNH_F_* and RTM_F_*.
constexpr std::pair<std::string_view, int64_t> kFlags[] = {
    {"dead", 0x1},       {"pervasive", 0x2},   {"onlink", 0x4},   {"offload", 0x8},
    {"linkdown", 0x10},  {"unresolved", 0x20}, {"trap", 0x40},    {"notify", 0x100},
    {"cloned", 0x200},   {"equalize", 0x400},  {"prefix", 0x800}, {"rt_offload", 0x4000},
    {"rt_trap", 0x8000},
};

int64_t FlagsOf(const Json& route) {
  int64_t flags = 0;
  for (const Json& flag : route.value("flags", Json::array())) {
    for (const auto& [name, bit] : kFlags) {
      if (flag == name) flags |= bit;
    }
  }
  return flags;
}

const char* TypeOf(const std::string& type) {
  if (type == "unicast") return "gateway";
  for (const char* same : {"local", "broadcast", "anycast"}) {
    if (type == same) return same;
  }
  return "other";
}

Value TextAt(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? Cell(std::nullopt) : Cell(found->get<std::string>());
}

// An IPv4 route may lead by an IPv6 neighbour: {"via":{"family":"inet6","host":"fe80::1"}}.
Value GatewayOf(const Json& hop) {
  if (hop.contains("via")) return TextAt(hop.at("via"), "host");
  return TextAt(hop, "gateway");
}

int64_t MetricOf(const Json& route, const char* name) {
  for (const Json& metrics : route.value("metrics", Json::array())) {
    if (metrics.contains(name)) return metrics.at(name).get<int64_t>();
  }
  return 0;
}

struct Destination {
  std::string address;
  int64_t bits = 0;
};

Result<Destination> DestinationOf(const Json& route, bool ipv6) {
  const auto text = route.at("dst").get<std::string>();
  if (text == "default") return Destination{ipv6 ? "::" : "0.0.0.0", 0};
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return Destination{text, ipv6 ? 128 : 32};
  const auto bits = ParseInt(text.substr(slash + 1));
  if (!bits) return Fail(Code::kMalformed, "ip route: " + Excerpt(text));
  return Destination{text.substr(0, slash), *bits};
}

Status AddRoute(const Json& route, bool ipv6, TableRows* rows) {
  const Result<Destination> destination = DestinationOf(route, ipv6);
  if (!destination) return tl::unexpected(destination.error());
  const auto add = [&](const Json& hop) {
    rows->Add({{"destination", Cell(destination->address)},
               {"netmask", Cell(destination->bits)},
               {"gateway", GatewayOf(hop)},
               {"source", TextAt(route, "prefsrc")},
               {"flags", Cell(FlagsOf(route) | FlagsOf(hop))},
               {"interface", TextAt(hop, "dev")},
               {"mtu", Cell(MetricOf(route, "mtu"))},
               {"metric", Cell(route.value("metric", int64_t{0}))},
               {"type", Cell(TypeOf(route.value("type", std::string("unicast"))))},
               {"hopcount", Cell(MetricOf(route, "hoplimit"))}});
  };
  if (!route.contains("nexthops")) {
    add(route);
  } else {
    for (const Json& hop : route.at("nexthops")) add(hop);
  }
  return {};
}

Status AddRoutes(const Host& host, bool ipv6, TableRows* rows) {
  const Result<Json> routes =
      AskIp(host, {ipv6 ? "-6" : "-4", "-json", "-details", "route", "show", "table", "all"});
  if (!routes) return tl::unexpected(routes.error());
  try {  // nlohmann's border
    for (const Json& route : *routes) {
      if (const Status added = AddRoute(route, ipv6, rows); !added) return added;
    }
  } catch (const Json::exception& e) {
    return Fail(Code::kMalformed, std::string("ip route: ") + e.what());
  }
  return {};
}

}  // namespace

Result<Json> AskIp(const Host& host, const std::vector<std::string>& arguments) {
  Command command{.argv = {"/usr/sbin/ip"}, .max_output = 16 << 20};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  const Result<CommandOutput> output = host.Run(command);
  if (!output) return tl::unexpected(output.error());
  const std::string what = Join(command.argv, " ");
  if (output->exit_code != 0) {
    return Fail(Code::kUnavailable, what + ": " + Excerpt(Trim(output->err)));
  }
  if (Trim(output->out).empty()) return Json::array();
  Json list = Json::parse(output->out, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) return Fail(Code::kMalformed, what + ": no list of JSON");
  return list;
}

Result<Rows> RoutesLinux(const Host& host, const Keys& keys) {
  TableRows rows(kRoutes);
  if (const Status ok = AddRoutes(host, false, &rows); !ok) return tl::unexpected(ok.error());
  const auto addresses = host.Stat("/proc/net/if_inet6");
  if (!addresses && addresses.error().code == Code::kNotFound) return rows.Take(keys);  // no IPv6
  if (const Status ok = AddRoutes(host, true, &rows); !ok) return tl::unexpected(ok.error());
  return rows.Take(keys);
}

}  // namespace sallyport
