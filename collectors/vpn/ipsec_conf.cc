// SPDX-License-Identifier: Apache-2.0
#include "collectors/vpn/ipsec_conf.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/vpn/config_text.h"
#include "collectors/vpn/glob.h"

namespace sallyport {
namespace {

constexpr size_t kMaxSettingsOfConn = 1'000;  // there are a hundred names

// The line without its comment, which "#" begins outside of quotes.
std::string_view WithoutComment(std::string_view text) {
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '#' && !quoted) return Trim(text.substr(0, i));
  }
  return text;
}

// Words and strings, joined by one blank; nullopt for a quote that is not closed.
std::optional<std::string> Unquoted(std::string_view text) {
  std::vector<std::string> parts;
  size_t at = 0;
  while (at < text.size()) {
    if (text[at] == ' ' || text[at] == '\t') {
      ++at;
      continue;
    }
    const bool quoted = text[at] == '"';
    const size_t end = quoted ? text.find('"', at + 1) : text.find_first_of(" \t\"", at);
    if (quoted && end == std::string_view::npos) return std::nullopt;
    const size_t from = at + (quoted ? 1 : 0);
    parts.emplace_back(text.substr(from, end == text.npos ? end : end - from));
    at = end == std::string_view::npos ? text.size() : end + (quoted ? 1 : 0);
  }
  return Join(parts, " ");
}

// What an include names, sorted, or the one path that it is.
Result<std::vector<std::string>> Included(const Host& host, const std::string& file,
                                          std::string_view written) {
  const auto text = Unquoted(written);
  const std::string pattern = InFolder(DirName(file), text.value_or(std::string(written)));
  if (HasWildcard(pattern)) return Glob(host, pattern, kMaxSettingsFiles);
  return std::vector<std::string>{pattern};
}

// "include x" where no "=" follows the word.
std::optional<std::string_view> IncludeOf(std::string_view text) {
  constexpr std::string_view kWord = "include";
  if (!text.starts_with(kWord) || text.size() == kWord.size()) return std::nullopt;
  const char next = text[kWord.size()];
  if (next != ' ' && next != '\t') return std::nullopt;
  const std::string_view rest = Trim(text.substr(kWord.size()));
  return rest.starts_with('=') ? std::nullopt : std::optional(rest);
}

class Parser {
 public:
  explicit Parser(const Host& host) : host_(host) {}

  Status ParseFile(const std::string& path, int depth) {
    if (++files_ > kMaxSettingsFiles || depth > kMaxIncludeDepth) {
      return Fail(Code::kTooLarge, path + ": more includes than the bound allows");
    }
    const Result<std::string> text = ReadConfigText(host_, path, Bom::kRefuse);
    if (!text) return tl::unexpected(text.error());
    bytes_ += text->size();
    if (bytes_ > kMaxSettingsBytes) return Fail(Code::kTooLarge, path + ": files too large");
    for (ConfigLine line : ConfigLines(*text)) {
      line.text = WithoutComment(line.text);
      if (line.text.empty()) continue;
      if (const Status parsed = ParseLine(path, line, depth); !parsed) return parsed;
    }
    return {};
  }

  std::vector<IpsecSection> Take() { return std::move(sections_); }

 private:
  Status ParseLine(const std::string& path, const ConfigLine& line, int depth) {
    if (const auto pattern = IncludeOf(line.text)) return Include(path, line, *pattern, depth);
    if (line.indented) return ParseSetting(path, line);
    const auto words = Fields(line.text);
    if (words[0] == "version") return {};  // of FreeS/WAN; means nothing
    const bool known = words[0] == "config" || words[0] == "conn" || words[0] == "ca";
    if (!known || words.size() != 2) {
      return MalformedLine(path, line, "config, conn, ca or include was expected");
    }
    const auto name = Unquoted(words[1]);
    if (!name) return MalformedLine(path, line, "unterminated string");
    Open(std::string(words[0]), *name, PlaceOf(path, line, words[1], {}));
    const bool many = ++items_ > kMaxSettingsItems || sections_.size() > kMaxSiblings;
    return many ? TooMany(path) : Status{};
  }

  void Open(const std::string& type, const std::string& name, const Span& where) {
    for (size_t i = 0; i < sections_.size(); ++i) {
      if (sections_[i].type == type && sections_[i].name == name) {
        open_ = i;
        return;
      }
    }
    open_ = sections_.size();
    sections_.push_back({type, name, where, {}, {}});
  }

  Status ParseSetting(const std::string& path, const ConfigLine& line) {
    if (!open_) return MalformedLine(path, line, "a setting outside of a section");
    const size_t equals = line.text.find('=');
    const std::string_view name = Trim(line.text.substr(0, equals));
    if (equals == std::string_view::npos || name.empty() || Fields(name).size() != 1) {
      return MalformedLine(path, line, "name=value was expected");
    }
    if (++items_ > kMaxSettingsItems) return TooMany(path);
    const std::string_view written = Trim(line.text.substr(equals + 1));
    const auto value = Unquoted(written);
    if (!value) return MalformedLine(path, line, "unterminated string");
    if (const Status within = CheckValue(*value, ",-"); !within) {
      return Wrap(within.error(), path + ":" + std::to_string(line.line));
    }
    Setting setting{std::string(name), *value, value->empty(), PlaceOf(path, line, name, written)};
    IpsecSection& section = sections_[*open_];
    if (setting.name == "also") {
      section.also.push_back(std::move(setting));
      return {};
    }
    const auto same = std::ranges::find(section.settings, setting.name, &Setting::name);
    if (same == section.settings.end()) {
      if (section.settings.size() >= kMaxSettingsOfConn) return TooMany(path);
      section.settings.push_back(std::move(setting));
    } else {
      *same = std::move(setting);
    }
    return {};
  }

  Status Include(const std::string& path, const ConfigLine& line, std::string_view pattern,
                 int depth) {
    const std::string where = path + ":" + std::to_string(line.line) + ": include";
    if (++statements_ > kMaxSettingsFiles) {
      return Fail(Code::kTooLarge, where + ": more includes than the bound allows");
    }
    const auto files = Included(host_, path, pattern);
    if (!files) return Wrap(files.error(), where);
    for (const std::string& file : *files) {
      const Status parsed = ParseFile(file, depth + 1);
      if (parsed) continue;
      const bool missing = parsed.error().code == Code::kNotFound;
      return Wrap({missing ? Code::kMalformed : parsed.error().code, parsed.error().message},
                  where);
    }
    return {};
  }

  static Status TooMany(const std::string& path) {
    return Fail(Code::kTooLarge, path + ": more settings than the bound allows");
  }

  const Host& host_;
  std::vector<IpsecSection> sections_;
  std::optional<size_t> open_;
  size_t files_ = 0;
  size_t statements_ = 0;  // "include", also those that find nothing
  size_t bytes_ = 0;
  size_t items_ = 0;
};

class AlsoResolver {
 public:
  AlsoResolver(const std::vector<IpsecSection>& all, size_t* bytes_left)
      : all_(all), bytes_left_(bytes_left) {}

  Status AddTo(const IpsecSection& from, IpsecSection* to) {
    if (std::ranges::find(open_, &from) != open_.end()) {
      return Fail(Code::kMalformed, FileAndLine(from.where) + ": section \"" +
                                        Excerpt(from.name, 60) + "\" takes over itself");
    }
    items_ += 1 + from.settings.size();
    if (items_ > kMaxSettingsItems || open_.size() > 64) {
      return Fail(Code::kTooLarge, FileAndLine(from.where) + ": also: too much is taken over");
    }
    for (const Setting& setting : from.settings) {
      if (!seen_.insert(setting.name).second) continue;
      const size_t bytes = setting.name.size() + setting.value.size();
      if (bytes > *bytes_left_) {
        return Fail(Code::kTooLarge, FileAndLine(from.where) + ": also: too much is taken over");
      }
      *bytes_left_ -= bytes;
      to->settings.push_back(setting);
    }
    open_.push_back(&from);
    Status done;
    for (const Setting& also : from.also) {
      const IpsecSection* section = Find(from.type, also.value);
      if (section) done = AddTo(*section, to);
      if (!done) break;
    }
    open_.pop_back();
    return done;
  }

  const IpsecSection* Find(const std::string& type, const std::string& name) const {
    for (const IpsecSection& section : all_) {
      if (section.type == type && section.name == name) return &section;
    }
    return nullptr;
  }

 private:
  const std::vector<IpsecSection>& all_;
  size_t* bytes_left_;
  std::vector<const IpsecSection*> open_;
  std::set<std::string> seen_;  // names that are there, cleared ones too
  size_t items_ = 0;
};

}  // namespace

Result<std::vector<IpsecSection>> LoadIpsecConf(const Host& host, const std::string& path) {
  Parser parser(host);
  if (const Status parsed = parser.ParseFile(path, 0); !parsed) {
    return tl::unexpected(parsed.error());
  }
  return parser.Take();
}

Result<IpsecSection> WithAlso(const std::vector<IpsecSection>& all, const IpsecSection& section,
                              size_t* bytes_left) {
  IpsecSection out{section.type, section.name, section.where, {}, {}};
  AlsoResolver resolver(all, bytes_left);
  if (const Status added = resolver.AddTo(section, &out); !added) {
    return tl::unexpected(added.error());
  }
  const IpsecSection* defaults = resolver.Find(section.type, "%default");
  if (defaults && defaults != &section) {
    if (const Status added = resolver.AddTo(*defaults, &out); !added) {
      return tl::unexpected(added.error());
    }
  }
  return out;
}

}  // namespace sallyport
