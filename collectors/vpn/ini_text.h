// SPDX-License-Identifier: Apache-2.0
// Files of sections and name=value lines: NetworkManager's keyfiles (GKeyFile) and wg-quick(8).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "collectors/vpn/span.h"
#include "collectors/vpn/swanctl.h"

namespace sallyport {

struct IniSection {
  std::string name;
  Span where;
  std::vector<Setting> settings;

  // The last one of the name. nullptr: none.
  const Setting* Find(std::string_view setting) const;
  std::string Get(std::string_view setting, std::string_view fallback = "") const;
  const Span& Where(std::string_view setting) const;  // its place, else the section's
};

enum class IniKind {
  kKeyfile,  // a section that comes again goes on; comments are whole lines
  kWgQuick,  // one that comes again is another; "#" begins a comment anywhere; names in lower case
};

// Values of settings whose name speaks of a secret are never kept. Errors, by file and line: a line
// that is no section, setting or comment, a setting outside of a section, too many of them.
Result<std::vector<IniSection>> ParseIniText(std::string_view text, const std::string& file,
                                             IniKind kind);

// Does a setting of this name hold a secret: a key, a password, a cookie?
bool IsSecretSetting(std::string_view setting);

}  // namespace sallyport
