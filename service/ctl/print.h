// SPDX-License-Identifier: Apache-2.0
// What sallyportctl prints: aligned text for people, JSON with its schema's name for programs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sallyport/v1/admin.pb.h"

namespace sallyport {

std::string TierWord(v1::Tier tier);     // "full", ... "-" when there is none
std::string TimeText(uint64_t wall_ms);  // RFC 3339, UTC; "-" for 0

std::string DevicesText(const v1::ListDevicesResponse& devices);
std::string DeviceText(const v1::ShowDeviceResponse& device);
std::string StatusText(const v1::GetStatusResponse& status);

nlohmann::json DevicesJson(const v1::ListDevicesResponse& devices);  // sallyport.devices/v1
nlohmann::json DeviceJson(const v1::ShowDeviceResponse& device);     // sallyport.device/v1
nlohmann::json StatusJson(const v1::GetStatusResponse& status);      // sallyport.service-status/v1
nlohmann::json TokenJson(const v1::CreateTokenResponse& token);      // sallyport.token/v1
nlohmann::json AppliedJson(const v1::ApplyPolicyResponse& applied, bool dry_run);
// sallyport.policy-applied/v1

}  // namespace sallyport
