// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <set>

#include "base/text.h"
#include "collectors/bitlocker.h"
#include "collectors/bitlocker_info.h"

namespace sallyport {
namespace {

Value NumberCell(const std::optional<int64_t>& number) {
  return number ? Cell(*number) : Cell(Unknown{});
}

// osquery's words, which are those of GetEncryptionMethod's documentation.
Value MethodWord(const std::optional<int64_t>& method) {
  constexpr std::array<const char*, 8> kWords = {
      "None",    "AES_128_WITH_DIFFUSER", "AES_256_WITH_DIFFUSER", "AES_128",
      "AES_256", "HARDWARE_ENCRYPTION",   "XTS_AES_128",           "XTS_AES_256"};
  if (!method || *method < 0 || *method >= static_cast<int64_t>(kWords.size())) return Unknown{};
  return Cell(kWords[static_cast<size_t>(*method)]);
}

struct Conversion {
  Value status = Unknown{};
  Value percentage = Unknown{};
};

Conversion AskConversion(const Host& host, const std::string& device) {
  const auto row = AskBitLocker(host, device, "GetConversionStatus",
                                {"ConversionStatus", "EncryptionPercentage"});
  if (!row) return {};
  const auto known = [](const Value& cell) { return IsNull(cell) ? Cell(Unknown{}) : cell; };
  return {known(row->at(0)), known(row->at(1))};
}

}  // namespace

Result<Rows> BitlockerInfoWindows(const Host& host, const Keys&) {
  const Result<Rows> volumes = host.QueryWmi(
      kBitLockerNamespace,
      "SELECT DeviceID, DriveLetter, PersistentVolumeID FROM Win32_EncryptableVolume");
  if (!volumes) return tl::unexpected(volumes.error());
  Rows rows;
  for (const Row& volume : *volumes) {
    const auto* device = std::get_if<std::string>(&volume.at(0));
    if (device == nullptr) return Fail(Code::kMalformed, "Win32_EncryptableVolume: no DeviceID");
    const auto number = [&](const char* method, const char* output) {
      return BitLockerNumber(host, *device, method, output);
    };
    const Conversion conversion = AskConversion(host, *device);
    rows.push_back({Cell(*device), volume.at(1), volume.at(2), conversion.status,
                    NumberCell(number("GetProtectionStatus", "ProtectionStatus")),
                    MethodWord(number("GetEncryptionMethod", "EncryptionMethod")), Unknown{},
                    NumberCell(number("GetVersion", "Version")), conversion.percentage,
                    NumberCell(number("GetLockStatus", "LockStatus"))});
  }
  return rows;
}

}  // namespace sallyport
