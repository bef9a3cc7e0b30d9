// SPDX-License-Identifier: Apache-2.0
// LimitedMachine: this machine as each table may see it.
#pragma once

#include <memory>
#include <string_view>

#include "agent/collector/limited_host.h"
#include "agent/collector/path_limit.h"

namespace sallyport {

// Every table is read through a LimitedHost over a Host with a PathGuard of the same limit. The
// tables of VPNs may read the files in which their clients mix settings with secrets
// (PathLimit::ForVpnReaders): they take no path from a manifest, and no cell of theirs holds a
// secret. What the limit's own file adds holds for them, too.
class LimitedMachine {
 public:
  explicit LimitedMachine(const PathLimit& limit);

  const Host& host() const { return strict_.limited; }
  const Host& HostFor(std::string_view table) const;

 private:
  struct View {
    explicit View(const PathLimit& limit);

    std::unique_ptr<Host> machine;
    LimitedHost limited;
  };

  View strict_;
  View vpn_;
};

}  // namespace sallyport
