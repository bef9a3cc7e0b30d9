// SPDX-License-Identifier: Apache-2.0
// rpm(8): rpm's database has had three formats; rpm itself is asked.
#include "base/text.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

constexpr char kFormat[] =
    "%{NAME}\\t%{VERSION}\\t%{RELEASE}\\t%{SOURCERPM}\\t%{LONGSIZE}\\t%{SHA1HEADER}\\t%{ARCH}\\t"
    "%{EPOCH}\\t%{INSTALLTIME}\\t%{VENDOR}\\t%{GROUP}\\n";
constexpr size_t kColumns = 11;

// rpm writes "(none)" where a package has no such tag.
Value TextCell(std::string_view text) {
  return text.empty() || text == "(none)" ? Cell(std::nullopt) : Cell(text);
}

Value NumberCell(std::string_view text) {
  if (text.empty() || text == "(none)") return Cell(std::nullopt);
  const auto number = ParseInt(text);
  return number ? Cell(*number) : Cell(Unknown{});
}

}  // namespace

Result<Rows> RpmPackagesLinux(const Host& host, const Keys& keys) {
  const auto output = host.Run({.argv = {"/usr/bin/rpm", "-qa", "--queryformat", kFormat},
                                .deadline = std::chrono::milliseconds(60'000),
                                .max_output = 64 << 20});
  if (!output) return tl::unexpected(output.error());
  if (output->exit_code != 0) {
    return Fail(Code::kUnavailable, "rpm -qa: " + Excerpt(Trim(output->err)));
  }
  TableRows rows(kRpmPackages);
  for (const std::string_view line : Lines(output->out)) {
    const std::vector<std::string_view> cells = Split(line, '\t');
    if (cells.size() != kColumns) return Fail(Code::kMalformed, "rpm -qa: " + Excerpt(line));
    rows.Add({{"name", Cell(cells[0])},
              {"version", TextCell(cells[1])},
              {"release", TextCell(cells[2])},
              {"source", TextCell(cells[3])},
              {"size", NumberCell(cells[4])},
              {"sha1", TextCell(cells[5])},
              {"arch", TextCell(cells[6])},
              {"epoch", NumberCell(cells[7])},
              {"install_time", NumberCell(cells[8])},
              {"vendor", TextCell(cells[9])},
              {"package_group", TextCell(cells[10])}});
  }
  return rows.Take(keys);
}

}  // namespace sallyport
