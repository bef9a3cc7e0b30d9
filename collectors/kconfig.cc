// SPDX-License-Identifier: Apache-2.0
// KConfigIniBackend of KDE Frameworks: "[Group][$i]", "Key[$i]=value", "[$i]" alone as the first
// line for the whole file; options may be joined ("[$ei]"), "d" takes a value of a former file
// away.
#include "collectors/kconfig.h"

#include "base/text.h"

namespace sallyport {
namespace {

// "[$ei]" at the end of `text`: its letters, and the text without it. "": there is none.
std::string_view TakeOptions(std::string_view* text) {
  const size_t begin = text->rfind("[$");
  if (begin == text->npos || !text->ends_with(']')) return "";
  const std::string_view letters = text->substr(begin + 2, text->size() - begin - 3);
  *text = Trim(text->substr(0, begin));
  return letters;
}

}  // namespace

Status KconfigGroup::Add(std::string_view text, const std::string& path) {
  bool here = false;
  bool file_immutable = false;
  bool group_immutable = false;
  std::map<std::string, bool> marked;  // immutable from the next file on
  const bool closed = immutable_;
  for (std::string_view line : Lines(text)) {
    line = Trim(line);
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '[') {
      if (!line.ends_with(']')) return Fail(Code::kMalformed, path + ": " + Excerpt(line));
      const bool immutable = TakeOptions(&line).find('i') != line.npos;
      if (line.empty()) {
        file_immutable = file_immutable || immutable;
        continue;
      }
      here = line == "[" + name_ + "]";
      if (here && immutable) group_immutable = true;
      continue;
    }
    if (here && !closed) Set(line, path, &marked);
  }
  immutable_ = immutable_ || file_immutable || group_immutable;
  for (const auto& [key, immutable] : marked) entries_[key].immutable = immutable;
  return {};
}

void KconfigGroup::Set(std::string_view line, const std::string& path,
                       std::map<std::string, bool>* marked) {
  const size_t equals = line.find('=');
  std::string_view key = Trim(line.substr(0, equals));
  const std::string_view options = TakeOptions(&key);
  KconfigEntry& entry = entries_[std::string(key)];
  if (entry.immutable) return;
  if (options.find('i') != options.npos) (*marked)[std::string(key)] = true;
  if (options.find('d') != options.npos) {
    entry.value = std::nullopt;
    entry.source = "";
  } else if (equals != line.npos) {
    entry.value = std::string(Trim(line.substr(equals + 1)));
    entry.source = path;
  }
}

KconfigEntry KconfigGroup::Get(const std::string& key) const {
  const auto found = entries_.find(key);
  KconfigEntry entry = found == entries_.end() ? KconfigEntry{} : found->second;
  entry.immutable = entry.immutable || immutable_;
  return entry;
}

}  // namespace sallyport
