// SPDX-License-Identifier: Apache-2.0
// Weaknesses of a policy that compiles: what `policy apply` warns about.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/table.h"
#include "policy/engine.h"

namespace sallyport {

// One line per weakness, policy first: "vpn: passes when every table is empty". That is meant in a
// few ("no forbidden thing is there") and a mistake in most; one in seven public policies does it.
// `schemas` are those that the engine was compiled with.
std::vector<std::string> FindWeaknesses(Engine& engine, std::span<const Schema> schemas);

}  // namespace sallyport
