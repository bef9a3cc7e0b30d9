// SPDX-License-Identifier: Apache-2.0
// Values of the Windows registry, by the type that they must have; and the keys that say which
// Windows this is.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/table.h"
#include "platform/host.h"

namespace sallyport {

inline constexpr char kCurrentVersionKey[] =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion)";

// kMalformed when it is of another type.
Result<std::string> RegistryText(const Host& host, const std::string& key, const std::string& name);
Result<int64_t> RegistryNumber(const Host& host, const std::string& key, const std::string& name);

// Text or a number; unknown when it could not be read or is not there.
Value TextOrUnknown(const Result<std::string>& answer);
Value NumberOrUnknown(const Result<int64_t>& answer);

// Which Windows runs. The numbers come from the registry, whose 64-bit view everybody sees alike;
// GetVersionEx tells a program what its manifest asks for.
struct WindowsBuild {
  int64_t major = 0;  // 10 on Windows 10 and 11
  int64_t minor = 0;
  int64_t build = 0;                                        // 22631
  Result<int64_t> revision = Fail(Code::kNotFound, "UBR");  // of the newest update that runs

  std::string Version() const;      // "10.0.22631"
  std::string FullVersion() const;  // "10.0.22631.4460"; without revision as Version()
};
Result<WindowsBuild> ReadWindowsBuild(const Host& host);

}  // namespace sallyport
