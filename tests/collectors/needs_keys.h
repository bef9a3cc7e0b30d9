// SPDX-License-Identifier: Apache-2.0
// Which tables have nothing to say when they are not asked for a path or key.
#pragma once

#include <algorithm>

#include "base/table.h"

namespace sallyport {

inline bool NeedsKeys(const Schema& schema) {
  return std::ranges::any_of(schema.columns, [](const Column& column) {
    const bool names_it = column.name == "path" || column.name == "key";
    return column.role == Role::kRequired || (column.role == Role::kAdditional && names_it);
  });
}

}  // namespace sallyport
