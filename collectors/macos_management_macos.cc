// SPDX-License-Identifier: Apache-2.0
#include "collectors/macos_management.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/text.h"
#include "collectors/named_values.h"
#include "collectors/plist_reader.h"

namespace sallyport {
namespace {

constexpr char kManaged[] = "/Library/Managed Preferences";
constexpr char kExtensions[] = "/Library/SystemExtensions/db.plist";
constexpr char kUpdates[] = "/Library/Preferences/com.apple.SoftwareUpdate.plist";
constexpr char kManagedUpdates[] = "/Library/Managed Preferences/com.apple.SoftwareUpdate.plist";
constexpr std::string_view kPlistSuffix = ".plist";
constexpr int64_t kDay = 86'400;

std::string TextAt(const Plist& dictionary, std::string_view key) {
  const Plist* const found = dictionary.Find(key);
  return found == nullptr ? "" : found->text;
}

// As osquery prints it; lists and dictionaries have no text.
Value TextOf(const Plist& value) {
  switch (value.kind) {
    case Plist::Kind::kText:
    case Plist::Kind::kData:
      return Cell(value.text);
    case Plist::Kind::kInteger:
    case Plist::Kind::kBoolean:
    case Plist::Kind::kDate:
      return Cell(std::to_string(value.number));
    case Plist::Kind::kReal:
      return Cell(ToText(Cell(value.real)));
    default:
      return Unknown{};
  }
}

Status AppendPolicies(const Host& host, const std::string& folder, const std::string& user,
                      Rows& rows) {
  const auto entries = host.ListDir(folder);
  if (!entries) return tl::unexpected(entries.error());
  for (const DirEntry& entry : *entries) {
    const bool list = entry.type == FileType::kFile && entry.name.ends_with(kPlistSuffix);
    if (!list || entry.name == "complete.plist") continue;  // the sum of the others
    const auto settings = ReadPlist(host, folder + "/" + entry.name);
    if (!settings) return tl::unexpected(settings.error());
    const std::string domain = entry.name.substr(0, entry.name.size() - kPlistSuffix.size());
    const std::string uuid = TextAt(*settings, "PayloadUUID");
    for (const auto& [name, value] : settings->entries) {
      if (name == "PayloadUUID") continue;
      rows.push_back({Cell(domain), Cell(uuid), Cell(name), TextOf(value), Cell(user), Cell(0)});
    }
  }
  return {};
}

bool Allows(const Plist& policy, const SystemExtension& extension) {
  const auto has = [](const Plist* list, const std::string& text) {
    return list != nullptr &&
           std::ranges::any_of(list->items, [&](const Plist& item) { return item.text == text; });
  };
  if (has(policy.Find("allowedTeamIDs"), extension.team)) return true;
  const Plist* const teams = policy.Find("allowedExtensions");
  return teams != nullptr && has(teams->Find(extension.team), extension.identifier);
}

SystemExtension ExtensionOf(const Plist& entry) {
  SystemExtension out;
  out.identifier = TextAt(entry, "identifier");
  out.state = TextAt(entry, "state");
  out.team = TextAt(entry, "teamID");
  out.unique_id = TextAt(entry, "uniqueID");
  out.origin = TextAt(entry, "originPath");
  if (const Plist* const version = entry.Find("bundleVersion")) {
    out.version = TextAt(*version, "CFBundleShortVersionString");
  }
  if (const Plist* const container = entry.Find("container")) {
    out.bundle = TextAt(*container, "bundlePath");
  }
  if (const Plist* const categories = entry.Find("categories")) {
    std::vector<std::string> words;
    for (const Plist& category : categories->items) words.push_back(category.text);
    out.category = Join(words, ",");
  }
  return out;
}

const char* Truth(bool value) { return value ? "true" : "false"; }

// Of the two lists, the profile's first. nullopt: in neither.
std::optional<int64_t> Setting(const Result<Plist>& managed, const Result<Plist>& own,
                               std::string_view key) {
  for (const auto* list : {&managed, &own}) {
    const Plist* const found = *list ? (*list)->Find(key) : nullptr;
    if (found != nullptr) return found->number;
  }
  return std::nullopt;
}

// A list of settings that is missing sets nothing; one that may not be read may set anything.
bool MayBeRead(const Result<Plist>& list) { return list || list.error().code == Code::kNotFound; }

Value InstallsItself(const Result<Plist>& managed, const Result<Plist>& own) {
  if (!MayBeRead(managed) || !MayBeRead(own)) return Unknown{};
  bool all = true;
  for (const char* key :
       {"AutomaticCheckEnabled", "AutomaticDownload", "AutomaticallyInstallMacOSUpdates"}) {
    const auto value = Setting(managed, own, key);
    if (value && *value == 0) return Cell(false);
    if (!value) all = false;  // what macOS does then hangs on its release
  }
  return all ? Cell(true) : Cell(Unknown{});
}

}  // namespace

Result<Rows> ManagedPoliciesMacos(const Host& host, const Keys&) {
  Rows rows;
  const auto entries = host.ListDir(kManaged);
  if (!entries) {
    if (entries.error().code == Code::kNotFound) return rows;  // no profile was ever installed
    return tl::unexpected(entries.error());
  }
  if (const Status ok = AppendPolicies(host, kManaged, "", rows); !ok) {
    return tl::unexpected(ok.error());
  }
  for (const DirEntry& entry : *entries) {
    if (entry.type != FileType::kDirectory) continue;
    const std::string folder = std::string(kManaged) + "/" + entry.name;
    if (const Status ok = AppendPolicies(host, folder, entry.name, rows); !ok) {
      return tl::unexpected(ok.error());
    }
  }
  return rows;
}

Result<std::vector<SystemExtension>> ReadSystemExtensions(const Host& host) {
  const auto database = ReadPlist(host, kExtensions);
  std::vector<SystemExtension> out;
  if (!database) {
    if (database.error().code == Code::kNotFound) return out;
    return tl::unexpected(database.error());
  }
  const Plist* const list = database->Find("extensions");
  if (list == nullptr) return Fail(Code::kMalformed, std::string(kExtensions) + ": no extensions");
  const Plist* const policies = database->Find("extensionPolicies");
  for (const Plist& entry : list->items) {
    SystemExtension extension = ExtensionOf(entry);
    extension.managed =
        policies != nullptr && std::ranges::any_of(policies->items, [&](const Plist& policy) {
          return Allows(policy, extension);
        });
    out.push_back(std::move(extension));
  }
  return out;
}

Result<Rows> SystemExtensionsMacos(const Host& host, const Keys&) {
  const auto extensions = ReadSystemExtensions(host);
  if (!extensions) return tl::unexpected(extensions.error());
  Rows rows;
  for (const SystemExtension& e : *extensions) {
    rows.push_back({Cell(e.origin), Cell(e.unique_id), Cell(e.state), Cell(e.identifier),
                    Cell(e.version), Cell(e.category), Cell(e.bundle), Cell(e.team),
                    Cell(e.managed)});
  }
  return rows;
}

namespace {

// What `profiles -C -o stdout-xml` says of the profile that enrolled the Mac.
struct Enrollment {
  Value access_rights = Unknown{};
  Value checkin_url = Unknown{};
  Value has_scep = Unknown{};
  Value certificate = Unknown{};
  Value installed = Unknown{};
  Value identifier = Unknown{};
  Value sign_message = Unknown{};
  Value topic = Unknown{};
};

Value TextOrNull(const Plist& dictionary, std::string_view key) {
  const std::string text = TextAt(dictionary, key);
  return text.empty() ? Cell(std::nullopt) : Cell(WithoutUserInfo(text));
}

bool HasPayload(const Plist& items, std::string_view type, const Plist** content) {
  for (const Plist& item : items.items) {
    if (TextAt(item, "PayloadType") != type) continue;
    *content = item.Find("PayloadContent");
    return true;
  }
  return false;
}

Enrollment DescribeEnrollment(const Plist& profile, const Plist& items, const Plist& payload) {
  Enrollment out;
  const Plist* const rights = payload.Find("AccessRights");
  if (rights != nullptr && rights->kind == Plist::Kind::kInteger) {
    out.access_rights = Cell(rights->number);
  }
  const Plist* const sign = payload.Find("SignMessage");
  const Plist* ignored = nullptr;
  out.checkin_url = TextOrNull(payload, "CheckInURL");
  out.has_scep = Cell(Truth(HasPayload(items, "com.apple.security.scep", &ignored)));
  out.certificate = TextOrNull(payload, "IdentityCertificateUUID");
  out.installed = TextOrNull(profile, "ProfileInstallDate");
  out.identifier = TextOrNull(profile, "ProfileIdentifier");
  out.sign_message = Cell(Truth(sign != nullptr && sign->number != 0));
  out.topic = TextOrNull(payload, "Topic");
  return out;
}

// Unknown where it lists no such profile: without the right to, it lists fewer.
Enrollment ReadEnrollment(const Host& host) {
  const auto said = host.Run({{"/usr/bin/profiles", "-C", "-o", "stdout-xml"}});
  if (!said || said->exit_code != 0) return {};
  const auto list = ParsePlist(said->out, "profiles -C");
  const Plist* const profiles = list ? list->Find("_computerlevel") : nullptr;
  if (profiles == nullptr) return {};
  for (const Plist& profile : profiles->items) {
    const Plist* const items = profile.Find("ProfileItems");
    const Plist* payload = nullptr;
    if (items == nullptr || !HasPayload(*items, "com.apple.mdm", &payload)) continue;
    if (payload != nullptr) return DescribeEnrollment(profile, *items, *payload);
  }
  return {};
}

}  // namespace

// profiles(1): "Enrolled via DEP: No", "MDM enrollment: Yes (User Approved)", "MDM server: https:".
// Whether the Mac could be enrolled automatically only Apple's servers tell.
Result<Rows> MdmMacos(const Host& host, const Keys&) {
  const auto said = AskNamedValues(host, {"/usr/bin/profiles", "status", "-type", "enrollment"});
  if (!said) return tl::unexpected(said.error());
  const auto status = said->find("MDM enrollment");
  if (status == said->end()) return Fail(Code::kMalformed, "profiles status: no MDM enrollment");
  const bool enrolled = status->second.starts_with("Yes");
  const Enrollment profile = enrolled ? ReadEnrollment(host) : Enrollment{};
  const auto of_profile = [enrolled](const Value& cell) {
    return enrolled ? cell : Cell(std::nullopt);
  };
  const auto dep = said->find("Enrolled via DEP");
  const auto server = said->find("MDM server");
  return Rows{
      {of_profile(profile.access_rights), of_profile(profile.checkin_url), Unknown{},
       Cell(Truth(enrolled)), of_profile(profile.has_scep), of_profile(profile.certificate),
       of_profile(profile.installed),
       dep == said->end() ? Cell(Unknown{}) : Cell(Truth(dep->second == "Yes")),
       of_profile(profile.identifier),
       server == said->end() ? of_profile(Unknown{}) : Cell(WithoutUserInfo(server->second)),
       of_profile(profile.sign_message), of_profile(profile.topic),
       Cell(Truth(status->second == "Yes (User Approved)"))}};
}

MacosUpdates ReadMacosUpdates(const Host& host) {
  MacosUpdates out;
  const auto own = ReadPlist(host, kUpdates);
  out.installs_itself = InstallsItself(ReadPlist(host, kManagedUpdates), own);
  if (!own) return out;
  const int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(host.Time().wall).count();
  const Plist* const looked = own->Find("LastSuccessfulDate");
  const bool dated = looked != nullptr && looked->kind == Plist::Kind::kDate;
  if (dated && looked->number <= now_s) out.age_days = Cell((now_s - looked->number) / kDay);
  const Plist* const count = own->Find("LastRecommendedUpdatesAvailable");
  if (count == nullptr || count->kind != Plist::Kind::kInteger) return out;
  const auto* age = std::get_if<int64_t>(&out.age_days);
  const bool fresh = age != nullptr && *age <= 7;
  if (count->number > 0 || fresh) out.pending = Cell(count->number);
  return out;
}

Result<Rows> SoftwareUpdateMacos(const Host& host, const Keys&) {
  const auto own = ReadPlist(host, kUpdates);
  if (!own) return tl::unexpected(own.error());
  const MacosUpdates updates = ReadMacosUpdates(host);
  const auto* pending = std::get_if<int64_t>(&updates.pending);
  return Rows{{pending == nullptr ? Cell(Unknown{}) : Cell(*pending > 0)}};
}

}  // namespace sallyport
