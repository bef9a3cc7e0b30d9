// SPDX-License-Identifier: Apache-2.0
// The service's folders: <root>, <root>\agent and <root>\collector.
#pragma once

#include <optional>
#include <string>

#include "agent/local_end.h"
#include "base/result.h"

namespace sallyport {

// Makes a folder with FolderSddl(own, agent), or takes up one that only those could have filled;
// when others may read it, its access list is put right. A folder that others own or could write
// into, a link or a file is renamed to "<path>.foreign-<random>" and a new folder made: anybody may
// make a folder in ProgramData, and nothing that lies in it may be believed. Returns the new name
// of what was set aside; "" when nothing was. The error names the path.
Result<std::string> PrepareFolder(const std::string& path, const UserId& own,
                                  const std::optional<UserId>& agent);

}  // namespace sallyport
