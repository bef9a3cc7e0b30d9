// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "collectors/security_center.h"
#include "collectors/windows_firewall.h"
#include "collectors/windows_registry.h"

namespace sallyport {
namespace {

constexpr char kNamespace[] = R"(root\SecurityCenter2)";
constexpr std::array<std::array<const char*, 2>, 3> kClasses = {
    {{"Firewall", "FirewallProduct"},
     {"Antivirus", "AntiVirusProduct"},
     {"Antispyware", "AntiSpywareProduct"}}};

// productState is not documented by Microsoft. As is public (community.idera.com, "Identifying
// Antivirus Engine State"): bits 12 to 15 are the product's state, 8 to 11 its owner, 4 to 7 its
// signatures. Any other number is unknown.
Value StateWord(int64_t bits) {
  switch (bits & 0xF000) {
    case 0x0000:
      return Cell("Off");
    case 0x1000:
      return Cell("On");
    case 0x2000:
      return Cell("Snoozed");
    case 0x3000:
      return Cell("Expired");
    default:
      return Unknown{};
  }
}

Value SignaturesAreNew(int64_t bits) {
  switch (bits & 0x00F0) {
    case 0x00:
      return Cell(true);
    case 0x10:
      return Cell(false);
    default:
      return Unknown{};
  }
}

// A registration outlives a product whose uninstaller forgot it: one whose program is gone is not
// on, whatever it said last. "%ProgramFiles%\\Windows Defender\\MsMpeng.exe" is not looked for.
bool ProgramIsGone(const Host& host, const Value& path) {
  const auto* text = std::get_if<std::string>(&path);
  if (text == nullptr || text->size() < 3 || (*text)[1] != ':') return false;
  const auto stat = host.Stat(*text);
  return !stat && stat.error().code == Code::kNotFound;
}

// As WscGetSecurityProviderHealth words it: Good when one protects with new signatures.
Value AntivirusHealth(const Result<std::vector<SecurityProduct>>& products) {
  if (!products) return Unknown{};
  Value health = Cell("Poor");
  for (const SecurityProduct& product : *products) {
    if (product.state == Cell("On") && product.signatures_up_to_date == Cell(true)) {
      return Cell("Good");
    }
    if (IsUnknown(product.state) ||
        (product.state == Cell("On") && IsUnknown(product.signatures_up_to_date))) {
      health = Unknown{};
    } else if (product.state == Cell("Snoozed") && health == Cell("Poor")) {
      health = Cell("Snoozed");
    }
  }
  return health;
}

Value ServiceHealth(const Result<std::vector<ServiceInfo>>& services) {
  if (!services) return Unknown{};
  const auto found = std::ranges::find_if(
      *services, [](const ServiceInfo& service) { return Lower(service.name) == "wscsvc"; });
  return Cell(found != services->end() && found->state == ServiceInfo::State::kRunning ? "Good"
                                                                                       : "Poor");
}

// Good when a firewall is on whatever network is connected, Windows' own or another one.
Value FirewallHealth(const Host& host) {
  const std::optional<bool> other = OtherFirewallIsOn(host);
  if (other == std::optional(true)) return Cell("Good");
  const Result<bool> runs = FirewallServiceRuns(host);
  const FirewallProfiles profiles = ReadFirewallProfiles(host);
  const auto all = [&profiles](int enabled) {
    return std::ranges::all_of(profiles, [enabled](const FirewallProfile& profile) {
      return profile.enabled == Cell(enabled);
    });
  };
  if (runs && *runs && all(1)) return Cell("Good");
  const bool stopped = runs ? !*runs : runs.error().code == Code::kNotFound;
  return other && (stopped || all(0)) ? Cell("Poor") : Cell(Unknown{});
}

// EnableLUA 0 switches it off; ConsentPromptBehaviorAdmin 0 leaves it on, and asks nobody
// ([MS-GPSB] 2.2.10): how Security Center calls that is not documented.
Value AccountControlHealth(const Host& host) {
  const std::string key =
      R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System)";
  const auto on = RegistryNumber(host, key, "EnableLUA");
  const auto asks = RegistryNumber(host, key, "ConsentPromptBehaviorAdmin");
  if (on && *on == 0) return Cell("Poor");
  return on && *on == 1 && asks && *asks > 0 ? Cell("Good") : Cell(Unknown{});
}

}  // namespace

Result<std::vector<SecurityProduct>> ReadSecurityProducts(const Host& host,
                                                          const std::string& class_name) {
  const Result<Rows> rows =
      host.QueryWmi(kNamespace,
                    "SELECT displayName, productState, timestamp, pathToSignedProductExe, "
                    "pathToSignedReportingExe FROM " +
                        class_name);
  if (!rows) return tl::unexpected(rows.error());
  std::vector<SecurityProduct> products;
  for (const Row& row : *rows) {
    SecurityProduct product;
    product.state_timestamp = row.at(2);
    product.path = row.at(3);
    if (const auto* name = std::get_if<std::string>(&row.at(0))) product.name = *name;
    if (const auto* bits = std::get_if<int64_t>(&row.at(1))) {
      product.state = StateWord(*bits);
      product.signatures_up_to_date = SignaturesAreNew(*bits);
      product.is_windows = (*bits & 0x0F00) == 0x0100;
    }
    if (ProgramIsGone(host, row.at(4))) product.state = Cell("Off");
    products.push_back(std::move(product));
  }
  return products;
}

Result<Rows> WindowsSecurityProducts(const Host& host, const Keys&) {
  Rows rows;
  for (const auto& [type, class_name] : kClasses) {
    const auto products = ReadSecurityProducts(host, class_name);
    if (!products) {
      // Where the class is missing nothing can register with it.
      if (products.error().code == Code::kUnsupported && std::string(type) == "Antispyware") {
        continue;
      }
      return tl::unexpected(products.error());
    }
    for (const SecurityProduct& product : *products) {
      rows.push_back({Cell(type), product.name.empty() ? Cell(Unknown{}) : Cell(product.name),
                      product.state, product.state_timestamp, product.path,
                      product.signatures_up_to_date});
    }
  }
  return rows;
}

Result<Rows> WindowsSecurityCenter(const Host& host, const Keys&) {
  const auto antivirus = ReadSecurityProducts(host, "AntiVirusProduct");
  if (!antivirus) return tl::unexpected(antivirus.error());
  return Rows{{FirewallHealth(host), Unknown{}, AntivirusHealth(antivirus), Unknown{}, Unknown{},
               ServiceHealth(host.Services()), AccountControlHealth(host)}};
}

}  // namespace sallyport
