// SPDX-License-Identifier: Apache-2.0
// A security product of macOS as data: its system extensions, and what it says of itself.
#pragma once

#include <span>
#include <string_view>

namespace sallyport {

struct MacosEdrProduct {
  // The tool that tells how it fares, in lines of "name: value".
  enum class Tool { kNone, kMdatp, kFalconctl };

  std::string_view name;
  std::string_view vendor;
  std::string_view category;
  std::span<const std::string_view> extensions;  // identifiers; any of them
  Tool tool = Tool::kNone;
  std::span<const std::string_view> command = {};  // argv of the tool
};

// products_macos.cc: the list.
std::span<const MacosEdrProduct> EdrProductsOfMacos();

}  // namespace sallyport
