// SPDX-License-Identifier: Apache-2.0
#include "collectors/macos_protection.h"

#include <array>
#include <optional>

#include "base/text.h"
#include "collectors/named_values.h"
#include "collectors/plist_reader.h"
#include "collectors/xprotect_bundle.h"

namespace sallyport {
namespace {

constexpr char kScreenSaver[] = "/Library/Managed Preferences/com.apple.screensaver.plist";

bool Says(const Result<CommandOutput>& said, std::string_view line) {
  for (const std::string_view each : Lines(said->out)) {
    if (Trim(each) == line) return true;
  }
  return false;
}

// spctl exits with 1 when assessments are off, and prints on stdout or stderr, by version.
Result<CommandOutput> Spctl(const Host& host) {
  auto said = host.Run({{"/usr/sbin/spctl", "--status", "--verbose"}});
  if (said) said->out += "\n" + said->err;
  return said;
}

Value GatekeeperVersion(const Host& host, const char* bundle) {
  const auto list = ReadPlist(host, std::string(bundle) + "/Contents/version.plist");
  const Plist* const version = list ? list->Find("CFBundleShortVersionString") : nullptr;
  return version == nullptr ? Cell(Unknown{}) : Cell(version->text);
}

// Of csrutil(8)'s words, the flag of osquery that the opposite allows.
struct SipFlag {
  std::string_view flag;
  std::string_view word;
  bool allows = false;  // the word's "enabled" is the flag's 1
};
constexpr SipFlag kSipFlags[] = {
    {"allow_any_recovery_os", "BaseSystem Verification"},
    {"allow_apple_internal", "Apple Internal", true},
    {"allow_task_for_pid", "Debugging Restrictions"},
    {"allow_unrestricted_dtrace", "DTrace Restrictions"},
    {"allow_unrestricted_fs", "Filesystem Protections"},
    {"allow_unrestricted_nvram", "NVRAM Protections"},
    {"allow_untrusted_kexts", "Kext Signing"},
};

// "enabled.", "disabled.", "unknown (Custom Configuration)."
enum class Sip { kOn, kOff, kCustom };

std::optional<Sip> SipOf(const std::string& status) {
  if (status.starts_with("enabled.")) return Sip::kOn;
  if (status.starts_with("enabled (Custom Configuration)")) return Sip::kCustom;
  if (status.starts_with("unknown (Custom Configuration)")) return Sip::kCustom;
  if (status.starts_with("disabled")) return Sip::kOff;
  return std::nullopt;
}

Value FlagOf(Sip sip, const NamedValues& values, const SipFlag& flag) {
  if (sip == Sip::kOn) return Cell(0);
  const auto found = values.find(std::string(flag.word));
  if (found == values.end()) return Unknown{};
  if (found->second != "enabled" && found->second != "disabled") return Unknown{};
  return Cell((found->second == "enabled") == flag.allows);
}

}  // namespace

Result<Rows> GatekeeperMacos(const Host& host, const Keys&) {
  const auto said = Spctl(host);
  if (!said) return tl::unexpected(said.error());
  const bool on = Says(said, "assessments enabled");
  if (!on && !Says(said, "assessments disabled")) {
    return Fail(Code::kMalformed, "spctl --status: " + Excerpt(Trim(said->out)));
  }
  const Value developer_id = Says(said, "developer id enabled")    ? Cell(1)
                             : Says(said, "developer id disabled") ? Cell(0)
                                                                   : Cell(Unknown{});
  return Rows{{Cell(on), developer_id, GatekeeperVersion(host, "/var/db/gke.bundle"),
               GatekeeperVersion(host, "/var/db/gkopaque.bundle")}};
}

// What NVRAM holds for the next start it does not tell.
Result<Rows> SipConfigMacos(const Host& host, const Keys&) {
  const auto values = AskNamedValues(host, {"/usr/bin/csrutil", "status"});
  if (!values) return tl::unexpected(values.error());
  const auto status = values->find("System Integrity Protection status");
  const std::optional<Sip> sip = status == values->end() ? std::nullopt : SipOf(status->second);
  if (!sip) {
    return Fail(Code::kMalformed,
                "csrutil status: " +
                    (status == values->end() ? std::string("no status") : Excerpt(status->second)));
  }
  Rows rows{{Cell("sip"), Cell(*sip == Sip::kOn), Unknown{}}};
  for (const SipFlag& flag : kSipFlags) {
    rows.push_back({Cell(flag.flag), FlagOf(*sip, *values, flag), Unknown{}});
  }
  return rows;
}

Result<Rows> CsrutilInfoMacos(const Host& host, const Keys&) {
  const auto values = AskNamedValues(host, {"/usr/bin/csrutil", "authenticated-root", "status"});
  if (!values) return tl::unexpected(values.error());
  const auto status = values->find("Authenticated Root status");
  if (status == values->end())
    return Fail(Code::kMalformed, "csrutil authenticated-root: no status");
  if (status->second.starts_with("enabled")) return Rows{{Cell(1)}};
  if (status->second.starts_with("disabled")) return Rows{{Cell(0)}};
  return Fail(Code::kMalformed, "csrutil authenticated-root: " + Excerpt(status->second));
}

// askForPassword, askForPasswordDelay of the profile com.apple.screensaver.
Result<Rows> ScreenlockMacos(const Host& host, const Keys&) {
  const auto profile = ReadPlist(host, kScreenSaver);
  if (!profile) {
    if (profile.error().code != Code::kNotFound) return tl::unexpected(profile.error());
    return Rows{{Unknown{}, Unknown{}}};
  }
  const Plist* const ask = profile->Find("askForPassword");
  const Plist* const delay = profile->Find("askForPasswordDelay");
  if (ask == nullptr) return Rows{{Unknown{}, Unknown{}}};
  if (ask->number == 0) return Rows{{Cell(0), Cell(-1)}};  // osquery's word for never
  const bool told = delay != nullptr && delay->kind == Plist::Kind::kInteger;
  return Rows{{Cell(1), told ? Cell(delay->number) : Cell(Unknown{})}};
}

// system_profiler(8), SPiBridgeDataType: of Apple silicon "Secure Boot: Full Security". Of a T2 the
// policy is a variable of the firmware: %02 full, %01 medium, %00 none.
Result<Rows> SecurebootMacos(const Host& host, const Keys&) {
  const auto bridge = AskNamedValues(host, {"/usr/sbin/system_profiler", "SPiBridgeDataType"});
  if (bridge && bridge->contains("Secure Boot")) {
    const std::string& level = bridge->at("Secure Boot");
    const bool full = level == "Full Security";
    const bool some = full || level == "Reduced Security" || level == "Medium Security";
    const bool none = level == "Permissive Security" || level == "No Security";
    const auto allowed = [&](const char* name) {
      const auto found = bridge->find(name);
      if (found == bridge->end()) return Cell(Unknown{});
      return found->second == "Yes" ? Cell(1) : found->second == "No" ? Cell(0) : Cell(Unknown{});
    };
    return Rows{{some   ? Cell(1)
                 : none ? Cell(0)
                        : Cell(Unknown{}),
                 Cell(std::nullopt), Cell(level), allowed("Allow All Kernel Extensions"),
                 allowed("User Approved Privileged MDM Operations"), Cell(std::nullopt)}};
  }
  const auto said =
      host.Run({{"/usr/sbin/nvram", "94b73556-2197-4702-82a8-3e1337dafbfb:AppleSecureBootPolicy"}});
  if (!said) return tl::unexpected(said.error());
  constexpr std::array<std::pair<std::string_view, const char*>, 3> kLevels = {
      {{"%00", "No Security"}, {"%01", "Medium Security"}, {"%02", "Full Security"}}};
  for (size_t i = 0; i < kLevels.size(); ++i) {
    if (said->exit_code != 0 || !Trim(said->out).ends_with(kLevels[i].first)) continue;
    // osquery: 0 disabled, 1 full, 2 medium.
    constexpr std::array<int, 3> kModes = {0, 2, 1};
    return Rows{{Cell(i != 0), Cell(kModes[i]), Cell(kLevels[i].second), Cell(std::nullopt),
                 Cell(std::nullopt), Cell(std::nullopt)}};
  }
  return Fail(Code::kUnsupported, "secure boot: neither Apple silicon nor a T2 tells of it");
}

// ExtensionBlacklist and PlugInBlacklist of XProtect.meta.plist.
Result<Rows> XprotectMetaMacos(const Host& host, const Keys&) {
  const auto bundle = FindXprotectBundle(host);
  if (!bundle) return tl::unexpected(bundle.error());
  const auto meta = ReadPlist(host, bundle->path + "/Contents/Resources/XProtect.meta.plist");
  if (!meta) return tl::unexpected(meta.error());
  Rows rows;
  const Plist* const extensions = meta->Find("ExtensionBlacklist");
  const Plist* const list = extensions == nullptr ? nullptr : extensions->Find("Extensions");
  for (const Plist& item : list == nullptr ? std::vector<Plist>{} : list->items) {
    const Plist* const identifier = item.Find("CFBundleIdentifier");
    const Plist* const developer = item.Find("Developer Identifier");
    if (identifier == nullptr) continue;
    rows.push_back({Cell(identifier->text), Cell("extension"),
                    Cell(developer == nullptr ? "" : developer->text), Cell("any")});
  }
  const Plist* const plugins = meta->Find("PlugInBlacklist");
  if (plugins == nullptr) return rows;
  for (const auto& [release, entries] : plugins->entries) {
    for (const auto& [identifier, rule] : entries.entries) {
      const Plist* const version = rule.Find("MinimumPlugInBundleVersion");
      rows.push_back({Cell(identifier), Cell("plugin"), Cell(""),
                      Cell(version == nullptr ? "any" : version->text)});
    }
  }
  return rows;
}

}  // namespace sallyport
