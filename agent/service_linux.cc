// SPDX-License-Identifier: Apache-2.0
// What systemd hands over.
#include <systemd/sd-daemon.h>

#include "agent/socket_activation_posix.h"

namespace sallyport {

Result<std::optional<int>> ActivationSocket() {
  const int count = sd_listen_fds(1);
  if (count == 0) return std::optional<int>();
  if (count != 1 || sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, nullptr, 0) <= 0) {
    return Fail(Code::kInvalidArgument,
                "systemd handed over something else than one stream socket");
  }
  return std::optional<int>(SD_LISTEN_FDS_START);
}

}  // namespace sallyport
