// SPDX-License-Identifier: Apache-2.0
// INI files as flat rows, as go-ini reads them for Fleet's parse_ini.
#pragma once

#include <string>
#include <string_view>

#include "collectors/paths/flat_rows.h"

namespace sallyport {

// fullkey is "section/key"; what stands before the first section is in "DEFAULT". A section that
// comes twice is one, of a key that comes twice the last counts. Comments begin with # or ;, also
// behind a value, whatever quotes it has. A backslash at the end of a line joins the next one to
// it. Words for yes and no become "true" and "false". kMalformed names file and line: one that is
// neither section nor key, a name that is empty, a quote that does not end.
Status FlattenIni(std::string_view text, const std::string& path, FlatRows* rows);

}  // namespace sallyport
