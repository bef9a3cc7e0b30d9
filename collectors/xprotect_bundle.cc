// SPDX-License-Identifier: Apache-2.0
#include "collectors/xprotect_bundle.h"

#include "collectors/plist_reader.h"

namespace sallyport {
namespace {

constexpr const char* kBundles[] = {
    "/var/protected/xprotect/XProtect.bundle",
    "/Library/Apple/System/Library/CoreServices/XProtect.bundle",
};

}  // namespace

// One that may not be read hides which of them counts.
Result<XprotectBundle> FindXprotectBundle(const Host& host) {
  for (const char* path : kBundles) {
    const auto info = ReadPlist(host, std::string(path) + "/Contents/Info.plist");
    if (!info) {
      if (info.error().code == Code::kNotFound) continue;
      return tl::unexpected(info.error());
    }
    const Plist* const version = info->Find("CFBundleShortVersionString");
    return XprotectBundle{path, version == nullptr ? Cell(Unknown{}) : Cell(version->text)};
  }
  return Fail(Code::kNotFound, "XProtect: no bundle of rules");
}

}  // namespace sallyport
