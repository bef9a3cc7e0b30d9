// SPDX-License-Identifier: Apache-2.0
// What a recording keeps of apt's lists.
#pragma once

#include <string>
#include <string_view>

namespace sallyport {

// Is this the path of a list of packages that is kept as text or as LZ4?
bool IsAptList(std::string_view path);

// The list, packed as its path says, with those packages alone that dpkg's status names: the lists
// weigh tens of megabytes, and no table tells of a package that is not there. As it is when it
// cannot be read.
std::string ShortenAptList(std::string_view path, std::string content,
                           std::string_view dpkg_status);

}  // namespace sallyport
