// SPDX-License-Identifier: Apache-2.0
// Places: where things lie on this system when nobody says otherwise.
#pragma once

#include <string>

namespace sallyport {

// Linux: /var/lib/sallyport and /run/sallyport. Windows: folders in ProgramData
// (SHGetKnownFolderPath, FOLDERID_ProgramData) and pipes whose names begin with `run`. macOS:
// /Library/Application Support.
struct Places {
  std::string state;            // the enrollment folder, and what the agent keeps beside it
  std::string collector_state;  // what the collector keeps over a restart
  std::string run;              // beginning of the local names
};
Places DefaultPlaces();

// Names for ConnectLocal and LocalListener.
std::string AgentSocket(const std::string& run);
std::string CollectorSocket(const std::string& run);

// Where the collector marks what it reads (agent/collector/progress_marker.h): in memory where
// there is a file system for it, beside its socket.
std::string ProgressPath(const std::string& collector_socket, const std::string& collector_state);

// For people: the command that starts the agent.
std::string HowToStart();

}  // namespace sallyport
