// SPDX-License-Identifier: Apache-2.0
#include "collectors/apt_updates.h"

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/package_version.h"
#include "base/text.h"

namespace sallyport {
namespace {

// What the lists offer for one installed package.
struct Offer {
  bool security = false;
  bool now = false;
  bool phased = false;
};

using Index = std::unordered_multimap<std::string_view, size_t>;  // name to its place

std::string_view PackageName(std::string_view stanza) {
  constexpr std::string_view kField = "Package: ";
  if (!stanza.starts_with(kField)) return StanzaField(stanza, "Package");
  return Trim(stanza.substr(kField.size(), stanza.find('\n') - kField.size()));
}

bool SameArchitecture(std::string_view a, std::string_view b) {
  return a == b || a == "all" || b == "all";
}

bool IsPhased(std::string_view stanza) {
  const auto percentage = ParseInt(StanzaField(stanza, "Phased-Update-Percentage"));
  return percentage && *percentage < 100;
}

// Backports are followed only by those that came from there.
bool UpgradesByItself(const AptSource& source, const InstalledPackage& package) {
  if (!source.not_automatic) return true;
  return source.only_upgrades && package.version.find("~bpo") != std::string_view::npos;
}

void Note(const AptSource& source, std::string_view stanza, const InstalledPackage& package,
          Offer* offer) {
  if (!SameArchitecture(StanzaField(stanza, "Architecture"), package.architecture)) return;
  const std::string_view version = StanzaField(stanza, "Version");
  if (CompareDpkgVersions(version, package.version) <= 0) return;
  offer->security = offer->security || source.IsSecurity();
  if (!UpgradesByItself(source, package)) return;
  (IsPhased(stanza) ? offer->phased : offer->now) = true;
}

UpdateCounts Count(const std::vector<InstalledPackage>& installed,
                   const std::vector<Offer>& offers) {
  UpdateCounts out;
  for (size_t i = 0; i < offers.size(); ++i) {
    const bool held = installed[i].held;
    out.security += offers[i].security;
    out.security_held += offers[i].security && held;
    out.held += held && (offers[i].now || offers[i].phased);
    out.pending += !held && offers[i].now;
    out.phased += !held && !offers[i].now && offers[i].phased;
  }
  return out;
}

// Same text, same answer. nullopt when a list has no time to tell a changed one by.
std::optional<std::string> Fingerprint(const Host& host, std::string_view status_text,
                                       const std::vector<AptSource>& sources) {
  std::string out = std::to_string(status_text.size()) + " " +
                    std::to_string(std::hash<std::string_view>()(status_text)) + "\n";
  for (const AptSource& source : sources) {
    out += source.name + " " + source.origin + " " + source.label + " " + source.suite + " " +
           source.codename + " " + std::to_string(source.signed_at.value_or(0)) + " " +
           std::to_string(source.not_automatic) + std::to_string(source.only_upgrades) + "\n";
    for (const std::string& list : source.lists) {
      const Result<FileStat> stat = host.Stat(list);
      if (!stat || stat->modified_s == 0) return std::nullopt;
      out +=
          list + " " + std::to_string(stat->size) + " " + std::to_string(stat->modified_s) + "\n";
    }
  }
  return out;
}

struct Kept {
  std::string fingerprint;
  UpdateCounts counts;
};

Result<UpdateCounts> ReadLists(const Host& host, const std::vector<InstalledPackage>& installed,
                               const std::vector<AptSource>& sources) {
  Index index;
  for (size_t i = 0; i < installed.size(); ++i) index.emplace(installed[i].name, i);
  std::vector<Offer> offers(installed.size());
  for (const AptSource& source : sources) {
    const auto note = [&](std::string_view stanza) {
      const auto [begin, end] = index.equal_range(PackageName(stanza));
      for (auto it = begin; it != end; ++it) {
        Note(source, stanza, installed[it->second], &offers[it->second]);
      }
    };
    for (const std::string& list : source.lists) {
      if (const Status read = ForEachListed(host, list, note); !read) {
        return tl::unexpected(read.error());
      }
    }
  }
  UpdateCounts out = Count(installed, offers);
  for (const AptSource& source : sources) {
    out.has_lists = out.has_lists || !source.lists.empty();
    out.has_security_lists =
        out.has_security_lists || (source.IsSecurity() && !source.lists.empty());
  }
  return out;
}

}  // namespace

Result<UpdateCounts> CountUpdates(const Host& host, std::string_view status_text,
                                  const std::vector<InstalledPackage>& installed,
                                  const std::vector<AptSource>& sources) {
  thread_local Kept kept;
  const std::optional<std::string> fingerprint = Fingerprint(host, status_text, sources);
  if (fingerprint && *fingerprint == kept.fingerprint) return kept.counts;
  const Result<UpdateCounts> counts = ReadLists(host, installed, sources);
  if (counts && fingerprint) kept = {*fingerprint, *counts};
  return counts;
}

}  // namespace sallyport
