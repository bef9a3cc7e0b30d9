// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <span>

#include "base/text.h"
#include "collectors/platform_security.h"
#include "collectors/windows_registry.h"

namespace sallyport {
namespace {

// Of Win32_DeviceGuard, in osquery's words.
constexpr const char* kVbs[] = {"VBS_NOT_ENABLED", "VBS_ENABLED_AND_NOT_RUNNING",
                                "VBS_ENABLED_AND_RUNNING"};
constexpr const char* kEnforcement[] = {"OFF", "AUDIT_MODE", "ENFORCED_MODE"};
constexpr const char* kServices[] = {"NONE", "CREDENTIAL_GUARD", "MEMORY_INTEGRITY",
                                     "SYSTEM_GUARD_SECURE_LAUNCH", "SMM_FIRMWARE_MEASUREMENT"};

Value Word(std::span<const char* const> words, const Value& number) {
  const auto* at = std::get_if<int64_t>(&number);
  if (at == nullptr || *at < 0 || *at >= static_cast<int64_t>(words.size())) return Unknown{};
  return Cell(words[static_cast<size_t>(*at)]);
}

// "1,2". Of a number that nobody has named the word is UNKNOWN, as osquery has it; the others stay.
Value ServiceWords(const Value& list) {
  const auto* text = std::get_if<std::string>(&list);
  if (text == nullptr) return Unknown{};
  std::vector<std::string> words;
  for (const std::string_view item : Split(*text, ',')) {
    const auto number = ParseInt(item);
    if (!number) continue;
    const Value word = Word(kServices, Cell(*number));
    words.push_back(IsUnknown(word) ? "UNKNOWN" : ToText(word));
  }
  return Cell(Join(words, ","));
}

}  // namespace

// The values as they were when Windows started; its methods that ask again are called Is....
Result<Rows> TpmInfoWindows(const Host& host, const Keys&) {
  auto rows = host.QueryWmi(
      R"(root\CIMV2\Security\MicrosoftTpm)",
      "SELECT IsActivated_InitialValue, IsEnabled_InitialValue, IsOwned_InitialValue, "
      "ManufacturerVersion, ManufacturerId, ManufacturerIdTxt, ManufacturerVersionInfo, "
      "PhysicalPresenceVersionInfo, SpecVersion FROM Win32_Tpm");
  if (!rows) return rows;
  for (Row& row : *rows) {
    for (size_t i = 0; i < 3; ++i) {
      if (IsNull(row.at(i))) row[i] = Unknown{};
    }
  }
  return rows;
}

// PEFirmwareType: 1 BIOS, 2 UEFI. The key State is not there where firmware is no UEFI; where it
// is, and the value is missing, nobody says anything.
Result<Rows> SecurebootWindows(const Host& host, const Keys&) {
  const std::string control = R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control)";
  const auto enabled =
      RegistryNumber(host, control + R"(\SecureBoot\State)", "UEFISecureBootEnabled");
  if (enabled) {
    return Rows{{*enabled == 0 || *enabled == 1 ? Cell(*enabled) : Cell(Unknown{}),
                 Cell(std::nullopt), Cell(std::nullopt), Cell(std::nullopt), Cell(std::nullopt),
                 Unknown{}}};
  }
  if (enabled.error().code != Code::kNotFound) return tl::unexpected(enabled.error());
  const auto firmware = RegistryNumber(host, control, "PEFirmwareType");
  if (firmware && *firmware == 1) return Fail(Code::kUnsupported, "secure boot: BIOS, no UEFI");
  return tl::unexpected(enabled.error());
}

Result<Rows> DeviceguardStatusWindows(const Host& host, const Keys&) {
  const auto rows = host.QueryWmi(
      R"(root\Microsoft\Windows\DeviceGuard)",
      "SELECT Version, InstanceIdentifier, VirtualizationBasedSecurityStatus, "
      "CodeIntegrityPolicyEnforcementStatus, SecurityServicesConfigured, SecurityServicesRunning, "
      "UsermodeCodeIntegrityPolicyEnforcementStatus FROM Win32_DeviceGuard");
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() != 1) return Fail(Code::kMalformed, "Win32_DeviceGuard: not one object");
  const Row& row = rows->front();
  return Rows{{row.at(0), row.at(1), Word(kVbs, row.at(2)), Word(kEnforcement, row.at(3)),
               ServiceWords(row.at(4)), ServiceWords(row.at(5)), Word(kEnforcement, row.at(6))}};
}

}  // namespace sallyport
