// SPDX-License-Identifier: Apache-2.0
// Small files that survive a power cut: written beside, synced, renamed into place, folder synced.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport {

// POSIX modes; on Windows protected DACLs of the same meaning, in which SYSTEM and Administrators
// stand for root.
enum class FileAccess { kOwner /*0600*/, kEveryoneReads /*0644*/ };

// After a crash the file holds its old or its new content, whole. kNotFound (folder), kDenied,
// kExhausted (disk full), kInternal; the message names the path.
Status ReplaceSmallFile(const std::string& path, std::string_view content, FileAccess access);

// The same for a file that must not exist yet: kConflict when it does.
Status CreateSmallFile(const std::string& path, std::string_view content, FileAccess access);

// kNotFound, kDenied, kTooLarge.
Result<std::string> ReadSmallFile(const std::string& path, size_t max_bytes = 1 << 20);

// kDenied when others than the owner (and, on Windows, SYSTEM, Administrators and LOCAL SERVICE, as
// which the agent runs) may read it: a private key that others may read is none. kNotFound.
Status CheckOwnerOnly(const std::string& path);

// Makes the folder and missing parents with mode 0700; an existing folder keeps its content and
// gets mode 0700 when others could enter it.
Status MakeOwnerFolder(const std::string& path);

}  // namespace sallyport
