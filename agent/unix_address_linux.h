// SPDX-License-Identifier: Apache-2.0
// UnixAddress: a path as the address of a local socket, unix(7).
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <string>

#include "base/result.h"

namespace sallyport {

class UnixAddress {
 public:
  // kInvalidArgument: the path is too long for a socket.
  static Result<UnixAddress> Of(const std::string& path) {
    UnixAddress out;
    if (path.size() >= sizeof(out.address_.sun_path)) {
      return Fail(Code::kInvalidArgument, path + ": too long for a socket");
    }
    out.address_.sun_family = AF_UNIX;
    std::memcpy(out.address_.sun_path, path.c_str(), path.size() + 1);
    return out;
  }

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  static constexpr socklen_t size() { return sizeof(sockaddr_un); }

 private:
  sockaddr_un address_{};
};

}  // namespace sallyport
