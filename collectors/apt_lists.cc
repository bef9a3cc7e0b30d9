// SPDX-License-Identifier: Apache-2.0
#include "collectors/apt_lists.h"

#include <algorithm>

#include "base/text.h"
#include "collectors/dates.h"
#include "collectors/dpkg_status.h"
#include "collectors/lz4_frame.h"

namespace sallyport {
namespace {

constexpr size_t kReleaseHead = 4096;  // the fields stand before the checksums
constexpr size_t kMaxStanza = 4 << 20;

// Cuts text that comes in pieces into stanzas.
class StanzaCutter {
 public:
  explicit StanzaCutter(const std::function<void(std::string_view)>& stanza) : stanza_(stanza) {}

  // false: a stanza that never ends.
  bool Add(std::string_view piece) {
    size_t at = 0;
    if (!rest_.empty()) {
      const size_t end = EndOfRest(piece);
      if (end == std::string_view::npos) {
        rest_.append(piece);
        return rest_.size() <= kMaxStanza;
      }
      rest_.append(piece.substr(0, end));
      if (rest_.ends_with("\n\n")) rest_.resize(rest_.size() - 2);
      if (!rest_.empty()) stanza_(rest_);
      at = end;
    }
    for (size_t end; (end = piece.find("\n\n", at)) != std::string_view::npos; at = end + 2) {
      if (end > at) stanza_(piece.substr(at, end - at));
    }
    rest_.assign(piece.substr(at));
    return rest_.size() <= kMaxStanza;
  }
  void Finish() {
    if (!Trim(rest_).empty()) stanza_(rest_);
  }

 private:
  // Where in the piece the empty line ends that the rest ends with; npos: it goes on.
  size_t EndOfRest(std::string_view piece) const {
    if (rest_.back() == '\n' && piece.starts_with('\n')) return 1;
    const size_t found = piece.find("\n\n");
    return found == std::string_view::npos ? found : found + 2;
  }

  const std::function<void(std::string_view)>& stanza_;
  std::string rest_;
};

bool IsYes(std::string_view value) { return Lower(value) == "yes"; }

std::string Field(std::string_view text, std::string_view name) {
  return std::string(StanzaField(text, name));
}

// "deb.debian.org_debian_dists_bookworm_InRelease" is "deb.debian.org_debian_dists_bookworm_".
std::optional<std::string> SourceName(const std::string& file) {
  for (std::string_view ending : {"_InRelease", "_Release"}) {
    if (file.ends_with(ending)) return file.substr(0, file.size() - ending.size() + 1);
  }
  return std::nullopt;
}

bool IsPackagesList(const std::string& file) {
  return file.ends_with("_Packages") || file.find("_Packages.") != std::string::npos;
}

// Of several sources whose name the file begins with, the longest: "dists_sid_" and
// "dists_sid_updates_".
AptSource* SourceOf(std::vector<AptSource>* sources, const std::string& file) {
  AptSource* best = nullptr;
  for (AptSource& source : *sources) {
    if (!file.starts_with(source.name)) continue;
    if (!best || source.name.size() > best->name.size()) best = &source;
  }
  return best;
}

Status UnpackWithHelper(const Host& host, const std::string& list, StanzaCutter* cutter) {
  const Result<CommandOutput> output = host.Run({.argv = {kAptHelper, "cat-file", list},
                                                 .deadline = std::chrono::seconds(30),
                                                 .max_output = kMaxListBytes});
  if (!output) return tl::unexpected(output.error());
  if (output->exit_code != 0) return Fail(Code::kMalformed, list + ": apt-helper cannot read it");
  if (!cutter->Add(output->out)) return Fail(Code::kMalformed, list + ": a stanza without end");
  return {};
}

}  // namespace

bool AptSource::IsEsm() const { return origin.starts_with("UbuntuESM"); }

bool AptSource::IsSecurity() const {
  return label == "Debian-Security" || suite.ends_with("-security") ||
         codename.ends_with("-security");
}

AptSource ParseRelease(std::string_view text) {
  AptSource out;
  out.origin = Field(text, "Origin");
  out.label = Field(text, "Label");
  out.suite = Field(text, "Suite");
  out.codename = Field(text, "Codename");
  out.signed_at = ParseArchiveDate(Field(text, "Date"));
  out.valid_until = ParseArchiveDate(Field(text, "Valid-Until"));
  out.not_automatic = IsYes(Field(text, "NotAutomatic"));
  out.only_upgrades = IsYes(Field(text, "ButAutomaticUpgrades"));
  return out;
}

Result<std::vector<AptSource>> ReadAptSources(const Host& host, const std::string& folder) {
  const auto entries = host.ListDir(folder);
  if (!entries) {
    if (entries.error().code == Code::kNotFound) return std::vector<AptSource>{};
    return tl::unexpected(entries.error());
  }
  std::vector<AptSource> sources;
  for (const DirEntry& entry : *entries) {
    const std::optional<std::string> name = SourceName(entry.name);
    if (!name || SourceOf(&sources, entry.name)) continue;  // InRelease sorts before Release
    const Result<std::string> head = host.ReadHead(folder + "/" + entry.name, kReleaseHead);
    if (!head) return tl::unexpected(head.error());
    sources.push_back(ParseRelease(*head));
    sources.back().name = *name;
  }
  std::vector<std::string> orphans;
  for (const DirEntry& entry : *entries) {
    if (!IsPackagesList(entry.name)) continue;
    AptSource* source = SourceOf(&sources, entry.name);
    (source ? source->lists : orphans).push_back(folder + "/" + entry.name);
  }
  if (!orphans.empty()) {
    AptSource nameless;
    nameless.lists = std::move(orphans);
    sources.push_back(std::move(nameless));
  }
  return sources;
}

Status ForEachListed(const Host& host, const std::string& list,
                     const std::function<void(std::string_view)>& stanza) {
  StanzaCutter cutter(stanza);
  if (list.ends_with("_Packages") || list.ends_with(".lz4")) {
    const Result<std::string> content = host.ReadFile(list, kMaxListBytes);
    if (!content) return tl::unexpected(content.error());
    bool ends = true;
    if (!list.ends_with(".lz4")) {
      ForEachStanza(*content, stanza);
      return {};
    }
    const Status unpacked = UnpackLz4(
        *content, kMaxListBytes, [&](std::string_view piece) { ends = ends && cutter.Add(piece); });
    if (!unpacked) return Wrap(unpacked.error(), list);
    if (!ends) return Fail(Code::kMalformed, list + ": a stanza without end");
  } else if (const Status unpacked = UnpackWithHelper(host, list, &cutter); !unpacked) {
    return unpacked;
  }
  cutter.Finish();
  return {};
}

}  // namespace sallyport
