// SPDX-License-Identifier: Apache-2.0
// file-hierarchy(7).
#include "agent/places.h"

#include <filesystem>

namespace sallyport {

Places DefaultPlaces() {
  return {"/var/lib/sallyport", "/var/lib/sallyport/collector", "/run/sallyport"};
}

std::string AgentSocket(const std::string& run) { return run + "/agent.sock"; }
std::string CollectorSocket(const std::string& run) { return run + "/collector.sock"; }

std::string ProgressPath(const std::string& collector_socket, const std::string&) {
  return std::filesystem::path(collector_socket).parent_path() / "collector.progress";
}

std::string HowToStart() { return "systemctl start sallyport-agent"; }

}  // namespace sallyport
