// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "base/text.h"
#include "collectors/macos_protection.h"
#include "collectors/plist_reader.h"

namespace sallyport {
namespace {

constexpr char kSettings[] = "/Library/Preferences/com.apple.alf.plist";
constexpr char kTool[] = "/usr/libexec/ApplicationFirewall/socketfilterfw";
constexpr char kSoftware[] = "/System/Library/CoreServices/SystemVersion.plist";
constexpr int64_t kFirstWithoutFile = 15;

Value NumberAt(const Plist& settings, std::string_view key) {
  const Plist* const found = settings.Find(key);
  const bool number = found != nullptr && (found->kind == Plist::Kind::kInteger ||
                                           found->kind == Plist::Kind::kBoolean);
  return number ? Cell(found->number) : Cell(Unknown{});
}

Result<Rows> FromFile(const Host& host) {
  const auto settings = ReadPlist(host, kSettings);
  if (!settings) return tl::unexpected(settings.error());
  const Plist* const version = settings->Find("version");
  return Rows{{NumberAt(*settings, "allowsignedenabled"), NumberAt(*settings, "firewallunload"),
               NumberAt(*settings, "globalstate"), NumberAt(*settings, "loggingenabled"),
               NumberAt(*settings, "loggingoption"), NumberAt(*settings, "stealthenabled"),
               version == nullptr ? Cell(Unknown{}) : Cell(version->text)}};
}

// What one question is answered with, in lower case; nullopt: it is not.
std::optional<std::string> Ask(const Host& host, const char* question) {
  const auto said = host.Run({{kTool, question}});
  if (!said || said->exit_code != 0) return std::nullopt;
  return Lower(Trim(said->out));
}

bool Holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// "Firewall is enabled. (State = 1)"; 2: "Firewall is blocking all non-essential incoming
// connections. (State = 2)".
Value GlobalState(const std::string& text) {
  for (int64_t state = 0; state <= 2; ++state) {
    if (Holds(text, "(state = " + std::to_string(state) + ")")) return Cell(state);
  }
  return Unknown{};
}

// "Firewall stealth mode is on", "Stealth mode enabled", "... software ENABLED."
Value OnOrOff(const std::optional<std::string>& text) {
  if (!text) return Unknown{};
  if (Holds(*text, "disabled") || text->ends_with(" off")) return Cell(0);
  return Holds(*text, "enabled") || text->ends_with(" on") ? Cell(1) : Cell(Unknown{});
}

// "Firewall has block all state set to enabled.", "Firewall is blocking all incoming connections."
bool BlocksAll(const std::optional<std::string>& text) {
  return text && (Holds(*text, "set to enabled") || Holds(*text, "blocking all"));
}

Result<Rows> FromTool(const Host& host) {
  const auto said = host.Run({{kTool, "--getglobalstate"}});
  if (!said) return tl::unexpected(said.error());
  Value state = GlobalState(Lower(Trim(said->out)));
  if (IsUnknown(state)) {
    return Fail(Code::kMalformed, std::string(kTool) + " --getglobalstate: " + Excerpt(said->out));
  }
  if (state == Cell(1) && BlocksAll(Ask(host, "--getblockall"))) state = Cell(2);
  // Of logging and of its own version it tells no longer.
  return Rows{{OnOrOff(Ask(host, "--getallowsigned")), Unknown{}, state, Unknown{}, Unknown{},
               OnOrOff(Ask(host, "--getstealthmode")), Unknown{}}};
}

// nullopt: may not be told.
std::optional<int64_t> MajorVersion(const Host& host) {
  const auto software = ReadPlist(host, kSoftware);
  const Plist* const version = software ? software->Find("ProductVersion") : nullptr;
  if (version == nullptr) return std::nullopt;
  return ParseInt(version->text.substr(0, version->text.find('.')));
}

}  // namespace

// A file that an upgrade to 15 left behind says what was true before it.
Result<Rows> AlfMacos(const Host& host, const Keys&) {
  const std::optional<int64_t> major = MajorVersion(host);
  if (major && *major < kFirstWithoutFile) return FromFile(host);
  return FromTool(host);
}

}  // namespace sallyport
