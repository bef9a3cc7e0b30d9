// SPDX-License-Identifier: Apache-2.0
// Who sits at a Linux desktop, and at which one: accounts of people, the sessions that are
// installed, and what each person chose last at the login screen.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

struct DesktopUser {
  enum class Desktop { kGnome, kKde, kOther, kUnknown };

  std::string name;
  std::optional<int64_t> uid = {};  // nullopt, and no home: an account of a directory service
  std::string home = {};
  Desktop desktop = Desktop::kUnknown;
  std::string session = {};  // file of the session; "": which one is not told
};

// Accounts of people with a home, and those that the login screen knows from a directory service;
// by name. kUnsupported: no desktop is installed.
Result<std::vector<DesktopUser>> DesktopUsers(const Host& host);

}  // namespace sallyport
