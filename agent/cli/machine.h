// SPDX-License-Identifier: Apache-2.0
// Machine: what `sallyport query` and `sallyport record` ask: this one, within the laptop's own
// limit and the rights of the caller, or a recorded one.
#pragma once

#include <memory>
#include <string>
#include <vector>

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
  const Host& host() const { return *host_; }

 private:
  explicit Machine(std::vector<std::unique_ptr<Host>> layers);

  std::vector<std::unique_ptr<Host>> layers_;  // each asks the one before
  const Host* host_;
};

struct RecordSummary {
  size_t tables = 0;
  std::vector<std::string> not_read;  // "disk_volumes: denied: ..."
};

// Asks the machine for every table that can be read whole, and for what each of `queries` asks
// besides; writes questions and answers, secrets, packages that are not installed and settings that no table tells of
// taken out, to host.json in `folder`, which is made if it is not there. Only its owner may read
// it. kConflict: there is one already.
Result<RecordSummary> Record(const Machine& machine, const std::vector<std::string>& queries,
                             const std::string& folder);

}  // namespace sallyport
