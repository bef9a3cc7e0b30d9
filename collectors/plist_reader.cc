// SPDX-License-Identifier: Apache-2.0
#include "collectors/plist_reader.h"

#include "base/text.h"
#include "collectors/plist_binary.h"
#include "collectors/plist_xml.h"

namespace sallyport {

const Plist* Plist::Find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name == key) return &value;
  }
  return nullptr;
}

Result<Plist> ParsePlist(std::string_view bytes, const std::string& name) {
  if (bytes.starts_with("bplist00")) return ParseBinaryPlist(bytes, name);
  return ParseXmlPlist(bytes, name);
}

Result<Plist> ReadPlist(const Host& host, const std::string& path) {
  const auto bytes = host.ReadFile(path);
  if (!bytes) return tl::unexpected(bytes.error());
  return ParsePlist(*bytes, path);
}

}  // namespace sallyport
