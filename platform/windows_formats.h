// SPDX-License-Identifier: Apache-2.0
// How Windows writes things down: paths, command lines, registry values, reparse points, WQL. Pure:
// nothing here asks a system, so all of it is tested everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/table.h"

namespace sallyport {

// "C:\a\b" or "C:/a/b" as "\\?\C:\a\b", which no length limit, no device name (CON) and no trailing
// dot changes. kInvalidArgument for anything else: not absolute; "." or ".." or a stream
// (a:b) in it; a share, since opening one sends this machine's credentials to a stranger.
Result<std::string> ExtendedPath(std::string_view path);

// The path of a file that is open, as GetFinalPathNameByHandle gives it, without "\\?\". kDenied
// for a share.
Result<std::string> FinalPath(std::string_view extended);

// The arguments as one line that CommandLineToArgvW takes apart again. kInvalidArgument for a NUL,
// and when the program is no .exe: cmd.exe, which runs batch files, reads other quotes.
Result<std::string> CommandLine(const std::vector<std::string>& argv);

// The bytes of a registry value. REG_SZ and REG_EXPAND_SZ (as written) are text, REG_MULTI_SZ is
// text with a line for each string, REG_DWORD and REG_QWORD are numbers. kMalformed when the bytes
// are not of their type, or the type is another one; the message names `thing`.
Result<Value> RegistryValue(uint32_t type, std::string_view bytes, const std::string& thing);

// "REG_SZ" of 1; "UNKNOWN" of a number that has no name.
std::string RegistryTypeName(uint32_t type);

// The bytes of a value as the text that osquery's registry table shows: text up to its first NUL,
// the strings of REG_MULTI_SZ with commas between, REG_DWORD with a sign, REG_BINARY in hexadecimal
// (upper case). "" of a type that has no text; nullopt when the bytes are not of their type.
std::optional<std::string> RegistryData(uint32_t type, std::string_view bytes);

// Where a symbolic link or a junction points, from its REPARSE_DATA_BUFFER (MS-FSCC 2.1.2).
// kInvalidArgument for other reparse points, kMalformed when a length in it lies.
Result<std::string> ReparseTarget(std::string_view buffer, const std::string& path);

// "SELECT a, b FROM C ..." is {a, b}; kInvalidArgument when the columns are not named one by one
// ("*" has no order).
Result<std::vector<std::string>> SelectedColumns(std::string_view wql);

}  // namespace sallyport
