// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "collectors/vpn/swanctl.h"

namespace sallyport {
namespace {

const SettingsSection* Lookup(const SettingsSection& root, const std::string& dotted) {
  const SettingsSection* at = &root;
  for (std::string_view name : Split(dotted, '.')) {
    at = at->FindSection(name);
    if (!at) return nullptr;
  }
  return at;
}

// What `to` does not have itself comes from `from`, behind its own.
void MergeUnder(SettingsSection from, SettingsSection* to) {
  for (Setting& setting : from.settings) {
    if (std::ranges::find(to->settings, setting.name, &Setting::name) == to->settings.end()) {
      to->settings.push_back(std::move(setting));
    }
  }
  for (SettingsSection& section : from.sections) {
    const auto same = std::ranges::find(to->sections, section.name, &SettingsSection::name);
    if (same == to->sections.end()) {
      to->sections.push_back(std::move(section));
    } else {
      MergeUnder(std::move(section), &*same);
    }
  }
}

class Resolver {
 public:
  explicit Resolver(const SettingsSection& root) : root_(root) {}

  Result<SettingsSection> Resolve(const SettingsSection& section) {
    if (std::ranges::find(open_, &section) != open_.end()) {
      return Fail(Code::kMalformed, FileAndLine(section.where) + ": section \"" + section.name +
                                        "\" inherits itself");
    }
    items_ += 1 + section.settings.size();
    for (const Setting& setting : section.settings) {
      bytes_ += setting.name.size() + setting.value.size();
    }
    if (bytes_ > kMaxInheritedBytes || items_ > kMaxSettingsItems || open_.size() > kMaxDepth) {
      return Fail(Code::kTooLarge, FileAndLine(section.where) + ": section \"" + section.name +
                                       "\" inherits too much");
    }
    open_.push_back(&section);
    Result<SettingsSection> out = ResolveParts(section);
    open_.pop_back();
    return out;
  }

 private:
  Result<SettingsSection> ResolveParts(const SettingsSection& section) {
    SettingsSection out;
    out.name = section.name;
    out.where = section.where;
    out.settings = section.settings;
    for (const SettingsSection& inner : section.sections) {
      Result<SettingsSection> resolved = Resolve(inner);
      if (!resolved) return resolved;
      out.sections.push_back(std::move(*resolved));
    }
    for (const std::string& reference : section.references) {
      const SettingsSection* target = Lookup(root_, reference);
      if (!target) continue;
      Result<SettingsSection> resolved = Resolve(*target);
      if (!resolved) return resolved;
      MergeUnder(std::move(*resolved), &out);
    }
    return out;
  }

  static constexpr size_t kMaxDepth = 64;

  const SettingsSection& root_;
  std::vector<const SettingsSection*> open_;
  size_t items_ = 0;
  size_t bytes_ = 0;
};

}  // namespace

Result<SettingsSection> WithInherited(const SettingsSection& root, const SettingsSection& section) {
  return Resolver(root).Resolve(section);
}

}  // namespace sallyport
