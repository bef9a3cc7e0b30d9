// SPDX-License-Identifier: Apache-2.0
// The XProtect rules that macOS uses. Up to three lie on a Mac, and one counts: from macOS 15 on
// the one that xprotect(8) keeps below /var/protected; before, and on a Mac that has not fetched
// one yet, the one that software updates bring.
#pragma once

#include <string>

#include "base/result.h"
#include "base/table.h"
#include "platform/host.h"

namespace sallyport {

struct XprotectBundle {
  std::string path;
  Value version = Unknown{};  // "5312"
};

// kNotFound: no rules at all.
Result<XprotectBundle> FindXprotectBundle(const Host& host);

}  // namespace sallyport
