// SPDX-License-Identifier: Apache-2.0
#include "collectors/recorded_lists.h"

#include <set>

#include "collectors/apt_lists.h"
#include "collectors/dpkg_status.h"
#include "collectors/lz4_frame.h"

namespace sallyport {
namespace {

using Names = std::set<std::string_view>;

Names NamesIn(std::string_view status) {
  Names names;
  ForEachStanza(status,
                [&](std::string_view stanza) { names.insert(StanzaField(stanza, "Package")); });
  return names;
}

std::string Shortened(std::string_view list, const Names& names) {
  std::string out;
  ForEachStanza(list, [&](std::string_view stanza) {
    if (!names.contains(StanzaField(stanza, "Package"))) return;
    out.append(stanza.substr(0, stanza.find_last_not_of('\n') + 1)).append("\n\n");
  });
  return out;
}

}  // namespace

bool IsAptList(std::string_view path) {
  return path.ends_with("_Packages") || path.ends_with("_Packages.lz4");
}

std::string ShortenAptList(std::string_view path, std::string content,
                           std::string_view dpkg_status) {
  const Names names = NamesIn(dpkg_status);
  if (!path.ends_with(".lz4")) return Shortened(content, names);
  std::string text;
  const auto add = [&](std::string_view piece) { text.append(piece); };
  if (!UnpackLz4(content, kMaxListBytes, add)) return content;
  return PackLz4(Shortened(text, names)).value_or(std::move(content));
}

}  // namespace sallyport
