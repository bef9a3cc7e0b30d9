// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/doctor_probe.h"
#include "agent/places.h"

namespace sallyport {

Remedies RemediesHere() {
  return {.start_agent = HowToStart(),
          .restart_collector = "systemctl restart sallyport-collector",
          .set_clock = "turn on time synchronisation (timedatectl)",
          .close_key = "chmod 600 the key file, and enroll anew",
          .look_at_key = "run doctor as root to have it checked",
          .restart_charon = "systemctl restart strongswan"};
}

}  // namespace sallyport
