// SPDX-License-Identifier: Apache-2.0
#include "collectors/os_release.h"

#include "base/text.h"

namespace sallyport {
namespace {

// Shell quoting as os-release(5) allows it: one quoted word, backslash before $ " ' \ `.
std::string Unquote(std::string_view value) {
  char quote = 0;
  if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
      value.back() == value.front()) {
    quote = value.front();
    value = value.substr(1, value.size() - 2);
  }
  std::string out;
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && quote != '\'' && i + 1 < value.size()) ++i;
    out.push_back(value[i]);
  }
  return out;
}

}  // namespace

OsRelease ParseOsRelease(std::string_view text) {
  OsRelease out;
  for (std::string_view line : Lines(text)) {
    line = Trim(line);
    const size_t equals = line.find('=');
    if (line.starts_with('#') || equals == 0 || equals == std::string_view::npos) continue;
    out[std::string(line.substr(0, equals))] = Unquote(line.substr(equals + 1));
  }
  return out;
}

Result<OsRelease> ReadOsRelease(const Host& host) {
  Result<std::string> text = host.ReadFile("/etc/os-release");
  if (!text && text.error().code == Code::kNotFound) text = host.ReadFile("/usr/lib/os-release");
  if (!text) return tl::unexpected(text.error());
  return ParseOsRelease(*text);
}

std::string Get(const OsRelease& release, const std::string& name) {
  const auto found = release.find(name);
  return found == release.end() ? "" : found->second;
}

}  // namespace sallyport
