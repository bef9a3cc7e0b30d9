// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "base/text.h"
#include "collectors/named_values.h"
#include "collectors/os_version.h"

namespace sallyport {
namespace {

// "13.4.1" is 13, 4, 1; "14.0" is 14, 0, 0.
Value VersionPart(const Value& version, size_t index) {
  const auto* text = std::get_if<std::string>(&version);
  if (text == nullptr) return Unknown{};
  const auto parts = Split(*text, '.');
  if (index >= parts.size()) return Cell(0);
  const std::optional<int64_t> number = ParseInt(parts[index]);
  return number ? Cell(*number) : Cell(Unknown{});
}

}  // namespace

// sw_vers(1) of macOS 13 and later prints ProductVersionExtra, "(a)", only while a rapid security
// response is installed.
Result<Rows> OsVersionMacos(const Host& host, const Keys&) {
  const Result<NamedValues> said = AskNamedValues(host, {"/usr/bin/sw_vers"});
  if (!said) return tl::unexpected(said.error());
  const Result<NamedValues> kernel = AskNamedValues(host, {"/usr/sbin/sysctl", "hw.machine"});
  const Value version = TextOf(*said, "ProductVersion");
  const bool has_extra = said->contains("ProductVersionExtra");
  return Rows{{
      TextOf(*said, "ProductName"),
      version,
      VersionPart(version, 0),
      VersionPart(version, 1),
      VersionPart(version, 2),
      TextOf(*said, "BuildVersion"),
      Cell("darwin"),
      Cell("darwin"),
      Cell(std::nullopt),
      kernel ? TextOf(*kernel, "hw.machine") : Cell(Unknown{}),
      has_extra ? TextOf(*said, "ProductVersionExtra") : Cell(std::nullopt),
      Cell(std::nullopt),
      Cell(std::nullopt),
  }};
}

}  // namespace sallyport
