// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/vpn/config_text.h"
#include "collectors/vpn/glob.h"
#include "collectors/vpn/swanctl.h"

namespace sallyport {
namespace {

constexpr std::string_view kSecretsSection = "secrets";

// Among the secrets only what says whose they are is none, load_creds.c; elsewhere what an
// inherited section may hold.
bool IsSecret(std::string_view name, bool among_secrets) {
  if (!among_secrets) return name == "secret" || name == "pin";
  const bool id = name == "id" || name.starts_with("id-") || name.starts_with("id_") ||
                  (name.starts_with("id") && name.find_first_not_of("0123456789", 2) == name.npos);
  return !id && name != "file";
}

// A place in one file.
struct Cursor {
  std::string_view text;
  std::string file;
  size_t at = 0;
  int line = 1;
  size_t line_start = 0;

  int column() const { return static_cast<int>(at - line_start) + 1; }
  bool done() const { return at == text.size(); }
  char peek() const { return text[at]; }
  char Take() {
    if (text[at] == '\n') {
      ++line;
      line_start = at + 1;
    }
    return text[at++];
  }
};

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// strongswan.conf(5): any printable character except . , : { } = " # \n \t space
bool IsNameChar(char c) {
  return static_cast<unsigned char>(c) > 0x20 && c != 0x7f &&
         std::string_view(".,:{}=\"#").find(c) == std::string_view::npos;
}

tl::unexpected<Error> Malformed(const Cursor& cursor, int line, const std::string& what) {
  return Fail(Code::kMalformed, cursor.file + ":" + std::to_string(line) + ": " + what);
}

void SkipBlanks(Cursor* cursor) {
  while (!cursor->done() && IsBlank(cursor->peek())) cursor->Take();
}

void SkipBlanksCommentsAndLines(Cursor* cursor) {
  while (!cursor->done()) {
    if (cursor->peek() == '#') {
      while (!cursor->done() && cursor->peek() != '\n') cursor->Take();
    } else if (IsBlank(cursor->peek()) || cursor->peek() == '\n') {
      cursor->Take();
    } else {
      return;
    }
  }
}

std::string TakeName(Cursor* cursor) {
  const size_t start = cursor->at;
  while (!cursor->done() && IsNameChar(cursor->peek())) cursor->Take();
  return std::string(cursor->text.substr(start, cursor->at - start));
}

// After the backslash. A backslash before a line's end joins the lines.
void TakeEscape(Cursor* cursor, std::string* out) {
  const char c = cursor->Take();
  constexpr std::string_view kNames = "nrtbf";
  constexpr std::string_view kMeanings = "\n\r\t\b\f";
  if (const size_t index = kNames.find(c); index != std::string_view::npos) {
    out->push_back(kMeanings[index]);
  } else if (c == '\r' && !cursor->done() && cursor->peek() == '\n') {
    cursor->Take();
  } else if (c != '\n') {
    out->push_back(c);
  }
}

// The opening quote is next. May run over lines.
Result<std::string> TakeQuoted(Cursor* cursor) {
  const int line = cursor->line;
  std::string out;
  cursor->Take();
  while (!cursor->done()) {
    const char c = cursor->Take();
    if (c == '"') return out;
    if (c == '\\' && !cursor->done()) {
      TakeEscape(cursor, &out);
    } else {
      out.push_back(c);
    }
  }
  return Malformed(*cursor, line, "unterminated string");
}

bool EndsValue(char c) { return c == '\n' || c == '#' || c == '}'; }

void EndHere(const Cursor& cursor, Span* span) {
  span->end_line = cursor.line;
  span->end_column = cursor.column();
}

// Words and strings up to the end of the line, "#" or "}", joined by one blank as charon does it.
// No part at all clears the setting.
Result<Setting> TakeValue(Cursor* cursor) {
  Setting out;
  std::vector<std::string> parts;
  for (SkipBlanks(cursor); !cursor->done() && !EndsValue(cursor->peek()); SkipBlanks(cursor)) {
    if (parts.empty()) {
      out.where.value_line = cursor->line;
      out.where.value_column = cursor->column();
    }
    if (cursor->peek() == '"') {
      Result<std::string> text = TakeQuoted(cursor);
      if (!text) return tl::unexpected(text.error());
      parts.push_back(std::move(*text));
      EndHere(*cursor, &out.where);
      continue;
    }
    std::string word;
    while (!cursor->done() && !EndsValue(cursor->peek()) && !IsBlank(cursor->peek()) &&
           cursor->peek() != '"') {
      word.push_back(cursor->Take());
    }
    parts.push_back(std::move(word));
    EndHere(*cursor, &out.where);
  }
  out.cleared = parts.empty();
  out.value = Join(parts, " ");
  return out;
}

// A file name: a string, or characters up to a blank, "#" or "}"; a backslash takes these too.
Result<std::string> TakeIncludePattern(Cursor* cursor) {
  SkipBlanks(cursor);
  if (!cursor->done() && cursor->peek() == '"') return TakeQuoted(cursor);
  std::string out;
  while (!cursor->done() && !IsBlank(cursor->peek()) && !EndsValue(cursor->peek())) {
    char c = cursor->Take();
    if (c == '\\' && !cursor->done() &&
        std::string_view("\"#} ").find(cursor->peek()) != std::string_view::npos) {
      c = cursor->Take();
    }
    out.push_back(c);
  }
  return out;
}

// "include" is a keyword when a blank follows and then no "=".
bool AtInclude(const Cursor& cursor) {
  constexpr std::string_view kWord = "include";
  const std::string_view rest = cursor.text.substr(cursor.at);
  if (!rest.starts_with(kWord) || rest.size() == kWord.size() || !IsBlank(rest[kWord.size()])) {
    return false;
  }
  const size_t next = rest.find_first_not_of(" \t\r", kWord.size());
  return next != std::string_view::npos && rest[next] != '=';
}

class Parser {
 public:
  explicit Parser(const Host& host) : host_(host) {}

  // Adds the file's content to `section`.
  Status ParseFile(const std::string& path, SettingsSection* section, int depth, int includes,
                   bool secret) {
    if (++files_ > kMaxSettingsFiles) return TooLarge(path, "files");
    const Result<std::string> text = host_.ReadFile(path, kMaxSettingsBytes - bytes_);
    if (!text) return tl::unexpected(text.error());
    bytes_ += text->size();
    Cursor cursor{.text = *text, .file = path};
    return ParseBody(&cursor, section, depth, includes, secret);
  }

 private:
  static Status TooLarge(const std::string& where, const std::string& what) {
    return Fail(Code::kTooLarge, where + ": more " + what + " than the bound allows");
  }

  // Up to the section's "}", which is taken, or to the end of the file when depth is that of the
  // file itself.
  Status ParseBody(Cursor* cursor, SettingsSection* section, int depth, int includes, bool secret,
                   int opened = 0) {
    for (;;) {
      SkipBlanksCommentsAndLines(cursor);
      if (cursor->done()) {
        if (opened == 0) return {};
        return Malformed(*cursor, opened, "section \"" + section->name + "\" is never closed");
      }
      if (cursor->peek() == '}') {
        if (opened == 0) return Malformed(*cursor, cursor->line, "\"}\" without a section");
        cursor->Take();
        return {};
      }
      const Status parsed = AtInclude(*cursor)
                                ? ParseInclude(cursor, section, depth, includes, secret)
                                : ParseStatement(cursor, section, depth, includes, secret);
      if (!parsed) return parsed;
    }
  }

  Status ParseStatement(Cursor* cursor, SettingsSection* section, int depth, int includes,
                        bool secret) {
    const int line = cursor->line;
    if (++items_ > kMaxSettingsItems) return TooLarge(cursor->file, "settings");
    Span where{.file = cursor->file, .line = line, .column = cursor->column()};
    const std::string name = TakeName(cursor);
    EndHere(*cursor, &where);
    if (name.empty()) return Malformed(*cursor, line, "a name was expected");
    SkipBlanks(cursor);
    if (!cursor->done() && cursor->peek() == '=') {
      cursor->Take();
      return ParseSetting(cursor, name, where, section, secret);
    }
    std::vector<std::string> references;
    if (!cursor->done() && cursor->peek() == ':') {
      cursor->Take();
      if (const Status taken = TakeReferences(cursor, &references); !taken) return taken;
    }
    SkipBlanksCommentsAndLines(cursor);
    if (cursor->done() || cursor->peek() != '{') {
      return Malformed(*cursor, line, "\"=\" or \"{\" was expected after a name");
    }
    cursor->Take();
    if (section->sections.size() >= kMaxSiblings) return TooLarge(cursor->file, "sections");
    if (depth >= kMaxSectionDepth) return TooLarge(cursor->file, "nested sections");
    SettingsSection* inner = SectionOf(section, name, where);
    inner->references.insert(inner->references.end(), references.begin(), references.end());
    const bool secrets = secret || (depth == 0 && name == kSecretsSection);
    return ParseBody(cursor, inner, depth + 1, includes, secrets, line);
  }

  static Status ParseSetting(Cursor* cursor, const std::string& name, const Span& where,
                             SettingsSection* section, bool secret) {
    Result<Setting> setting = TakeValue(cursor);
    if (!setting) return tl::unexpected(setting.error());
    if (setting->cleared) setting->where = where;
    setting->where.file = where.file;
    setting->where.line = where.line;
    setting->where.column = where.column;
    if (const Status within = CheckValue(setting->value, ",-"); !within) {
      return Wrap(within.error(), FileAndLine(where));
    }
    setting->name = name;
    if (IsSecret(name, secret)) setting->value.clear();
    const auto same = std::ranges::find(section->settings, name, &Setting::name);
    if (same == section->settings.end()) {
      if (section->settings.size() >= kMaxSiblings) return TooLarge(cursor->file, "settings");
      section->settings.push_back(std::move(*setting));
    } else {
      *same = std::move(*setting);
    }
    return {};
  }

  // "a, b.c" up to the "{" or the line's end.
  static Status TakeReferences(Cursor* cursor, std::vector<std::string>* out) {
    for (;;) {
      SkipBlanks(cursor);
      std::string reference = TakeName(cursor);
      while (!reference.empty() && !cursor->done() && cursor->peek() == '.') {
        cursor->Take();
        reference += "." + TakeName(cursor);
      }
      if (reference.empty() || reference.ends_with('.')) {
        return Malformed(*cursor, cursor->line, "the name of a section was expected");
      }
      out->push_back(std::move(reference));
      SkipBlanks(cursor);
      if (cursor->done() || cursor->peek() != ',') return {};
      cursor->Take();
    }
  }

  static SettingsSection* SectionOf(SettingsSection* parent, const std::string& name,
                                    const Span& where) {
    const auto same = std::ranges::find(parent->sections, name, &SettingsSection::name);
    if (same != parent->sections.end()) return &*same;
    SettingsSection fresh;
    fresh.name = name;
    fresh.where = where;
    parent->sections.push_back(std::move(fresh));
    return &parent->sections.back();
  }

  Status ParseInclude(Cursor* cursor, SettingsSection* section, int depth, int includes,
                      bool secret) {
    const int line = cursor->line;
    cursor->at += std::string_view("include").size();
    const Result<std::string> written = TakeIncludePattern(cursor);
    if (!written) return tl::unexpected(written.error());
    if (written->empty()) return Malformed(*cursor, line, "include of nothing");
    const std::string where = cursor->file + ":" + std::to_string(line) + ": include";
    if (++statements_ > kMaxSettingsFiles) return TooLarge(where, "includes");
    if (includes >= kMaxIncludeDepth) return TooLarge(where, "nested includes");

    const std::string pattern = InFolder(DirName(cursor->file), *written);
    std::vector<std::string> files = {pattern};
    if (HasWildcard(pattern)) {
      Result<std::vector<std::string>> found = Glob(host_, pattern, kMaxSettingsFiles);
      if (!found) return Wrap(found.error(), where);
      files = std::move(*found);
    }
    for (const std::string& file : files) {
      const Status parsed = ParseFile(file, section, depth, includes + 1, secret);
      if (parsed) continue;
      const bool missing = parsed.error().code == Code::kNotFound;
      return Wrap({missing ? Code::kMalformed : parsed.error().code, parsed.error().message},
                  where);
    }
    return {};
  }

  const Host& host_;
  size_t files_ = 0;
  size_t statements_ = 0;  // "include", also those that find nothing
  size_t bytes_ = 0;
  size_t items_ = 0;
};

}  // namespace

const Setting* SettingsSection::Find(std::string_view setting) const {
  const auto found = std::ranges::find(settings, setting, &Setting::name);
  return found == settings.end() || found->cleared ? nullptr : &*found;
}

const SettingsSection* SettingsSection::FindSection(std::string_view section) const {
  const auto found = std::ranges::find(sections, section, &SettingsSection::name);
  return found == sections.end() ? nullptr : &*found;
}

std::string SettingsSection::Get(std::string_view setting, std::string_view fallback) const {
  const Setting* found = Find(setting);
  return found ? found->value : std::string(fallback);
}

Result<SettingsSection> LoadSettings(const Host& host, const std::string& path) {
  SettingsSection root;
  root.where = {.file = path, .line = 1, .column = 1};
  const Status parsed = Parser(host).ParseFile(path, &root, 0, 0, false);
  if (!parsed) return tl::unexpected(parsed.error());
  return root;
}

}  // namespace sallyport
