// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/apt_repository.h"

#include <algorithm>

#include "base/text.h"
#include "collectors/dpkg_status.h"

namespace sallyport {
namespace {

constexpr size_t kMaxRepositories = 100'000;

std::string WithoutSlash(std::string_view uri) {
  while (uri.ends_with('/')) uri.remove_suffix(1);
  return WithoutUserInfo(uri);  // a password there is nobody's business
}

std::string WithoutScheme(std::string_view uri) {
  const size_t colon = uri.find(':');
  if (colon != std::string_view::npos) uri.remove_prefix(colon + 1);
  while (uri.starts_with('/')) uri.remove_prefix(1);
  return std::string(uri);
}

// Words; what stands in brackets is one, also within a word: "cdrom:[Debian 12 DVD]/".
std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> out;
  bool open = false;
  bool in_word = false;
  for (const char c : line) {
    if ((c == ' ' || c == '\t') && !open) {
      in_word = false;
      continue;
    }
    if (!in_word) out.emplace_back();
    in_word = true;
    open = c == '[' || (open && c != ']');
    out.back().push_back(c);
  }
  return out;
}

tl::unexpected<Error> Malformed(std::string_view line) {
  return Fail(Code::kMalformed, "not as sources.list(5): " + Excerpt(line));
}

// strutl.cc of apt, StringToBool.
bool IsOff(std::string_view word) {
  const std::string text = Lower(word);
  return text == "no" || text == "false" || text == "without" || text == "off" ||
         text == "disable" || text == "0";
}

struct Deb822 {
  std::vector<std::string> types, uris, suites;
  bool enabled = true;
};

// Fields' names in any case; a line that begins with a blank goes on with the field before it.
Result<Deb822> ParseStanza(std::string_view stanza) {
  Deb822 out;
  std::vector<std::string>* list = nullptr;
  for (const std::string_view line : Lines(stanza)) {
    if (line.empty() || line[0] == '#') continue;
    std::string_view value = line;
    if (line[0] != ' ' && line[0] != '\t') {
      const size_t colon = line.find(':');
      if (colon == std::string_view::npos) return Malformed(line);
      const std::string name = Lower(line.substr(0, colon));
      value = line.substr(colon + 1);
      list = name == "types"    ? &out.types
             : name == "uris"   ? &out.uris
             : name == "suites" ? &out.suites
                                : nullptr;
      if (name == "enabled") out.enabled = !IsOff(Trim(value));
    }
    if (list == nullptr) continue;
    for (const std::string_view word : Fields(value)) list->emplace_back(word);
  }
  return out;
}

}  // namespace

Result<std::vector<AptRepository>> ParseAptList(std::string_view text) {
  std::vector<AptRepository> out;
  for (const std::string_view whole : Lines(text)) {
    const std::string_view line = Trim(whole.substr(0, whole.find('#')));
    if (line.empty()) continue;
    const std::vector<std::string> words = Words(line);
    if (words[0] == "deb-src") continue;
    const size_t uri = words.size() > 1 && words[1].starts_with('[') ? 2 : 1;
    const bool whole_line = words[0] == "deb" && words.size() > uri + 1;
    if (!whole_line || words[uri].find(':') == std::string::npos) return Malformed(line);
    if (out.size() == kMaxRepositories) return Fail(Code::kTooLarge, "too many sources");
    out.push_back({WithoutSlash(words[uri]), words[uri + 1]});
  }
  return out;
}

Result<std::vector<AptRepository>> ParseAptSources(std::string_view text) {
  std::vector<AptRepository> out;
  Status status;
  ForEachStanza(text, [&](std::string_view stanza) {
    const Result<Deb822> parsed = ParseStanza(stanza);
    if (!parsed && status) status = tl::unexpected(parsed.error());
    if (!parsed || !status || !parsed->enabled) return;
    if (parsed->types.empty() && parsed->uris.empty()) return;  // remarks alone
    if (parsed->types.empty() || parsed->uris.empty() || parsed->suites.empty()) {
      status = Malformed(stanza);
      return;
    }
    if (std::ranges::find(parsed->types, "deb") == parsed->types.end()) return;
    if (parsed->uris.size() * parsed->suites.size() + out.size() > kMaxRepositories) {
      status = Fail(Code::kTooLarge, "too many sources");
      return;
    }
    for (const std::string& uri : parsed->uris) {
      for (const std::string& suite : parsed->suites) out.push_back({WithoutSlash(uri), suite});
    }
  });
  if (!status) return tl::unexpected(status.error());
  return out;
}

// apt's URItoFileName: user and password go, these characters are quoted, slashes are underscores.
std::string AptListPrefix(const AptRepository& repository) {
  constexpr std::string_view kQuoted = "\\|{}[]<>\"^~_=!@#$%^&*";
  constexpr char kDigits[] = "0123456789abcdef";
  std::string path = WithoutScheme(repository.uri);
  const size_t at = path.find('@');
  if (at != std::string::npos && at < path.find('/')) path.erase(0, at + 1);
  // A suite that ends in a slash is a path of its own.
  path +=
      repository.suite.ends_with('/') ? "/" + repository.suite : "/dists/" + repository.suite + "/";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (kQuoted.find(c) != std::string_view::npos || byte <= 0x20 || byte >= 0x7F) {
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    } else {
      out.push_back(c == '/' ? '_' : c);
    }
  }
  return out;
}

std::string AptRepositoryName(const AptRepository& repository) {
  return WithoutScheme(repository.uri) + " " + repository.suite;
}

}  // namespace sallyport
