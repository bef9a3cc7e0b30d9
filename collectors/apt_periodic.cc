// SPDX-License-Identifier: Apache-2.0
#include "collectors/apt_periodic.h"

#include <optional>
#include <string>

#include "base/text.h"
#include "collectors/dpkg_status.h"

namespace sallyport {
namespace {

constexpr char kConfigFolder[] = "/etc/apt/apt.conf.d";
constexpr std::string_view kOption = "apt::periodic::unattended-upgrade";

// APT::Periodic::Unattended-Upgrade "1";  The name's case is of no account, apt.conf(5).
std::optional<std::string> OptionIn(std::string_view line) {
  line = Trim(line);
  if (Lower(line.substr(0, kOption.size())) != kOption) return std::nullopt;
  std::string value;
  for (char c : Trim(line.substr(kOption.size()))) {
    if (c == ';') break;
    if (c != '"' && c != ' ') value.push_back(c);
  }
  return value;
}

bool IsComment(std::string_view line) {
  return Trim(line).starts_with("//") || Trim(line).starts_with('#');
}

struct Configured {
  std::string value;
  bool certain = true;
};

Configured ReadConfiguration(const Host& host) {
  Configured out;
  const auto entries = host.ListDir(kConfigFolder);
  if (!entries) {
    out.certain = entries.error().code == Code::kNotFound;
    return out;
  }
  for (const DirEntry& entry : *entries) {
    const Result<std::string> text = host.ReadFile(std::string(kConfigFolder) + "/" + entry.name);
    if (!text) {
      out.certain = false;
      continue;
    }
    for (std::string_view line : Lines(*text)) {
      if (IsComment(line)) continue;
      if (const auto value = OptionIn(line)) {
        out.value = *value;
      } else if (Lower(line).find("unattended-upgrade ") != std::string::npos) {
        out.certain = false;
      }
    }
  }
  return out;
}

bool SomethingStartsIt(const Host& host) {
  if (!host.Stat("/run/systemd/system")) return host.Stat("/etc/cron.daily/apt-compat").has_value();
  const std::string units = "/etc/systemd/system/";
  const Result<std::string> masked = host.ReadLink(units + "apt-daily-upgrade.timer");
  if (masked && *masked == "/dev/null") return false;
  return host.ReadLink(units + "timers.target.wants/apt-daily-upgrade.timer").has_value();
}

}  // namespace

Value InstallsUpdatesByItself(const Host& host, std::string_view dpkg_status) {
  if (!InstalledVersion(dpkg_status, "unattended-upgrades")) return Cell(false);
  const Configured configured = ReadConfiguration(host);
  if (!configured.certain) return Unknown{};
  if (configured.value.empty() || configured.value == "0") return Cell(false);
  return Cell(SomethingStartsIt(host));
}

}  // namespace sallyport
