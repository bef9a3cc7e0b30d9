// SPDX-License-Identifier: Apache-2.0
// Answers of the host as cells: what is not there is NULL, what could not be read is unknown.
#pragma once

#include <string>

#include "base/result.h"
#include "base/table.h"
#include "platform/host.h"

namespace sallyport {

// The content without blanks around it.
Result<std::string> ReadTrimmed(const Host& host, const std::string& path);

// Text; kNotFound and kUnsupported are NULL, every other error is unknown. Empty text is NULL.
Value TextOrNull(const Result<std::string>& answer);

// The last part of a path: "/dev/mapper/home" is "home".
std::string BaseName(const std::string& path);
// The folder of a path, without its slash: "/etc/hosts" is "/etc", "/etc" is "/".
std::string DirName(const std::string& path);
// `path` itself when absolute, else below `folder`.
std::string InFolder(const std::string& folder, const std::string& path);

}  // namespace sallyport
