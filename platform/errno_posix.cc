// SPDX-License-Identifier: Apache-2.0
#include "platform/errno_posix.h"

#include <cerrno>
#include <system_error>

namespace sallyport {

Code CodeOfErrno(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ESRCH:   // /proc/<pid>/... of a process that has just gone
    case ENODEV:  // a sysfs attribute whose device has just gone
    case ENXIO:
      return Code::kNotFound;
    case EACCES:
    case EPERM:
      return Code::kDenied;
    case ETIMEDOUT:
      return Code::kTimeout;
    case EFBIG:
    case EOVERFLOW:
    case E2BIG:
      return Code::kTooLarge;
    case EINVAL:
    case EISDIR:
    case ENAMETOOLONG:
      return Code::kInvalidArgument;
    case ELOOP:
      return Code::kMalformed;
    case ENOSYS:
    case EOPNOTSUPP:
      return Code::kUnsupported;
    case EAGAIN:
    case ECONNREFUSED:
    case ECONNRESET:
    case EPIPE:
      return Code::kUnavailable;
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case ENOSPC:
      return Code::kExhausted;
    default:
      return Code::kInternal;
  }
}

tl::unexpected<Error> FailErrno(int error, const std::string& thing) {
  return Fail(CodeOfErrno(error), thing + ": " + std::generic_category().message(error));
}

}  // namespace sallyport
