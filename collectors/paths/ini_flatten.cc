// SPDX-License-Identifier: Apache-2.0
// After go-ini's parser.go, with its default options.
#include "collectors/paths/ini_flatten.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/text.h"

namespace sallyport {
namespace {

constexpr std::string_view kLongQuote = "\"\"\"";
constexpr std::string_view kYes[] = {"t",   "T",   "true", "TRUE", "True", "YES",
                                     "yes", "Yes", "y",    "ON",   "on",   "On"};
constexpr std::string_view kNo[] = {"f",  "F",  "false", "FALSE", "False", "NO",
                                    "no", "No", "n",     "OFF",   "off",   "Off"};

std::string Word(std::string value) {
  if (std::ranges::find(kYes, value) != std::end(kYes)) return "true";
  if (std::ranges::find(kNo, value) != std::end(kNo)) return "false";
  return value;
}

class IniReader {
 public:
  IniReader(std::string_view text, const std::string& path) : path_(path) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    lines_ = Lines(text);
  }

  Status Run() {
    while (at_ < lines_.size()) {
      const std::string_view line = Trim(lines_[at_++]);
      if (line.empty() || line[0] == '#' || line[0] == ';') continue;
      const Status ok = line[0] == '[' ? ReadSection(line) : ReadKey(line);
      if (!ok) return ok;
    }
    return {};
  }

  Status AddTo(FlatRows* rows) {
    for (Section& section : sections_) {
      for (auto& [key, value] : section.values) {
        const Status ok = rows->Add({section.name, key}, Word(std::move(value)));
        if (!ok) return ok;
      }
    }
    return {};
  }

 private:
  struct Section {
    std::string name;
    std::vector<std::pair<std::string, std::string>> values = {};
    std::unordered_map<std::string, size_t> places = {};
    size_t unnamed = 0;  // keys that are "-" count from 1
  };

  tl::unexpected<Error> Broken(const char* what) const {
    return Fail(Code::kMalformed, path_ + ": line " + std::to_string(at_) + ": " + what);
  }

  Status ReadSection(std::string_view line) {
    const size_t end = line.rfind(']');
    if (end == std::string_view::npos) return Broken("a section that does not end");
    if (end == 1) return Broken("a section without a name");
    const std::string name(line.substr(1, end - 1));
    const auto [place, fresh] = section_places_.try_emplace(name, sections_.size());
    if (fresh) sections_.push_back({name});
    current_ = place->second;
    return {};
  }

  Status ReadKey(std::string_view line) {
    const auto split = SplitKey(line);
    if (!split) return tl::unexpected(split.error());
    auto value = ReadValue(split->rest);
    if (!value) return tl::unexpected(value.error());
    Section& section = sections_[current_];
    const std::string key =
        split->key != "-" ? std::string(split->key) : "#" + std::to_string(++section.unnamed);
    const auto [place, fresh] = section.places.try_emplace(key, section.values.size());
    if (fresh) section.values.emplace_back(key, "");
    section.values[place->second].second = *std::move(value);
    return {};
  }

  struct KeyLine {
    std::string_view key;
    std::string_view rest;
  };
  // "key = rest", "key : rest", "\"a = b\" = rest".
  Result<KeyLine> SplitKey(std::string_view line) const {
    const std::string_view quote = QuoteAt(line);
    if (!quote.empty()) {
      const size_t end = line.find(quote, quote.size());
      if (end == std::string_view::npos) return Broken("a quote that does not end");
      const size_t mark = line.find_first_of("=:", end + quote.size());
      if (mark == std::string_view::npos) return Broken("a key without = or :");
      return KeyLine{line.substr(quote.size(), end - quote.size()), line.substr(mark + 1)};
    }
    const size_t mark = line.find_first_of("=:");
    if (mark == std::string_view::npos) return Broken("neither a section nor a key");
    if (mark == 0) return Broken("a key without a name");
    return KeyLine{Trim(line.substr(0, mark)), line.substr(mark + 1)};
  }

  static std::string_view QuoteAt(std::string_view line) {
    if (line.starts_with(kLongQuote)) return kLongQuote;
    if (line[0] == '"' || line[0] == '`') return line.substr(0, 1);
    return {};
  }

  Result<std::string> ReadValue(std::string_view rest) {
    const std::string_view value = Trim(rest);
    if (value.empty()) return std::string();
    const std::string_view quote = value.size() > 3 && value.starts_with(kLongQuote)
                                       ? kLongQuote
                                       : value.substr(0, value[0] == '`' ? 1 : 0);
    if (!quote.empty()) return ReadQuoted(value.substr(quote.size()), quote);
    if (value.ends_with('\\')) return ReadContinued(value);
    return WithoutComment(value);
  }

  // Up to the last quote of the line, or of a line below.
  Result<std::string> ReadQuoted(std::string_view rest, std::string_view quote) {
    std::string out;
    for (;;) {
      const size_t end = rest.rfind(quote);
      if (end != std::string_view::npos) return out + std::string(rest.substr(0, end));
      out.append(rest).push_back('\n');
      if (at_ == lines_.size()) return Broken("a quote that does not end");
      rest = lines_[at_++];
    }
  }

  Result<std::string> ReadContinued(std::string_view value) {
    std::string out(value.substr(0, value.size() - 1));
    while (at_ < lines_.size()) {
      const std::string_view line = Trim(lines_[at_++]);
      if (line.empty()) break;
      out += line;
      if (!line.ends_with('\\')) break;
      out.pop_back();
    }
    return out;
  }

  static std::string WithoutComment(std::string_view value) {
    value = Trim(value.substr(0, value.find_first_of("#;")));
    const bool quoted = value.size() > 1 && value.front() == value.back() &&
                        (value.front() == '"' || value.front() == '\'') &&
                        value.find(value.front(), 1) == value.size() - 1;
    return std::string(quoted ? value.substr(1, value.size() - 2) : value);
  }

  const std::string& path_;
  std::vector<std::string_view> lines_;
  size_t at_ = 0;  // of the next line
  std::vector<Section> sections_{{"DEFAULT"}};
  std::unordered_map<std::string, size_t> section_places_{{"DEFAULT", 0}};
  size_t current_ = 0;
};

}  // namespace

Status FlattenIni(std::string_view text, const std::string& path, FlatRows* rows) {
  IniReader reader(text, path);
  if (const Status ok = reader.Run(); !ok) return ok;
  return reader.AddTo(rows);
}

}  // namespace sallyport
