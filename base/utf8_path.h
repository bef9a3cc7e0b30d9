// SPDX-License-Identifier: Apache-2.0
// Paths between UTF-8, which all of our strings are, and std::filesystem. Its own conversion from
// char takes the C locale's, which on Windows loses most letters.
#pragma once

#include <filesystem>
#include <string>

namespace sallyport {

// std::ifstream and std::ofstream take it, too. std::system_error for what is no UTF-8, on Windows.
inline std::filesystem::path PathOf(const std::string& utf8) {
  return std::filesystem::path(std::u8string(utf8.begin(), utf8.end()));
}

inline std::string Utf8Of(const std::filesystem::path& path) {
  const std::u8string text = path.u8string();
  return std::string(text.begin(), text.end());
}

}  // namespace sallyport
