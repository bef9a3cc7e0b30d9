// SPDX-License-Identifier: Apache-2.0
// Regular expressions of policies: RE2, whose work grows with pattern times input and no faster.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string_view>

#include "base/result.h"

namespace sallyport {

// kInvalidArgument names what RE2 lacks (lookaround, back-references) or what is wrong with the
// pattern; kTooLarge: more than 8 KiB, or more memory than a pattern may take.
Result<std::unique_ptr<RE2>> CompileRegex(std::string_view pattern);

// Whether to match this much is refused: the work is the size of the program times that of the
// input, and nothing interrupts it.
bool IsTooMuchToMatch(const RE2& regex, std::string_view input);

}  // namespace sallyport
