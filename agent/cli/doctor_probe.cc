// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/doctor_probe.h"

#include <filesystem>
#include <system_error>

#include "base/utf8_path.h"

namespace sallyport {

Result<HostPort> SplitAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon + 1 == address.size()) {
    return Fail(Code::kInvalidArgument, address + ": no port");
  }
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return HostPort{host, address.substr(colon + 1)};
}

Result<uint64_t> ProbeDisk(const std::string& folder) {
  std::error_code error;
  const auto space = std::filesystem::space(PathOf(folder), error);
  if (error) return Fail(Code::kUnavailable, folder + ": " + error.message());
  return static_cast<uint64_t>(space.available);
}

}  // namespace sallyport
