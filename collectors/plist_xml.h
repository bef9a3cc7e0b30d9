// SPDX-License-Identifier: Apache-2.0
// The XML form of a property list: the elements of Apple's PropertyList-1.0.dtd, and no other XML.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "collectors/plist_reader.h"

namespace sallyport {

// UTF-8. No entities but XML's own five and characters by number; a document type is skipped, and
// one that declares something refused. Bounds of plist_binary.h.
Result<Plist> ParseXmlPlist(std::string_view text, const std::string& name);

}  // namespace sallyport
