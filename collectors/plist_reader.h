// SPDX-License-Identifier: Apache-2.0
// Property lists of macOS, XML (plist(5)) and binary ("bplist00"), read by our own strict reader:
// it is bounded in depth and nodes, and runs on every system alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

struct Plist {
  enum class Kind { kDict, kArray, kText, kInteger, kReal, kBoolean, kDate, kData };

  Kind kind = Kind::kDict;
  std::string text = {};  // kText: UTF-8; kData: the bytes
  int64_t number = 0;     // kInteger; kBoolean: 0 or 1; kDate: seconds since 1970
  double real = 0;        // kReal
  std::vector<std::pair<std::string, Plist>> entries = {};  // kDict, in the order of the file
  std::vector<Plist> items = {};                            // kArray

  // Of a dictionary; nullptr when it is none or has no such key. Of a key that comes twice, the
  // first.
  const Plist* Find(std::string_view key) const;

  friend bool operator==(const Plist&, const Plist&) = default;
};

// `name` is what the errors name. kMalformed: no property list, or a broken one (a key without a
// value; text after the end; an offset that lies); kTooLarge: over 64 levels or 200,000 values.
Result<Plist> ParsePlist(std::string_view bytes, const std::string& name);

// Of a file. Errors of ReadFile, too.
Result<Plist> ReadPlist(const Host& host, const std::string& path);

}  // namespace sallyport
