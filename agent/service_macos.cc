// SPDX-License-Identifier: Apache-2.0
// What launchd hands over: nothing. It would make sockets (launch_activate_socket(3)) when it loads
// a plist; at the start of the machine /var/run is empty, so the folder for them is not there, and
// SockPathOwner of launchd.plist(5) is a number, which the account has only once it was made.
#include "agent/socket_activation_posix.h"

namespace sallyport {

Result<std::optional<int>> ActivationSocket() { return std::optional<int>(); }

}  // namespace sallyport
