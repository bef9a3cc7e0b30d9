// SPDX-License-Identifier: Apache-2.0
// Keys of the Windows registry that are there while a restart is waited for.
#pragma once

#include <optional>

#include "platform/host.h"

namespace sallyport {

// nullopt: may not be told.
struct WindowsRestart {
  std::optional<bool> servicing = {};  // component servicing: updates and features
  std::optional<bool> update = {};     // Windows Update
  std::optional<bool> renames = {};    // files to be renamed: a weak sign
};
WindowsRestart ReadWindowsRestart(const Host& host);

}  // namespace sallyport
