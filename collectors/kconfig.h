// SPDX-License-Identifier: Apache-2.0
// KDE's configuration files: a group of a setting over several files, as KConfig joins them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport {

struct KconfigEntry {
  std::optional<std::string> value = {};  // nullopt: the program's own default
  bool immutable = false;                 // "[$i]": no later file changes it
  std::string source = {};                // file that the value stands in; "": none
};

// One group, by key. Files are added from the least to the most personal one.
class KconfigGroup {
 public:
  explicit KconfigGroup(std::string name) : name_(std::move(name)) {}

  // kMalformed, with `path`: a group or key without its bracket.
  Status Add(std::string_view text, const std::string& path);
  // Also of a key that no file names.
  KconfigEntry Get(const std::string& key) const;

 private:
  void Set(std::string_view line, const std::string& path, std::map<std::string, bool>* marked);

  std::string name_;
  std::map<std::string, KconfigEntry> entries_;
  bool immutable_ = false;
};

}  // namespace sallyport
