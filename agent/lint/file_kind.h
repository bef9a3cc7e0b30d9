// SPDX-License-Identifier: Apache-2.0
// Kinds of files that configure a VPN: how one is recognised, and what reads it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "platform/host.h"

namespace sallyport {

struct FileKind {
  std::string_view name;
  Os os;  // of the machines that such files lie on: decides which policies apply
  bool (*by_name)(std::string_view path);        // with forward slashes
  bool (*by_content)(std::string_view content);  // null: by name alone
  // Reads the file and what it includes, as the tables that policies ask: each of them, one without
  // rows was looked for and has none. Errors name file and line. null: such a file is recognised,
  // and nothing here reads it.
  Result<std::vector<TableResult>> (*read)(const Host& host, const std::string& path);
};

}  // namespace sallyport
