// SPDX-License-Identifier: Apache-2.0
// What is known of a security product, as one word.
#pragma once

#include "base/table.h"

namespace sallyport {

// NULL for what has no process to run. `tells`: the product shows whether it is degraded, so that
// not to have learnt it leaves the word unknown; of one that shows nothing it is known that it
// runs.
inline Value EdrState(const Value& running, const Value& enforcing, const Value& degraded,
                      bool tells) {
  if (running == Cell(false)) return Cell("stopped");
  if (running != Cell(true)) return running;
  if (degraded == Cell(true)) return Cell("degraded");
  if (enforcing == Cell(true)) return Cell("enforcing");
  return tells && IsUnknown(degraded) ? Cell(Unknown{}) : Cell("running");
}

}  // namespace sallyport
