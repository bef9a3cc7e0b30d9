// SPDX-License-Identifier: Apache-2.0
// What BitLocker says of a volume, by the methods of Win32_EncryptableVolume. The properties of the
// same names are what was true when they were cached.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "platform/host.h"

namespace sallyport {

inline constexpr char kBitLockerNamespace[] = R"(root\CIMV2\Security\MicrosoftVolumeEncryption)";

// Outputs of one of its methods, in their order; nullopt when it could not be asked, or refused.
std::optional<Row> AskBitLocker(const Host& host, const std::string& device,
                                const std::string& method, std::vector<std::string> outputs);
// The one output, when it is a number.
std::optional<int64_t> BitLockerNumber(const Host& host, const std::string& device,
                                       const std::string& method, const std::string& output);

}  // namespace sallyport
