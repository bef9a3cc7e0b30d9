// SPDX-License-Identifier: Apache-2.0
#include "platform/redact.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "base/text.h"

namespace sallyport {
namespace {

constexpr std::string_view kSecretNames[] = {
    "secret", "psk",   "password", "passwd", "passphrase", "privatekey", "presharedkey",
    "pin",    "token", "apikey",   "pass",   "wepkey",     "credential", "credentials",
};
constexpr std::string_view kSecretFiles[] = {
    "shadow", "shadow-", "gshadow", "gshadow-", "chap-secrets", "pap-secrets",
};
constexpr std::string_view kPublicFolder = "/var/lib/apt/lists/";
constexpr std::string_view kSecretEndings[] = {".key", ".p12", ".pfx", ".keytab"};
// ipsec.secrets(5)
constexpr std::string_view kSecretTypes[] = {
    "PSK", "EAP", "XAUTH", "NTLM", "RSA", "ECDSA", "BLISS", "PKCS8", "PKCS12", "P12", "PIN",
};

bool IsNameChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}
bool IsBlank(char c) { return c == ' ' || c == '\t'; }
bool IsLineEnd(char c) { return c == '\n' || c == '\r' || c == '\0'; }

bool HoldsNothingButSecrets(std::string_view source) {
  const std::string_view name = source.substr(source.rfind('/') + 1);
  return std::ranges::find(kSecretFiles, name) != std::end(kSecretFiles) ||
         std::ranges::any_of(kSecretEndings, [&](auto end) { return name.ends_with(end); });
}

// Walks over the text once, copying what may stay.
class Redactor {
 public:
  explicit Redactor(std::string_view text) : text_(text) {}

  std::string Run() {
    while (at_ < text_.size()) {
      if (SkipPem() || SkipTypedSecret() || SkipHash() || SkipNamedValue()) continue;
      out_.push_back(text_[at_++]);
    }
    return std::move(out_);
  }

 private:
  std::string_view Rest() const { return text_.substr(at_); }
  char Previous() const { return at_ == 0 ? '\n' : text_[at_ - 1]; }
  void CopyUntil(size_t end) {
    out_.append(text_.substr(at_, end - at_));
    at_ = end;
  }
  size_t SkipBlanks(size_t from) const {
    while (from < text_.size() && IsBlank(text_[from])) ++from;
    return from;
  }

  // -----BEGIN ... PRIVATE KEY----- to its END, or to the end of the text when there is none.
  bool SkipPem() {
    if (!Rest().starts_with("-----BEGIN ")) return false;
    const size_t label_end = text_.find("-----", at_ + 11);
    if (label_end == std::string_view::npos) return false;
    const std::string_view label = text_.substr(at_ + 11, label_end - at_ - 11);
    if (label.find("PRIVATE KEY") == std::string_view::npos &&
        label.find("Static key") == std::string_view::npos) {
      return false;
    }
    CopyUntil(label_end + 5);
    out_ += "\n" + std::string(kRedacted) + "\n";
    at_ = std::min(text_.find("-----END ", at_), text_.size());
    return true;
  }

  // "alice : PSK 0s..." and ": RSA { ... }": all that follows the type.
  bool SkipTypedSecret() {
    if (text_[at_] != ':') return false;
    const size_t start = SkipBlanks(at_ + 1);
    size_t end = start;
    while (end < text_.size() && IsNameChar(text_[end])) ++end;
    const std::string_view type = text_.substr(start, end - start);
    if (std::ranges::find(kSecretTypes, type) == std::end(kSecretTypes)) return false;
    const size_t value = SkipBlanks(end);
    if (value == end && value < text_.size() && text_[value] != '"') return false;
    CopyUntil(value);
    if (at_ < text_.size() && text_[at_] == '{') {
      at_ = std::min(text_.find('}', at_), text_.size());
      out_ += kRedacted;
      return true;
    }
    RedactValue();
    return true;
  }

  // crypt(5): $id$salt$hash
  bool SkipHash() {
    if (text_[at_] != '$' || IsNameChar(Previous())) return false;
    size_t end = at_ + 1;
    size_t dollars = 1;
    while (end < text_.size() &&
           (IsNameChar(text_[end]) ||
            std::string_view("$/=,").find(text_[end]) != std::string_view::npos)) {
      dollars += text_[end++] == '$' ? 1 : 0;
    }
    if (dollars < 3 || end - at_ < 20) return false;
    out_ += kRedacted;
    at_ = end;
    return true;
  }

  bool SkipNamedValue() {
    if (!IsNameChar(text_[at_]) || IsNameChar(Previous())) return false;
    size_t end = at_;
    while (end < text_.size() && IsNameChar(text_[end])) ++end;
    const bool secret = NamesSecret(text_.substr(at_, end - at_));
    const std::optional<size_t> value = secret ? ValueAfter(end) : std::nullopt;
    CopyUntil(value.value_or(end));
    if (value) RedactValue();
    return true;
  }

  // Where the value of the name that ends at `end` begins.
  std::optional<size_t> ValueAfter(size_t end) const {
    const bool option = text_.substr(at_).starts_with("--");
    if (text_.substr(end).starts_with("</key>")) return PlistValueAfter(end + 6);
    if (end < text_.size() && (text_[end] == '"' || text_[end] == '\'')) ++end;
    const size_t separator = SkipBlanks(end);
    if (separator >= text_.size()) return std::nullopt;
    if (text_[separator] == '=' || text_[separator] == ':') return SkipBlanks(separator + 1);
    if (option && (text_[end] == '\0' || IsBlank(text_[end]))) return end + 1;
    return std::nullopt;
  }

  std::optional<size_t> PlistValueAfter(size_t from) const {
    const size_t open = text_.find('<', from);
    if (open == std::string_view::npos) return std::nullopt;
    const std::string_view element = text_.substr(open);
    if (!element.starts_with("<string>") && !element.starts_with("<data>")) return std::nullopt;
    return open + element.find('>') + 1;
  }

  // The value that begins here: quoted (perhaps over several lines), an XML element's text, or the
  // rest of the line with the lines that a backslash joins to it. Closing braces stay, so that
  // `ike { secret = x }` remains well-formed.
  void RedactValue() {
    if (at_ >= text_.size() || IsLineEnd(text_[at_])) return;
    out_ += kRedacted;
    if (Previous() == '>') {
      at_ = std::min(text_.find('<', at_), text_.size());
    } else if (text_[at_] == '"' || text_[at_] == '\'') {
      SkipQuoted(text_[at_]);
    } else {
      SkipLine();
    }
  }

  void SkipQuoted(char quote) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == quote) {
        ++at_;
        return;
      }
    }
    at_ = std::min(at_, text_.size());
  }

  void SkipLine() {
    const size_t start = at_;
    while (at_ < text_.size() && !(IsLineEnd(text_[at_]) && text_[at_ - 1] != '\\')) ++at_;
    while (at_ > start && (text_[at_ - 1] == '}' || IsBlank(text_[at_ - 1]))) --at_;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string out_;
};

}  // namespace

bool NamesSecret(std::string_view name) {
  std::string plain;
  for (char c : Lower(name)) {
    if (c >= 'a' && c <= 'z') plain.push_back(c);
  }
  return std::ranges::any_of(kSecretNames, [&](auto end) { return plain.ends_with(end); });
}

std::string RedactSecrets(std::string_view source, std::string_view text) {
  if (source.starts_with(kPublicFolder)) return std::string(text);
  if (HoldsNothingButSecrets(source)) return text.empty() ? "" : std::string(kRedacted);
  return Redactor(WithoutUserInfo(text)).Run();
}

}  // namespace sallyport
