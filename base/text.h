// SPDX-License-Identifier: Apache-2.0
// Text without locale: splitting, trimming, numbers. Views live as long as the text they came from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport {

std::vector<std::string_view> Split(std::string_view text, char separator);  // keeps empty fields
std::vector<std::string_view> Fields(std::string_view text);  // by runs of blanks, no empty fields
std::vector<std::string_view> Lines(std::string_view text);   // "\n" and "\r\n"; no last empty line
std::string_view Trim(std::string_view text);                 // spaces, tabs, CR, LF at both ends
std::string Join(const std::vector<std::string>& parts, std::string_view separator);
std::string Lower(std::string_view text);  // ASCII only
// The text with "user:password@" gone from every address in it (RFC 3986, 3.2.1).
std::string WithoutUserInfo(std::string_view text);

// The whole text must be a decimal number that fits.
std::optional<int64_t> ParseInt(std::string_view text);

// For error messages: at most `limit` bytes, unprintable bytes shown as \xNN.
std::string Excerpt(std::string_view text, size_t limit = 120);

}  // namespace sallyport
