// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/doctor_probe.h"
#include "agent/places.h"

namespace sallyport {

Remedies RemediesHere() {
  return {.start_agent = HowToStart(),
          .restart_collector = "sudo launchctl kickstart -k system/com.sallyport.collector",
          .set_clock = "turn on time synchronisation (sudo systemsetup -setusingnetworktime on)",
          .close_key = "chmod 600 the key file, and enroll anew",
          .look_at_key = "run doctor with sudo to have it checked",
          .restart_charon = "start strongSwan's charon again"};
}

}  // namespace sallyport
