// SPDX-License-Identifier: Apache-2.0
#include "collectors/dpkg_status.h"

#include "base/text.h"

namespace sallyport {
namespace {

// "install ok installed": what is wanted, whether it is well, how far it got.
struct StatusWords {
  bool installed = false;
  bool held = false;
};

StatusWords ParseStatusWords(std::string_view text) {
  const size_t first = text.find(' ');
  const size_t last = text.rfind(' ');
  const std::string_view want = text.substr(0, first);
  const std::string_view state = last == std::string_view::npos ? text : text.substr(last + 1);
  return {.installed = state != "not-installed" && state != "config-files" && !state.empty(),
          .held = want == "hold"};
}

}  // namespace

std::string_view StanzaField(std::string_view stanza, std::string_view name) {
  size_t at = 0;
  while (at < stanza.size()) {
    const size_t end = std::min(stanza.find('\n', at), stanza.size());
    const std::string_view line = stanza.substr(at, end - at);
    if (line.size() > name.size() && line[name.size()] == ':' && line.starts_with(name)) {
      return Trim(line.substr(name.size() + 1));
    }
    at = end + 1;
  }
  return {};
}

void ForEachStanza(std::string_view text, const std::function<void(std::string_view)>& stanza) {
  size_t at = 0;
  while (at < text.size()) {
    size_t end = text.find("\n\n", at);
    if (end == std::string_view::npos) end = text.size();
    const std::string_view one = text.substr(at, end - at);
    if (!Trim(one).empty()) stanza(one);
    at = end + 2;
  }
}

Result<std::vector<InstalledPackage>> ParseDpkgStatus(std::string_view text) {
  std::vector<InstalledPackage> out;
  std::string malformed;
  ForEachStanza(text, [&](std::string_view stanza) {
    InstalledPackage package;
    package.name = StanzaField(stanza, "Package");
    const std::string_view status = StanzaField(stanza, "Status");
    if (package.name.empty() || status.empty()) {
      if (malformed.empty()) malformed = Excerpt(stanza, 60);
      return;
    }
    const StatusWords words = ParseStatusWords(status);
    if (!words.installed) return;
    package.version = StanzaField(stanza, "Version");
    package.architecture = StanzaField(stanza, "Architecture");
    package.held = words.held;
    if (package.version.empty() && malformed.empty()) malformed = Excerpt(stanza, 60);
    out.push_back(package);
  });
  if (!malformed.empty()) return Fail(Code::kMalformed, "dpkg status: " + malformed);
  return out;
}

std::optional<std::string> InstalledVersion(std::string_view dpkg_status,
                                            std::string_view package) {
  const std::string heading = "Package: " + std::string(package) + "\n";
  for (size_t at = 0; (at = dpkg_status.find(heading, at)) != std::string_view::npos; ++at) {
    if (at != 0 && dpkg_status[at - 1] != '\n') continue;
    const std::string_view rest = dpkg_status.substr(at);
    const std::string_view stanza = rest.substr(0, rest.find("\n\n"));
    const std::string_view version = StanzaField(stanza, "Version");
    if (ParseStatusWords(StanzaField(stanza, "Status")).installed && !version.empty()) {
      return std::string(version);
    }
  }
  return std::nullopt;
}

}  // namespace sallyport
