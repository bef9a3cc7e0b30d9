// SPDX-License-Identifier: Apache-2.0
// hier(7). /var/run is emptied at each start of the machine: agent/launchd/main_macos.cc makes the
// folder anew.
#include "agent/places.h"

namespace sallyport {

Places DefaultPlaces() {
  const std::string root = "/Library/Application Support/Sallyport";
  return {root + "/agent", root + "/collector", "/var/run/sallyport"};
}

std::string AgentSocket(const std::string& run) { return run + "/agent.sock"; }
std::string CollectorSocket(const std::string& run) { return run + "/collector.sock"; }

// There is no file system in memory; here is a folder that is the collector's alone.
std::string ProgressPath(const std::string&, const std::string& collector_state) {
  return collector_state + "/collector.progress";
}

std::string HowToStart() { return "sudo launchctl kickstart -k system/com.sallyport.agent"; }

}  // namespace sallyport
