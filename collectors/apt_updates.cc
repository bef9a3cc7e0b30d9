// SPDX-License-Identifier: Apache-2.0
#include "collectors/apt_updates.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/package_version.h"
#include "base/text.h"
#include "collectors/last_answer.h"

namespace sallyport {
namespace {

// What the lists offer for one installed package.
struct Offer {
  bool security = false;
  bool now = false;
  bool phased = false;
  bool esm = false;
  std::string version;  // the newest
  std::string origin;   // of it
};

struct Offers {
  Offer obtainable;
  Offer esm;  // what only a token would give
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

std::string OriginOf(const AptSource& source) {
  return source.origin + ":" + (source.suite.empty() ? source.codename : source.suite);
}

void Remember(const AptSource& source, std::string_view version, Offer* offer) {
  if (!offer->version.empty() && CompareDpkgVersions(version, offer->version) <= 0) return;
  offer->version = version;
  offer->origin = OriginOf(source);
  offer->esm = source.IsEsm();
}

void Note(const AptSource& source, bool has_token, std::string_view stanza,
          const InstalledPackage& package, Offers* offers) {
  if (!SameArchitecture(StanzaField(stanza, "Architecture"), package.architecture)) return;
  const std::string_view version = StanzaField(stanza, "Version");
  if (CompareDpkgVersions(version, package.version) <= 0) return;
  Offer* offer = source.IsEsm() && !has_token ? &offers->esm : &offers->obtainable;
  const bool by_itself = UpgradesByItself(source, package);
  if (!by_itself && !source.IsSecurity()) return;
  offer->security = offer->security || source.IsSecurity();
  Remember(source, version, offer);
  if (by_itself) (IsPhased(stanza) ? offer->phased : offer->now) = true;
}

AptUpdate UpdateOf(const InstalledPackage& package, const Offer& offer, bool offered) {
  return {.package = std::string(package.name),
          .architecture = std::string(package.architecture),
          .installed = std::string(package.version),
          .candidate = offer.version,
          .origin = offer.origin,
          .security = offer.security,
          .now = offer.now,
          .phased = offer.phased && !offer.now,
          .held = package.held,
          .esm = offer.esm,
          .offered = offered};
}

UpdateCounts Count(std::vector<AptUpdate> updates) {
  UpdateCounts out;
  for (const AptUpdate& update : updates) {
    if (!update.offered) continue;
    out.security += update.security;
    out.security_held += update.security && update.held;
    out.held += update.held && (update.now || update.phased);
    out.pending += !update.held && update.now;
    out.phased += !update.held && update.phased;
  }
  out.updates = std::move(updates);
  return out;
}

// Same text, same answer. nullopt when a list has no time to tell a changed one by.
std::optional<std::string> Fingerprint(const Host& host, std::string_view status_text,
                                       bool has_token, const std::vector<AptSource>& sources) {
  std::string out = std::to_string(status_text.size()) + " " + std::to_string(has_token) + " " +
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

// Of ESM only what is newer than all that this machine can have.
std::vector<AptUpdate> UpdatesOf(const std::vector<InstalledPackage>& installed,
                                 const std::vector<Offers>& offers) {
  std::vector<AptUpdate> out;
  for (size_t i = 0; i < offers.size(); ++i) {
    const Offer& here = offers[i].obtainable;
    const Offer& esm = offers[i].esm;
    if (!here.version.empty()) out.push_back(UpdateOf(installed[i], here, true));
    const bool newer = !esm.version.empty() &&
                       (here.version.empty() || CompareDpkgVersions(esm.version, here.version) > 0);
    if (newer) out.push_back(UpdateOf(installed[i], esm, false));
  }
  std::ranges::stable_sort(out, {}, &AptUpdate::package);
  return out;
}

// Never destroyed: a reading that hangs may outlast main().
LastAnswer<UpdateCounts>& LastCounts() {
  static auto* const last = new LastAnswer<UpdateCounts>;
  return *last;
}

Result<UpdateCounts> ReadLists(const Host& host, const std::vector<InstalledPackage>& installed,
                               bool has_token, const std::vector<AptSource>& sources) {
  Index index;
  for (size_t i = 0; i < installed.size(); ++i) index.emplace(installed[i].name, i);
  std::vector<Offers> offers(installed.size());
  for (const AptSource& source : sources) {
    const auto note = [&](std::string_view stanza) {
      const auto [begin, end] = index.equal_range(PackageName(stanza));
      for (auto it = begin; it != end; ++it) {
        Note(source, has_token, stanza, installed[it->second], &offers[it->second]);
      }
    };
    for (const std::string& list : source.lists) {
      if (const Status read = ForEachListed(host, list, note); !read) {
        return tl::unexpected(read.error());
      }
    }
  }
  UpdateCounts out = Count(UpdatesOf(installed, offers));
  for (const AptSource& source : sources) {
    out.has_lists = out.has_lists || !source.lists.empty();
    out.has_security_lists =
        out.has_security_lists || (source.IsSecurity() && !source.lists.empty());
  }
  return out;
}

}  // namespace

bool HasEsmToken(const Host& host) {
  const Result<std::string> text = host.ReadFile("/var/lib/ubuntu-advantage/status.json");
  if (!text) return text.error().code != Code::kNotFound;
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  const auto attached = json.is_object() ? json.find("attached") : json.end();
  return attached == json.end() || !attached->is_boolean() || attached->get<bool>();
}

Result<std::vector<AptSource>> AllAptSources(const Host& host) {
  Result<std::vector<AptSource>> sources = ReadAptSources(host, kAptListsFolder);
  if (!sources) return sources;
  Result<std::vector<AptSource>> esm = ReadAptSources(host, kEsmListsFolder);
  if (!esm) return sources;  // of no account without a token; with one they lie in the first folder
  for (AptSource& source : *esm) {
    // Debian's own names would make a copy of an ordinary list count twice.
    if (source.IsEsm()) sources->push_back(std::move(source));
  }
  return sources;
}

Result<UpdateCounts> CountUpdates(const Host& host, std::string_view status_text,
                                  const std::vector<InstalledPackage>& installed,
                                  const std::vector<AptSource>& sources) {
  const bool has_token = HasEsmToken(host);
  const auto fingerprint = Fingerprint(host, status_text, has_token, sources);
  if (fingerprint) {
    if (auto kept = LastCounts().For(*fingerprint)) return *std::move(kept);
  }
  const Result<UpdateCounts> counts = ReadLists(host, installed, has_token, sources);
  if (counts && fingerprint) LastCounts().Keep(*fingerprint, *counts);
  return counts;
}

}  // namespace sallyport
