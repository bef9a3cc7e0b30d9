// SPDX-License-Identifier: Apache-2.0
// passwd(5) and group(5).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sallyport {

struct Account {
  std::string name;
  int64_t uid = 0;
  int64_t gid = 0;
  std::string description;
  std::string home;
  std::string shell;

  friend bool operator==(const Account&, const Account&) = default;
};

struct AccountGroup {
  std::string name;
  int64_t gid = 0;
  std::vector<std::string> members;

  friend bool operator==(const AccountGroup&, const AccountGroup&) = default;
};

// Empty lines, remarks and lines that ask a directory service ("+", "-") are skipped; any other
// line that does not follow the format is kMalformed, without its password field.
Result<std::vector<Account>> ParsePasswd(std::string_view text);
Result<std::vector<AccountGroup>> ParseGroup(std::string_view text);

}  // namespace sallyport
