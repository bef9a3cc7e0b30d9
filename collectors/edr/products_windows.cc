// SPDX-License-Identifier: Apache-2.0
#include "collectors/edr/windows_product.h"

namespace sallyport {
namespace {

using Words = std::string_view;
using Sign = WindowsSign::Kind;

constexpr Words kDefenderPrograms[] = {"msmpeng.exe"};
constexpr Words kSensePrograms[] = {"mssense.exe"};
constexpr Words kFalconPrograms[] = {"csfalconservice.exe"};
constexpr Words kSentinelPrograms[] = {"sentinelagent.exe"};
constexpr Words kSophosPrograms[] = {"sedservice.exe"};
constexpr Words kClamdPrograms[] = {"clamd.exe"};

constexpr WindowsEdrProduct kProducts[] = {
    {.name = "defender",
     .vendor = "Microsoft",
     .category = "antivirus",
     .service = "WinDefend",
     .programs = kDefenderPrograms,
     .enforcing = {.kind = Sign::kDefender},
     .signatures = {.kind = WindowsSignatures::Kind::kDefender},
     .settings = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows Defender\Real-Time Protection)"},
    // Onboarded to whom is not looked at.
    {.name = "defender_endpoint",
     .vendor = "Microsoft",
     .category = "edr",
     .service = "Sense",
     .programs = kSensePrograms,
     .enforcing =
         {.kind = Sign::kRegistry,
          .key =
              R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status)",
          .name = "OnboardingState"},
     .signatures = {}},
    // Reduced functionality mode does not show on Windows.
    {.name = "crowdstrike_falcon",
     .vendor = "CrowdStrike",
     .category = "edr",
     .service = "CSFalconService",
     .programs = kFalconPrograms,
     .enforcing = {.kind = Sign::kDriver, .driver = "CSAgent"},
     .signatures = {}},
    {.name = "sentinelone",
     .vendor = "SentinelOne",
     .category = "edr",
     .service = "SentinelAgent",
     .programs = kSentinelPrograms,
     .enforcing = {.kind = Sign::kDriver, .driver = "SentinelMonitor"},
     .signatures = {}},
    {.name = "sophos_endpoint",
     .vendor = "Sophos",
     .category = "edr",
     .service = "Sophos Endpoint Defense Service",
     .programs = kSophosPrograms,
     .enforcing = {.kind = Sign::kDriver, .driver = "Sophos Endpoint Defense"},
     .signatures = {}},
    // clamd scans what it is asked to: on-access scanning is Linux's, clamonacc(8). The service is
    // that of "clamd --install-service".
    {.name = "clamav",
     .vendor = "Cisco Talos",
     .category = "antivirus",
     .service = "clamd",
     .programs = kClamdPrograms,
     .enforcing = {.kind = Sign::kNever},
     .signatures = {.kind = WindowsSignatures::Kind::kClamav,
                    .configuration = "C:/Program Files/ClamAV/clamd.conf",
                    .default_folder = "C:/Program Files/ClamAV/database"}},
};

}  // namespace

std::span<const WindowsEdrProduct> EdrProductsOfWindows() { return kProducts; }

}  // namespace sallyport
