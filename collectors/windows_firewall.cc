// SPDX-License-Identifier: Apache-2.0
#include "collectors/windows_firewall.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "collectors/security_center.h"
#include "collectors/windows_registry.h"

namespace sallyport {
namespace {

constexpr char kGroupPolicy[] =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\WindowsFirewall\)";
constexpr char kOwn[] =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters)"
    R"(\FirewallPolicy\)";

using Setting = Result<std::optional<int64_t>>;  // nullopt: not set here

// Where the settings of one profile lie.
struct Stores {
  std::string group_policy;
  std::vector<std::string> managed;
  std::string own;

  std::vector<std::string> All() const {
    std::vector<std::string> out = managed;
    out.push_back(group_policy);
    out.push_back(own);
    return out;
  }
};

// A group policy made for Windows XP has a standard profile, which counts where the newer one is
// not there: [MS-GPFAS] 2.2.3. The machine's own private profile bears that name, too.
std::string GroupPolicyOf(const Host& host, const char* newer) {
  const std::string key = std::string(kGroupPolicy) + newer;
  const auto found = host.ReadRegistryKey(key);
  const bool missing = !found && found.error().code == Code::kNotFound;
  return missing ? std::string(kGroupPolicy) + "StandardProfile" : key;
}

Stores StoresOf(const Host& host, size_t category) {
  const std::string own = kOwn;
  const std::string managed = own + R"(Mdm\)";
  switch (category) {
    case 0:
      return {
          GroupPolicyOf(host, "PublicProfile"), {managed + "PublicProfile"}, own + "PublicProfile"};
    case 1:
      return {GroupPolicyOf(host, "PrivateProfile"),
              {managed + "PrivateProfile", managed + "StandardProfile"},
              own + "StandardProfile"};
    default:
      return {std::string(kGroupPolicy) + "DomainProfile",
              {managed + "DomainProfile"},
              own + "DomainProfile"};
  }
}

Setting At(const Host& host, const std::string& key, const char* name) {
  const auto number = RegistryNumber(host, key, name);
  if (number) return std::optional(*number);
  if (number.error().code == Code::kNotFound) return std::optional<int64_t>();
  return tl::unexpected(number.error());
}

Setting First(const Host& host, const std::vector<std::string>& keys, const char* name) {
  for (const std::string& key : keys) {
    Setting here = At(host, key, name);
    if (!here || *here) return here;
  }
  return std::optional<int64_t>();
}

// Which of two administrators wins is written nowhere: where they differ it is not told.
Setting Effective(const Host& host, const Stores& stores, const char* name) {
  const Setting group_policy = At(host, stores.group_policy, name);
  const Setting managed = First(host, stores.managed, name);
  if (!group_policy || !managed) return group_policy ? managed : group_policy;
  if (*group_policy && *managed && *group_policy != *managed) {
    return Fail(Code::kMalformed, std::string(name) + ": set by two administrators");
  }
  if (*group_policy) return group_policy;
  return *managed ? managed : At(host, stores.own, name);
}

Value Truth(const Setting& setting) {
  return setting && *setting ? Cell(**setting != 0) : Cell(Unknown{});
}

// "Shielded" wins from wherever it is set. nullopt: may not be told.
std::optional<bool> IsShielded(const Host& host, const Stores& stores) {
  bool certain = true;
  for (const std::string& key : stores.All()) {
    const Setting here = At(host, key, "DoNotAllowExceptions");
    if (here && here->value_or(0) != 0) return true;
    certain = certain && here.has_value();
  }
  return certain ? std::optional(false) : std::nullopt;
}

// nullopt: may not be told.
std::optional<bool> ExemptsAnInterface(const Host& host, const Stores& stores) {
  bool certain = true;
  for (const std::string& key : stores.All()) {
    const auto list = host.ReadRegistry(key, "DisabledInterfaces");
    if (list && !ToText(*list).empty()) return true;
    certain = certain && (list || list.error().code == Code::kNotFound);
  }
  return certain ? std::optional(false) : std::nullopt;
}

// `unset`: what Windows does when nobody said. 1 blocks.
Value DefaultAction(const Setting& action, int64_t unset) {
  if (!action) return Unknown{};
  const int64_t number = action->value_or(unset);
  if (number != 0 && number != 1) return Unknown{};
  return Cell(number == 1 ? "blocked" : "open");
}

Value Unless(const std::optional<bool>& exempt, const Value& effect) {
  if (effect != Cell("blocked") || exempt == std::optional(false)) return effect;
  return exempt ? Cell("partial") : Cell(Unknown{});
}

// Off it must block nothing, whatever else is set ([MS-FASP]).
FirewallProfile ReadProfile(const Host& host, const Stores& stores) {
  FirewallProfile out{.enabled = Truth(Effective(host, stores, "EnableFirewall"))};
  if (out.enabled == Cell(0)) out.inbound = out.outbound = Cell("open");
  if (out.enabled != Cell(1)) return out;
  const std::optional<bool> exempt = ExemptsAnInterface(host, stores);
  const std::optional<bool> shielded = IsShielded(host, stores);
  Value inbound = DefaultAction(Effective(host, stores, "DefaultInboundAction"), 1);
  if (shielded == std::optional(true)) inbound = Cell("blocked");
  if (!shielded && inbound != Cell("blocked")) inbound = Unknown{};
  out.inbound = Unless(exempt, inbound);
  out.outbound = Unless(exempt, DefaultAction(Effective(host, stores, "DefaultOutboundAction"), 0));
  return out;
}

}  // namespace

FirewallProfiles ReadFirewallProfiles(const Host& host) {
  FirewallProfiles out;
  for (size_t i = 0; i < out.size(); ++i) out[i] = ReadProfile(host, StoresOf(host, i));
  return out;
}

std::vector<size_t> ConnectedProfiles(const Host& host) {
  const auto networks = host.QueryWmi(R"(root\StandardCimv2)",
                                      "SELECT NetworkCategory FROM MSFT_NetConnectionProfile");
  std::vector<size_t> out;
  if (!networks) return out;
  for (const Row& network : *networks) {
    const auto* category = std::get_if<int64_t>(&network.at(0));
    if (category == nullptr || *category < 0 || *category > 2) return {};
    out.push_back(static_cast<size_t>(*category));
  }
  return out;
}

Result<bool> FirewallServiceRuns(const Host& host) {
  const auto services = host.Services();
  if (!services) return tl::unexpected(services.error());
  const auto found = std::ranges::find_if(
      *services, [](const ServiceInfo& service) { return Lower(service.name) == "mpssvc"; });
  if (found == services->end()) return Fail(Code::kNotFound, "service mpssvc");
  return found->state == ServiceInfo::State::kRunning;
}

std::optional<bool> OtherFirewallIsOn(const Host& host) {
  const auto products = ReadSecurityProducts(host, "FirewallProduct");
  if (!products) {
    return products.error().code == Code::kUnsupported ? std::optional(false) : std::nullopt;
  }
  bool certain = true;
  for (const SecurityProduct& product : *products) {
    if (product.state == Cell("On")) return true;
    certain = certain && !IsUnknown(product.state);
  }
  return certain ? std::optional(false) : std::nullopt;
}

}  // namespace sallyport
