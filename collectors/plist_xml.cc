// SPDX-License-Identifier: Apache-2.0
#include "collectors/plist_xml.h"

#include <charconv>
#include <locale>
#include <optional>
#include <sstream>

#include "base/base64.h"
#include "base/text.h"
#include "base/utf16.h"
#include "collectors/dates.h"
#include "collectors/plist_binary.h"

namespace sallyport {
namespace {

struct Tag {
  std::string_view name;  // "/dict" of an end
  bool empty = false;     // "<dict/>"
};

class XmlReader {
 public:
  XmlReader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  Result<Plist> Read() {
    if (!ToUtf16(text_)) return Broken("no UTF-8");
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    auto tag = NextTag();
    if (!tag) return tl::unexpected(tag.error());
    if (tag->name != "plist" || tag->empty) return Broken("no property list");
    if (tag = NextTag(); !tag) return tl::unexpected(tag.error());
    auto out = ValueOf(*tag, 0);
    if (!out) return out;
    if (tag = NextTag(); !tag) return tl::unexpected(tag.error());
    if (tag->name != "/plist") return Broken("more than one value");
    SkipBlanks();
    if (const Status ok = SkipComments(); !ok) return tl::unexpected(ok.error());
    return at_ == text_.size() ? std::move(out) : Broken("text after its end");
  }

 private:
  tl::unexpected<Error> Broken(const char* what) const {
    return Fail(Code::kMalformed,
                name_ + ": property list, byte " + std::to_string(at_) + ": " + what);
  }

  bool At(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  void SkipBlanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  Status SkipPast(std::string_view end) {
    const size_t found = text_.find(end, at_);
    if (found == std::string_view::npos) return Broken("something that does not end");
    at_ = found + end.size();
    SkipBlanks();
    return {};
  }

  // Comments, the XML declaration, the document type.
  Status SkipComments() {
    for (;;) {
      if (At("<!--")) {
        if (const Status ok = SkipPast("-->"); !ok) return ok;
      } else if (At("<?")) {
        if (const Status ok = SkipPast("?>"); !ok) return ok;
      } else if (At("<!DOCTYPE")) {
        const size_t end = text_.find_first_of("[>", at_);
        if (end == std::string_view::npos || text_[end] == '[') {
          return Broken("a document type with declarations");
        }
        if (const Status ok = SkipPast(">"); !ok) return ok;
      } else {
        return {};
      }
    }
  }

  // The next tag, with nothing but blanks and comments before it.
  Result<Tag> NextTag() {
    SkipBlanks();
    if (const Status ok = SkipComments(); !ok) return tl::unexpected(ok.error());
    if (!At("<")) return Broken("no element where one must be");
    const size_t end = text_.find('>', at_);
    if (end == std::string_view::npos) return Broken("a tag that does not end");
    std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    const bool empty = inside.ends_with('/');
    if (empty) inside.remove_suffix(1);
    const size_t name_end = inside.find_first_of(" \t\r\n");
    return Tag{inside.substr(0, name_end), empty};
  }

  Result<Plist> ValueOf(const Tag& tag, size_t depth) {
    if (depth > kMaxPlistDepth || ++values_ > kMaxPlistValues) {
      return Fail(Code::kTooLarge, name_ + ": property list: too deep, or too many values");
    }
    if (tag.name == "dict") return Dict(tag.empty, depth);
    if (tag.name == "array") return Array(tag.empty, depth);
    if (tag.name == "true" || tag.name == "false") return Boolean(tag);
    std::string text;
    if (!tag.empty) {
      auto content = Content(tag.name);
      if (!content) return tl::unexpected(content.error());
      text = *std::move(content);
    }
    return Scalar(tag.name, std::move(text));
  }

  Result<Plist> Dict(bool empty, size_t depth) {
    Plist out{.kind = Plist::Kind::kDict};
    while (!empty) {
      auto tag = NextTag();
      if (!tag) return tl::unexpected(tag.error());
      if (tag->name == "/dict") break;
      if (tag->name != "key") return Broken("a value without a key");
      std::string key;
      if (!tag->empty) {
        auto content = Content("key");
        if (!content) return tl::unexpected(content.error());
        key = *std::move(content);
      }
      if (tag = NextTag(); !tag) return tl::unexpected(tag.error());
      if (tag->name == "key" || tag->name.starts_with('/')) return Broken("a key without a value");
      auto value = ValueOf(*tag, depth + 1);
      if (!value) return value;
      out.entries.emplace_back(std::move(key), *std::move(value));
    }
    return out;
  }

  Result<Plist> Array(bool empty, size_t depth) {
    Plist out{.kind = Plist::Kind::kArray};
    while (!empty) {
      const auto tag = NextTag();
      if (!tag) return tl::unexpected(tag.error());
      if (tag->name == "/array") break;
      auto item = ValueOf(*tag, depth + 1);
      if (!item) return item;
      out.items.push_back(*std::move(item));
    }
    return out;
  }

  Result<Plist> Boolean(const Tag& tag) {
    if (!tag.empty) {
      const auto end = NextTag();
      if (!end) return tl::unexpected(end.error());
      if (end->name != "/" + std::string(tag.name)) return Broken("a truth with something in it");
    }
    return Plist{.kind = Plist::Kind::kBoolean, .number = tag.name == "true" ? 1 : 0};
  }

  // Text up to the end of the element, with entities replaced and CDATA as it stands.
  Result<std::string> Content(std::string_view element) {
    const std::string end = "</" + std::string(element) + ">";
    std::string out;
    for (;;) {
      const size_t stop = text_.find_first_of("<&", at_);
      if (stop == std::string_view::npos) return Broken("an element that does not end");
      out += text_.substr(at_, stop - at_);
      at_ = stop;
      if (At(end)) {
        at_ += end.size();
        return out;
      }
      if (At("<!--")) {
        const size_t close = text_.find("-->", at_);
        if (close == std::string_view::npos) return Broken("a comment that does not end");
        at_ = close + 3;
      } else if (At("<![CDATA[")) {
        const size_t close = text_.find("]]>", at_);
        if (close == std::string_view::npos) return Broken("CDATA that does not end");
        out += text_.substr(at_ + 9, close - at_ - 9);
        at_ = close + 3;
      } else if (At("&")) {
        if (const Status ok = AppendEntity(out); !ok) return tl::unexpected(ok.error());
      } else {
        return Broken("an element within text");
      }
    }
  }

  Status AppendEntity(std::string& out) {
    const size_t end = text_.find(';', at_);
    if (end == std::string_view::npos || end - at_ > 10) return Broken("an entity without an end");
    const std::string_view entity = text_.substr(at_ + 1, end - at_ - 1);
    if (entity.starts_with('#')) {
      const auto character = Character(entity.substr(1));
      if (!character) return Broken("a character that is none");
      out += *character;
    } else if (entity == "amp") {
      out += '&';
    } else if (entity == "lt") {
      out += '<';
    } else if (entity == "gt") {
      out += '>';
    } else if (entity == "quot") {
      out += '"';
    } else if (entity == "apos") {
      out += '\'';
    } else {
      return Broken("an entity that nobody declared");
    }
    at_ = end + 1;
    return {};
  }

  // "65" or "x41".
  static std::optional<std::string> Character(std::string_view number) {
    const bool hex = number.starts_with('x');
    if (hex) number.remove_prefix(1);
    uint32_t code = 0;
    const auto [stop, error] =
        std::from_chars(number.data(), number.data() + number.size(), code, hex ? 16 : 10);
    if (error != std::errc() || stop != number.data() + number.size()) return std::nullopt;
    if (code == 0 || code > 0x10FFFF) return std::nullopt;
    std::u16string wide;
    if (code < 0x10000) {
      wide += static_cast<char16_t>(code);
    } else {
      wide += static_cast<char16_t>(0xD800 + ((code - 0x10000) >> 10));
      wide += static_cast<char16_t>(0xDC00 + ((code - 0x10000) & 0x3FF));
    }
    const auto text = ToUtf8(wide);
    return text ? std::optional(*text) : std::nullopt;
  }

  Result<Plist> Scalar(std::string_view element, std::string text) {
    if (element == "string") return Plist{.kind = Plist::Kind::kText, .text = std::move(text)};
    if (element == "integer") return Integer(Trim(text));
    if (element == "real") return Real(std::string(Trim(text)));
    if (element == "date") return Date(Trim(text));
    if (element == "data") return Data(text);
    return Broken("an element that no property list has");
  }

  Result<Plist> Integer(std::string_view text) const {
    int64_t number = 0;
    const bool hex = text.starts_with("0x");
    if (hex) text.remove_prefix(2);
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [stop, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, hex ? 16 : 10);
    if (error != std::errc() || stop != text.data() + text.size()) return Broken("no integer");
    return Plist{.kind = Plist::Kind::kInteger, .number = number};
  }

  Result<Plist> Real(const std::string& text) const {
    std::istringstream stream(text);
    stream.imbue(std::locale::classic());
    double number = 0;
    if (!(stream >> number) || stream.peek() != std::istringstream::traits_type::eof()) {
      return Broken("no number");
    }
    return Plist{.kind = Plist::Kind::kReal, .real = number};
  }

  // "2026-11-23T10:00:00Z"
  Result<Plist> Date(std::string_view text) const {
    if (text.size() != 20 || text[10] != 'T' || text[19] != 'Z') return Broken("no date");
    const auto day = ParseDay(text.substr(0, 10));
    const auto hour = ParseInt(text.substr(11, 2));
    const auto minute = ParseInt(text.substr(14, 2));
    const auto second = ParseInt(text.substr(17, 2));
    if (!day || !hour || !minute || !second) return Broken("no date");
    return Plist{.kind = Plist::Kind::kDate,
                 .number = *day + *hour * 3600 + *minute * 60 + *second};
  }

  Result<Plist> Data(std::string_view text) const {
    std::string packed;
    for (const char c : text) {
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n') packed += c;
    }
    auto bytes = DecodeBase64(packed);
    if (!bytes) return Broken("data that is no base64");
    return Plist{.kind = Plist::Kind::kData, .text = *std::move(bytes)};
  }

  std::string_view text_;
  const std::string& name_;
  size_t at_ = 0;
  size_t values_ = 0;
};

}  // namespace

Result<Plist> ParseXmlPlist(std::string_view text, const std::string& name) {
  return XmlReader(text, name).Read();
}

}  // namespace sallyport
