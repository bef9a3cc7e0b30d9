// SPDX-License-Identifier: Apache-2.0
#include "collectors/bitlocker.h"

namespace sallyport {
namespace {

std::string ObjectOf(const std::string& device) {
  std::string quoted;
  for (const char c : device) {  // a string of WQL
    if (c == '\\' || c == '"') quoted += '\\';
    quoted += c;
  }
  return "Win32_EncryptableVolume.DeviceID=\"" + quoted + "\"";
}

}  // namespace

std::optional<Row> AskBitLocker(const Host& host, const std::string& device,
                                const std::string& method, std::vector<std::string> outputs) {
  outputs.insert(outputs.begin(), "ReturnValue");
  const Result<Row> row =
      host.CallWmi({kBitLockerNamespace, ObjectOf(device), method, std::move(outputs)});
  if (!row || row->front() != Cell(0)) return std::nullopt;
  return Row(row->begin() + 1, row->end());
}

std::optional<int64_t> BitLockerNumber(const Host& host, const std::string& device,
                                       const std::string& method, const std::string& output) {
  const std::optional<Row> row = AskBitLocker(host, device, method, {output});
  const auto* number = row ? std::get_if<int64_t>(&row->front()) : nullptr;
  return number == nullptr ? std::nullopt : std::optional(*number);
}

}  // namespace sallyport
