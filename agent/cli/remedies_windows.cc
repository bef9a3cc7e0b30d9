// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/doctor_probe.h"
#include "agent/places.h"

namespace sallyport {

// The collector is in the service that starts the agent.
Remedies RemediesHere() {
  return {.start_agent = HowToStart(),
          .restart_collector = "net stop Sallyport, then net start Sallyport",
          .set_clock = "turn on time synchronisation (w32tm /resync)",
          .close_key = "take others out of the key file's access list (icacls), and enroll anew",
          .look_at_key = "run doctor as administrator to have it checked",
          .restart_charon = "there is no charon on Windows"};
}

}  // namespace sallyport
