// SPDX-License-Identifier: Apache-2.0
// A property list, XML or binary: rows that fit their table, or an error.
#include <cstdlib>
#include <string>

#include "collectors/paths/tables.h"
#include "tests/fuzz/text_host.h"

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const TextHost host(std::string(reinterpret_cast<const char*>(data), size));
  const auto rows = PlistTable(host, {{"path", "/f"}});
  if (!rows) return 0;
  for (const Row& row : *rows) {
    if (row.size() != kPlist.columns.size()) std::abort();
  }
  return 0;
}
