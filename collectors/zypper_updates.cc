// SPDX-License-Identifier: Apache-2.0
#include "collectors/zypper_updates.h"

#include <array>
#include <map>
#include <optional>

#include "base/text.h"

namespace sallyport {
namespace {

using Attributes = std::map<std::string, std::string, std::less<>>;

std::string Unescape(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kEntities = {
      {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&amp;", '&'}}};
  std::string out;
  for (size_t i = 0; i < text.size();) {
    bool found = false;
    for (const auto& [entity, letter] : kEntities) {
      if (!text.substr(i).starts_with(entity)) continue;
      out.push_back(letter);
      i += entity.size();
      found = true;
      break;
    }
    if (!found) out.push_back(text[i++]);
  }
  return out;
}

// ` kind="patch" name="RHSA-2024:0310"`, up to the end of the tag. nullopt: no tag ends here.
std::optional<Attributes> ParseAttributes(std::string_view text) {
  Attributes out;
  size_t at = 0;
  while (true) {
    at = text.find_first_not_of(" \t\r\n", at);
    if (at == std::string_view::npos) return std::nullopt;
    if (text[at] == '>' || text.substr(at).starts_with("/>")) return out;
    const size_t equals = text.find("=\"", at);
    if (equals == std::string_view::npos) return std::nullopt;
    const size_t end = text.find('"', equals + 2);
    if (end == std::string_view::npos) return std::nullopt;
    out[std::string(text.substr(at, equals - at))] =
        Unescape(text.substr(equals + 2, end - equals - 2));
    at = end + 1;
  }
}

Value TextOrNone(const Attributes& attributes, std::string_view name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? Cell(std::nullopt) : Cell(found->second);
}

std::string TextOf(const Attributes& attributes, std::string_view name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? "" : found->second;
}

Result<PackageUpdate> UpdateOf(const Attributes& attributes) {
  PackageUpdate out;
  out.package = TextOf(attributes, "name");
  out.architecture = TextOf(attributes, "arch");
  out.candidate = TextOf(attributes, "edition");
  if (out.package.empty() || out.candidate.empty()) {
    return Fail(Code::kMalformed, "zypper: an update without name or edition");
  }
  out.installed = TextOrNone(attributes, "edition-old");
  out.held = Unknown{};  // a locked package is not offered, and not shown as locked
  if (TextOf(attributes, "kind") != "patch") {
    out.security = std::monostate{};
    return out;
  }
  out.security = Cell(TextOf(attributes, "category") == "security");
  out.severity = TextOrNone(attributes, "severity");
  out.advisory = Cell(out.package);
  return out;
}

// zypper(8), exit codes: 100 updates, 101 security updates, 102 restart, 103 restart of the package
// manager itself. 106, a repository was left out, is no answer about it.
Result<std::vector<PackageUpdate>> RunZypper(const Host& host, const char* verb) {
  const Result<CommandOutput> output =
      host.Run({.argv = {kZypper, "--non-interactive", "--no-refresh", "--xmlout", verb},
                .deadline = std::chrono::seconds(60)});
  if (!output) return tl::unexpected(output.error());
  const int code = output->exit_code;
  if (code != 0 && (code < 100 || code > 103)) {
    return Fail(Code::kUnavailable, std::string("zypper ") + verb + ": exit code " +
                                        std::to_string(code) + ": " + Excerpt(Trim(output->err)));
  }
  return ParseZypperXml(output->out);
}

}  // namespace

Result<std::vector<PackageUpdate>> ParseZypperXml(std::string_view xml) {
  constexpr std::string_view kTag = "<update ";
  constexpr std::string_view kSource = "<source ";
  if (xml.find("</stream>") == std::string_view::npos) {
    return Fail(Code::kMalformed, "zypper: its answer has no end");
  }
  std::vector<PackageUpdate> out;
  for (size_t at = 0; (at = xml.find(kTag, at)) != std::string_view::npos;) {
    at += kTag.size();
    const auto attributes = ParseAttributes(xml.substr(at));
    if (!attributes) return Fail(Code::kMalformed, "zypper: " + Excerpt(xml.substr(at)));
    Result<PackageUpdate> update = UpdateOf(*attributes);
    if (!update) return tl::unexpected(update.error());
    const std::string_view body = xml.substr(at, xml.find("</update>", at) - at);
    if (const size_t source = body.find(kSource); source != std::string_view::npos) {
      const auto from = ParseAttributes(body.substr(source + kSource.size()));
      if (from) update->origin = TextOf(*from, "alias");
    }
    out.push_back(std::move(*update));
  }
  return out;
}

Result<OfferedUpdates> ReadZypperUpdates(const Host& host) {
  const Result<std::vector<PackageUpdate>> patches = RunZypper(host, "list-patches");
  if (!patches) return tl::unexpected(patches.error());
  const Result<std::vector<PackageUpdate>> packages = RunZypper(host, "list-updates");
  if (!packages) return tl::unexpected(packages.error());
  OfferedUpdates out;
  out.packages = static_cast<int64_t>(packages->size());
  for (const PackageUpdate& patch : *patches) out.security += patch.security == Cell(true);
  out.updates = *patches;
  out.updates.insert(out.updates.end(), packages->begin(), packages->end());
  return out;
}

}  // namespace sallyport
