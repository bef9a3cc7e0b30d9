// SPDX-License-Identifier: Apache-2.0
// A pattern and a text for the SQL functions: an answer or an error, and no more memory or time
// than they are given.
#include <cstdint>

#include "tests/fuzz/sql_functions_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static sallyport::SqlFunctionsInput functions;
  functions.Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
