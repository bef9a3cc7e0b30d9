// SPDX-License-Identifier: Apache-2.0
// One WMI query, or one method of an object, over COM. May hang as long as the WMI service does:
// ask through AnswerInTime.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "platform/host.h"

namespace sallyport {

// A row for each object, a cell for each of `columns`. Errors as WindowsHost::QueryWmi has them.
// Uses the calling thread's COM, which nobody else may have set up.
Result<Rows> AskWmi(const std::string& name_space, const std::string& wql,
                    const std::vector<std::string>& columns);

// A cell for each of its outputs.
Result<Row> CallWmiMethod(const WmiCall& call);

}  // namespace sallyport
