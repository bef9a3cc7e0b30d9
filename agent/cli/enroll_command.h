// SPDX-License-Identifier: Apache-2.0
// `sallyport enroll`: gets an identity from the policy service and leaves it to the agent's user.
#pragma once

#include <string>

#include "base/result.h"

namespace sallyport {

struct EnrollArguments {
  std::string service;
  std::string ca_file;
  std::string token_file;  // overwritten and removed once it is used up
  std::string state;
  std::string user;  // becomes the folder's owner; empty: whoever runs this
  bool want_vpn = true;
};

// The device id. Errors are those of Enroll (attestation/enrollment.h), and kNotFound for a user
// that there is not, told before the token is used.
Result<std::string> RunEnroll(const EnrollArguments& arguments);

}  // namespace sallyport
