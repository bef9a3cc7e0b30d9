// SPDX-License-Identifier: Apache-2.0
// What `sallyport doctor` looks at beside the agent's own word.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "agent/cli/doctor.h"
#include "base/result.h"

namespace sallyport {

// How long a TCP connection to host:port took; kUnavailable, kTimeout, kNotFound (no such name).
Result<Millis> ProbeTcp(const std::string& address, std::chrono::milliseconds deadline);
// The key file of a file: URI (PathOfUri); kNotFound, kDenied when this user may not look.
Result<KeyFile> ProbeKeyFile(const std::string& uri);
// Bytes that are free where `folder` lies.
Result<uint64_t> ProbeDisk(const std::string& folder);
// Asks charon for its version over VICI (the README.md of strongSwan's vici plugin). On Windows
// kUnsupported.
Result<std::string> ProbeVici(const std::string& socket_path, std::chrono::milliseconds deadline);

// The parts of "host:port" or "[v6]:port"; kInvalidArgument.
struct HostPort {
  std::string host;
  std::string port;
};
Result<HostPort> SplitAddress(const std::string& address);

// What people do here.
Remedies RemediesHere();

}  // namespace sallyport
