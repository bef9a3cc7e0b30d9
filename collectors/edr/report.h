// SPDX-License-Identifier: Apache-2.0
// What a security product says of itself: settings by name, from its own command or state file.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/table.h"
#include "collectors/edr/product.h"
#include "platform/host.h"

namespace sallyport {

using Settings = std::map<std::string, std::string, std::less<>>;

// `name : value`, `name='value'` and `name=value, name="value".`: a line or a comma ends a setting.
// Names and values in lower case, without quotes, blanks and a full stop; of a value in brackets
// behind it, "true [managed]", nothing is kept. "x is not set" is an empty value.
Settings ParseSettings(std::string_view text);

struct ReportCells {
  Value enforcing = Unknown{};
  Value mode = std::monostate{};
  Value degraded = std::monostate{};
  Value tamper = std::monostate{};
};

// Of a product that runs. A command that fails and a setting that is missing are unknown.
ReportCells AskReport(const Host& host, const ProductReport& report);

}  // namespace sallyport
