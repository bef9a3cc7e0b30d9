// SPDX-License-Identifier: Apache-2.0
// Machine: what `sallyport query` and `sallyport record` ask: this one, within the laptop's own
// limit and the rights of the caller, or a recorded one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/collector/limited_machine.h"
#include "base/result.h"
#include "base/table.h"
#include "platform/host.h"
#include "platform/recorded_host.h"

namespace sallyport {

class Machine {
 public:
  // `limit_file`: as sallyport-collector's --limit.
  static Result<Machine> This(const std::string& limit_file);
  // A folder that Record wrote.
  static Result<Machine> Recorded(const std::string& folder);

  // `unsupported` for a table that nobody collects here. collector_status is of all tables that can
  // be read whole.
  TableResult Read(const std::string& table, const Keys& keys) const;
  const Host& host() const;  // what every table may see

 private:
  explicit Machine(const PathLimit& limit);
  explicit Machine(std::unique_ptr<Host> recorded);
  const Host& HostFor(std::string_view table) const;

  std::unique_ptr<LimitedMachine> here_;
  std::unique_ptr<Host> recorded_;  // one of the two
};

struct RecordSummary {
  size_t tables = 0;
  std::vector<std::string> not_read;  // "disk_volumes: denied: ..."
};

// Asks the machine for every table that can be read whole, and for what each of `queries` asks
// besides; writes questions and answers to host.json in `folder`, which is made if it is not there.
// Taken out are secrets, packages that are not installed, and settings that no table tells of;
// files with secrets of VPNs are not asked for at all. Only its owner may read it. kConflict: there
// is one already.
Result<RecordSummary> Record(const Machine& machine, const std::vector<std::string>& queries,
                             const std::string& folder);

}  // namespace sallyport
