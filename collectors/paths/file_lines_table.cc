// SPDX-License-Identifier: Apache-2.0
// Table file_lines of the macadmins extension.
#include "base/text.h"
#include "collectors/osquery/extension.h"
#include "collectors/paths/flat_rows.h"
#include "collectors/paths/path_keys.h"
#include "collectors/paths/tables.h"

namespace sallyport {
namespace {

constexpr size_t kMaxBytes = 4 << 20;
constexpr size_t kMaxLines = 100'000;

}  // namespace

Result<Rows> FileLinesTable(const Host& host, const Keys& keys) {
  const auto contents = AskedContents(host, kFileLines, keys, kMaxBytes);
  if (!contents) return tl::unexpected(contents.error());
  Rows rows;
  for (const AskedContent& content : *contents) {
    for (const std::string_view line : Lines(content.bytes)) {
      if (rows.size() == kMaxLines) {
        return Fail(Code::kTooLarge,
                    content.path + ": over " + std::to_string(kMaxLines) + " lines");
      }
      rows.push_back({Cell(content.path), IsPlainText(line) ? Cell(line) : Cell(Unknown{})});
    }
  }
  return rows;
}

}  // namespace sallyport
