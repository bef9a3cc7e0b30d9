// SPDX-License-Identifier: Apache-2.0
#include "collectors/vpn/ini_text.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "collectors/vpn/config_text.h"

namespace sallyport {
namespace {

constexpr size_t kMaxIniItems = 5'000;

class Parser {
 public:
  Parser(const std::string& file, IniKind kind) : file_(file), kind_(kind) {}

  Status AddLine(ConfigLine line) {
    if (kind_ == IniKind::kWgQuick) line.text = Trim(line.text.substr(0, line.text.find('#')));
    if (line.text.empty() || line.text.starts_with('#')) return {};
    if (++items_ > kMaxIniItems) {
      return Fail(Code::kTooLarge, file_ + ": more settings than the bound allows");
    }
    return line.text.starts_with('[') ? Open(line) : AddSetting(line);
  }

  std::vector<IniSection> Take() { return std::move(sections_); }

 private:
  Status Open(const ConfigLine& line) {
    if (!line.text.ends_with(']')) return MalformedLine(file_, line, "a section without \"]\"");
    const std::string_view name = line.text.substr(1, line.text.size() - 2);
    IniSection section;
    section.name = kind_ == IniKind::kWgQuick ? Lower(name) : std::string(name);
    section.where = PlaceOf(file_, line, line.text, {});
    const auto same = by_name_.find(section.name);
    if (kind_ == IniKind::kKeyfile && same != by_name_.end()) {
      open_ = same->second;
      return {};
    }
    open_ = sections_.size();
    by_name_[section.name] = open_;
    sections_.push_back(std::move(section));
    return {};
  }

  Status AddSetting(const ConfigLine& line) {
    const size_t equals = line.text.find('=');
    const std::string_view name = Trim(line.text.substr(0, equals));
    if (equals == std::string_view::npos || name.empty()) {
      return MalformedLine(file_, line, "[section] or name=value was expected");
    }
    if (sections_.empty()) return MalformedLine(file_, line, "a setting outside of a section");
    const std::string_view value = Trim(line.text.substr(equals + 1));
    // Networks of WireGuard may be many, and cost nothing.
    const std::string_view separators = kind_ == IniKind::kKeyfile ? ",;-" : "";
    if (const Status within = CheckValue(value, separators); !within) {
      return Wrap(within.error(), file_ + ":" + std::to_string(line.line));
    }
    IniSection& section = sections_[open_];
    Setting setting;
    setting.name = kind_ == IniKind::kWgQuick ? Lower(name) : std::string(name);
    const bool secret = section.name == "vpn-secrets" || IsSecretSetting(setting.name);
    setting.cleared = value.empty();
    if (!secret) setting.value = std::string(value);
    setting.where = PlaceOf(file_, line, name, value);
    section.settings.push_back(std::move(setting));
    return {};
  }

  const std::string& file_;
  IniKind kind_;
  std::vector<IniSection> sections_;
  std::map<std::string, size_t> by_name_;
  size_t open_ = 0;
  size_t items_ = 0;
};

}  // namespace

const Setting* IniSection::Find(std::string_view setting) const {
  for (auto at = settings.rbegin(); at != settings.rend(); ++at) {
    if (at->name == setting) return at->cleared ? nullptr : &*at;
  }
  return nullptr;
}

std::string IniSection::Get(std::string_view setting, std::string_view fallback) const {
  const Setting* found = Find(setting);
  return found ? found->value : std::string(fallback);
}

const Span& IniSection::Where(std::string_view setting) const {
  const Setting* found = Find(setting);
  return found ? found->where : where;
}

Result<std::vector<IniSection>> ParseIniText(std::string_view text, const std::string& file,
                                             IniKind kind) {
  Parser parser(file, kind);
  for (const ConfigLine& line : ConfigLines(text)) {
    if (const Status added = parser.AddLine(line); !added) return tl::unexpected(added.error());
  }
  return parser.Take();
}

bool IsSecretSetting(std::string_view setting) {
  const std::string name = Lower(setting);
  constexpr std::string_view kParts[] = {"psk",    "passw",     "secret", "private",
                                         "cookie", "preshared", "otp",    "token"};
  if (name.ends_with("-flags") || name.ends_with("-type")) return false;
  if (name == "pin" || name.ends_with("-pin") || name.ends_with("pass")) return true;
  return std::ranges::any_of(
      kParts, [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

}  // namespace sallyport
