// SPDX-License-Identifier: Apache-2.0
// strongSwan's settings files as values: the grammar of strongswan.conf(5), which swanctl.conf(5)
// shares, with includes, merging and references. Every setting keeps where it is from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "collectors/vpn/span.h"
#include "platform/host.h"

namespace sallyport {

struct Setting {
  std::string name;
  std::string value;     // empty where it is a secret: those are never kept
  bool cleared = false;  // "name =": back to the default, also when it would be inherited
  Span where;

  friend bool operator==(const Setting&, const Setting&) = default;
};

struct SettingsSection {
  std::string name;
  Span where;                           // of its name, where it was opened first
  std::vector<std::string> references;  // absolute, dotted names
  std::vector<Setting> settings;        // unknown ones too, in order of their first appearance
  std::vector<SettingsSection> sections;

  // nullptr when it is not there or was cleared.
  const Setting* Find(std::string_view setting) const;
  const SettingsSection* FindSection(std::string_view section) const;
  // The value, else `fallback`.
  std::string Get(std::string_view setting, std::string_view fallback = "") const;

  friend bool operator==(const SettingsSection&, const SettingsSection&) = default;
};

// Reads `path` and all that it includes into one nameless section, whose place is its first line.
// Later settings replace earlier ones of the same name, sections of the same name grow together.
// Errors name file and line, never a value: kNotFound only for `path` itself; a file that is
// included by name and not there is kMalformed; a file that cannot be read keeps its code;
// kTooLarge over one of the bounds below.
Result<SettingsSection> LoadSettings(const Host& host, const std::string& path);

// `section` with all that it and the sections in it inherit (resolved against `root`): own settings
// first, then those of the references from left to right. A reference to nothing adds nothing, as
// in charon. References in a circle are kMalformed; too much growth is kTooLarge.
Result<SettingsSection> WithInherited(const SettingsSection& root, const SettingsSection& section);

inline constexpr size_t kMaxSettingsBytes = 4 << 20;    // all files together
inline constexpr size_t kMaxInheritedBytes = 32 << 20;  // of what sections take over
inline constexpr size_t kMaxSettingsFiles = 256;        // and of statements that include
inline constexpr int kMaxIncludeDepth = 10;
inline constexpr int kMaxSectionDepth = 20;
inline constexpr size_t kMaxSettingsItems = 50'000;
inline constexpr size_t kMaxSiblings = 5'000;  // settings or sections of one section

}  // namespace sallyport
