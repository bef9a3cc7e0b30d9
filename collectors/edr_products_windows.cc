// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "collectors/clamav_database.h"
#include "collectors/edr/state.h"
#include "collectors/edr/windows_product.h"
#include "collectors/edr_products.h"
#include "collectors/security_center.h"
#include "collectors/windows_registry.h"

namespace sallyport {
namespace {

using State = ServiceInfo::State;

const ServiceInfo* FindService(const std::vector<ServiceInfo>& services, std::string_view name) {
  const auto found = std::ranges::find_if(
      services, [&](const ServiceInfo& service) { return Lower(service.name) == Lower(name); });
  return found == services.end() ? nullptr : &*found;
}

// The service manager's word, and a process with that number that runs the product's program: a
// service that was killed may be called running for a while, and a service of the same name that
// runs something else is somebody else's.
Value Running(const ServiceInfo& service, const WindowsEdrProduct& product,
              const Result<std::vector<ProcessInfo>>& processes) {
  if (service.state != State::kRunning) return Cell(false);
  if (!processes) return Unknown{};
  const auto process = std::ranges::find(*processes, service.pid, &ProcessInfo::pid);
  if (service.pid == 0 || process == processes->end()) return Cell(false);
  return Cell(std::ranges::find(product.programs, Lower(process->name)) != product.programs.end());
}

// What Defender says of itself; nothing where it cannot be asked.
struct Defender {
  std::string mode;
  Value real_time = Unknown{};
  Value signature_age = Unknown{};
  Value version = Unknown{};
  Value tamper_protection = Unknown{};
};

std::optional<Defender> AskDefender(const Host& host) {
  const Result<Rows> rows = host.QueryWmi(
      R"(root\Microsoft\Windows\Defender)",
      "SELECT AMRunningMode, RealTimeProtectionEnabled, AntivirusSignatureAge, AMProductVersion, "
      "IsTamperProtected FROM MSFT_MpComputerStatus");
  if (!rows || rows->size() != 1) return std::nullopt;
  const Row& row = rows->front();
  Defender out;
  if (const auto* mode = std::get_if<std::string>(&row.at(0))) out.mode = *mode;
  if (!IsNull(row.at(1))) out.real_time = row.at(1);
  // 65535 and more: it never had any.
  const auto* age = std::get_if<int64_t>(&row.at(2));
  if (age != nullptr && *age < 65'535) out.signature_age = Cell(*age);
  if (!IsNull(row.at(3))) out.version = row.at(3);
  if (!IsNull(row.at(4))) out.tamper_protection = row.at(4);
  return out;
}

Value Negated(const Value& value) { return IsUnknown(value) ? value : Cell(value == Cell(false)); }

bool IsPassive(std::string_view mode) {
  return mode == "Passive Mode" || mode == "SxS Passive Mode" || mode == "EDR Block Mode";
}

// In every other mode another product is the machine's antivirus, or nothing is; in those, too,
// real-time protection may be called on.
Value DefenderEnforces(const std::optional<Defender>& defender) {
  if (!defender || defender->mode.empty()) return Unknown{};
  if (defender->mode == "Normal") return defender->real_time;
  return IsPassive(defender->mode) || defender->mode == "Not running" ? Cell(false)
                                                                      : Cell(Unknown{});
}

// Is another product the machine's antivirus, registered and on? Server has no Security Center and
// tells of none.
Value AnotherAntivirusIsOn(const Host& host) {
  const auto products = ReadSecurityProducts(host, "AntiVirusProduct");
  if (!products) return Unknown{};
  Value found = Cell(false);
  for (const SecurityProduct& product : *products) {
    if (product.is_windows) continue;
    if (product.state == Cell("On")) return Cell(true);
    if (IsUnknown(product.state)) found = Unknown{};
  }
  return found;
}

// Passive is as it should be if, and only if, another antivirus is on.
Value DefenderIsDegraded(const Host& host, const std::optional<Defender>& defender) {
  if (!defender || defender->mode.empty()) return Unknown{};
  if (defender->mode == "Normal") return Negated(defender->real_time);
  if (IsPassive(defender->mode)) return Negated(AnotherAntivirusIsOn(host));
  return defender->mode == "Not running" ? Cell(true) : Cell(Unknown{});
}

Value DriverEnforces(const std::vector<ServiceInfo>& services, std::string_view driver) {
  const ServiceInfo* const found = FindService(services, driver);
  return found != nullptr && found->state == State::kRunning ? Cell(Unknown{}) : Cell(false);
}

Value RegistryEnforces(const Host& host, const WindowsSign& sign) {
  const auto number = RegistryNumber(host, std::string(sign.key), std::string(sign.name));
  if (number) return Cell(*number == 1);
  return number.error().code == Code::kNotFound ? Cell(false) : Cell(Unknown{});
}

// What does not run enforces nothing.
Value Enforcing(const Host& host, const WindowsEdrProduct& product, const Value& running,
                const std::vector<ServiceInfo>& services, const std::optional<Defender>& defender) {
  if (running != Cell(true)) return running;
  switch (product.enforcing.kind) {
    case WindowsSign::Kind::kNever:
      return Cell(false);
    case WindowsSign::Kind::kDefender:
      return DefenderEnforces(defender);
    case WindowsSign::Kind::kDriver:
      return DriverEnforces(services, product.enforcing.driver);
    case WindowsSign::Kind::kRegistry:
      return RegistryEnforces(host, product.enforcing);
  }
  return Unknown{};
}

struct Condition {
  Value mode = std::monostate{};
  Value degraded = std::monostate{};
  Value tamper_protection = std::monostate{};
};

// Whether a sensor with its driver is in reduced functionality mode, Windows does not show.
Condition ConditionOf(const Host& host, const WindowsEdrProduct& product, const Value& running,
                      const Value& enforcing, const std::optional<Defender>& defender) {
  Condition out;
  switch (product.enforcing.kind) {
    case WindowsSign::Kind::kNever:
      return out;
    case WindowsSign::Kind::kDefender:
      out.mode = defender && !defender->mode.empty() ? Cell(defender->mode) : Cell(Unknown{});
      out.degraded = DefenderIsDegraded(host, defender);
      out.tamper_protection = defender ? defender->tamper_protection : Cell(Unknown{});
      break;
    case WindowsSign::Kind::kDriver:
      out = {Unknown{}, enforcing == Cell(false) ? Cell(true) : Cell(Unknown{}), Unknown{}};
      break;
    case WindowsSign::Kind::kRegistry:
      out = {Cell(std::nullopt), Negated(enforcing), Unknown{}};
      break;
  }
  if (running == Cell(false)) out.degraded = std::monostate{};
  return out;
}

struct Signatures {
  Value age = std::monostate{};
  Value source = std::monostate{};
};

Signatures ClamavSignatures(const Host& host, const WindowsSignatures& store) {
  std::string folder(store.default_folder);
  const Result<std::string> text = host.ReadFile(std::string(store.configuration));
  if (text) {
    const std::string set = ClamdOption(*text, "DatabaseDirectory");
    if (!set.empty()) folder = set;
  } else if (text.error().code != Code::kNotFound) {
    return {Unknown{}, Unknown{}};
  }
  const auto newest = NewestClamavSignatures(host, folder);
  if (!newest) return {Unknown{}, Unknown{}};
  if (!*newest) return {};
  constexpr int64_t kSlack = 3600;
  constexpr int64_t kDay = 86'400;
  const int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(host.Time().wall).count();
  const int64_t built_s = (*newest)->built_s;
  const Value age = built_s > now_s + kSlack ? Cell(Unknown{})
                                             : Cell(std::max<int64_t>(0, now_s - built_s) / kDay);
  return {age, Cell((*newest)->file)};
}

Signatures SignaturesOf(const Host& host, const WindowsEdrProduct& product,
                        const std::optional<Defender>& defender) {
  switch (product.signatures.kind) {
    case WindowsSignatures::Kind::kNone:
      return {};
    case WindowsSignatures::Kind::kClamav:
      return ClamavSignatures(host, product.signatures);
    case WindowsSignatures::Kind::kDefender:
      return {defender ? defender->signature_age : Cell(Unknown{}),
              Cell("WMI MSFT_MpComputerStatus")};
  }
  return {Unknown{}, Unknown{}};
}

// systemd's words where it has one.
const char* WordOf(State state) {
  switch (state) {
    case State::kStopped:
      return "inactive";
    case State::kStartPending:
    case State::kContinuePending:
      return "activating";
    case State::kStopPending:
      return "deactivating";
    case State::kRunning:
      return "active";
    case State::kPausePending:
    case State::kPaused:
      return "paused";
  }
  return "";
}

}  // namespace

Result<Rows> EdrProductsWindows(const Host& host, const Keys&) {
  const auto services = host.Services();
  if (!services) return tl::unexpected(services.error());
  const auto processes = host.Processes();
  Rows rows;
  for (const WindowsEdrProduct& product : EdrProductsOfWindows()) {
    const ServiceInfo* const service = FindService(*services, product.service);
    if (service == nullptr) continue;
    const bool asks_defender = product.enforcing.kind == WindowsSign::Kind::kDefender;
    const auto defender = asks_defender ? AskDefender(host) : std::nullopt;
    const Value running = Running(*service, product, processes);
    const Value enforcing = Enforcing(host, product, running, *services, defender);
    const Signatures signatures = SignaturesOf(host, product, defender);
    const Condition condition = ConditionOf(host, product, running, enforcing, defender);
    const bool tells = product.enforcing.kind != WindowsSign::Kind::kDriver;
    rows.push_back({Cell(product.name), Cell(product.vendor), Cell(product.category), Cell(true),
                    running, enforcing, EdrState(running, enforcing, condition.degraded, tells),
                    running == Cell(true) ? Cell(service->pid)
                    : IsUnknown(running)  ? Cell(Unknown{})
                                          : Cell(std::nullopt),
                    defender ? defender->version : Cell(Unknown{}), signatures.age,
                    signatures.source, Cell(WordOf(service->state)), Cell(std::nullopt),
                    condition.mode, condition.degraded, condition.tamper_protection});
  }
  return rows;
}

}  // namespace sallyport
