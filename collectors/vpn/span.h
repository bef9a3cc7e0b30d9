// SPDX-License-Identifier: Apache-2.0
// Where a setting stands: exact enough to mend it there.
#pragma once

#include <string>

namespace sallyport {

// Lines and columns begin with 1; columns count bytes. The end is one behind the last byte.
struct Span {
  std::string file;
  int line = 0;  // of the name
  int column = 0;
  int value_line = 0;  // of the value, its quote if it has one; 0: there is none
  int value_column = 0;
  int end_line = 0;  // of the value, or of the name where there is none
  int end_column = 0;

  friend bool operator==(const Span&, const Span&) = default;
};

// "file:line"
inline std::string FileAndLine(const Span& span) {
  return span.file + ":" + std::to_string(span.line);
}

}  // namespace sallyport
