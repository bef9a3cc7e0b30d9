// SPDX-License-Identifier: Apache-2.0
// Desktop Application Autostart Specification of freedesktop.org, System V scripts, systemd's
// units.
#include "base/text.h"
#include "collectors/osquery/account_files.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"
#include "collectors/osquery/unit_property.h"

namespace sallyport {
namespace {

constexpr size_t kMaxDesktopFile = 1 << 20;

struct DesktopEntry {
  Value name = std::monostate{};
  Value exec = std::monostate{};
  bool enabled = true;
};

// Only the group [Desktop Entry] counts; actions have a Name and an Exec, too.
DesktopEntry ParseDesktopEntry(std::string_view text) {
  DesktopEntry out;
  bool ours = false;
  for (const std::string_view line : Lines(text)) {
    if (line.starts_with('[')) ours = Trim(line) == "[Desktop Entry]";
    const size_t equals = line.find('=');
    if (!ours || equals == std::string_view::npos) continue;
    const std::string_view key = Trim(line.substr(0, equals));
    const std::string_view value = Trim(line.substr(equals + 1));
    if (key == "Name") out.name = Cell(value);
    if (key == "Exec") out.exec = Cell(value);
    if (key == "Hidden" && value == "true") out.enabled = false;
    if (key == "X-GNOME-Autostart-enabled" && value == "false") out.enabled = false;
  }
  return out;
}

// Folders that are not there start nothing.
Result<std::vector<DirEntry>> ListFiles(const Host& host, const std::string& folder) {
  auto entries = host.ListDir(folder);
  if (!entries && entries.error().code == Code::kNotFound) return std::vector<DirEntry>();
  if (entries) std::erase_if(*entries, [](auto& e) { return e.type == FileType::kDirectory; });
  return entries;
}

Status AddDesktopEntries(const Host& host, const std::string& folder, const Value& user,
                         TableRows* rows) {
  const auto files = ListFiles(host, folder);
  if (!files) return tl::unexpected(files.error());
  for (const DirEntry& file : *files) {
    const auto text = host.ReadFile(folder + file.name, kMaxDesktopFile);
    if (!text && text.error().code == Code::kNotFound) continue;  // a link that leads nowhere
    DesktopEntry entry = text ? ParseDesktopEntry(*text) : DesktopEntry{Unknown{}, Unknown{}};
    rows->Add({{"name", entry.name},
               {"path", entry.exec},
               {"type", Cell("Startup Item")},
               {"source", Cell(folder)},
               {"status", text ? Cell(entry.enabled ? "enabled" : "disabled") : Cell(Unknown{})},
               {"username", user}});
  }
  return {};
}

Status AddScripts(const Host& host, const std::string& folder, const Value& user, TableRows* rows) {
  const auto files = ListFiles(host, folder);
  if (!files) return tl::unexpected(files.error());
  for (const DirEntry& file : *files) {
    rows->Add({{"name", Cell(file.name)},
               {"path", Cell(folder + file.name)},
               {"type", Cell("Startup Item")},
               {"source", Cell(folder)},
               {"status", Cell("enabled")},
               {"username", user}});
  }
  return {};
}

Status AddOfUsers(const Host& host, TableRows* rows) {
  const auto text = host.ReadFile("/etc/passwd");
  if (!text) return tl::unexpected(text.error());
  const auto accounts = ParsePasswd(*text);
  if (!accounts) return tl::unexpected(accounts.error());
  for (const Account& account : *accounts) {
    if (!account.home.starts_with('/') || account.home == "/") continue;
    const std::string config = account.home + "/.config/";
    const Value user = Cell(account.name);
    if (const Status ok = AddDesktopEntries(host, config + "autostart/", user, rows); !ok)
      return ok;
    if (const Status ok = AddScripts(host, config + "autostart-scripts/", user, rows); !ok)
      return ok;
  }
  return {};
}

// sd_booted(3): systemd runs where this folder is.
Status AddUnits(const Host& host, TableRows* rows) {
  const auto booted = host.Stat("/run/systemd/system");
  if (!booted) {
    return booted.error().code == Code::kNotFound ? Status() : tl::unexpected(booted.error());
  }
  const auto units = host.SystemdUnits();
  if (!units) return tl::unexpected(units.error());
  for (const SystemdUnit& unit : *units) {
    const bool service = unit.id.ends_with(".service");
    rows->Add({{"name", Cell(unit.id)},
               {"path", UnitProperty(host, unit, "Unit", "FragmentPath")},
               {"type", Cell("systemd unit")},
               {"source", UnitProperty(host, unit, "Unit", "SourcePath")},
               {"status", Cell(unit.active_state)},
               {"username", service ? UnitProperty(host, unit, "Service", "User") : Cell("")}});
  }
  return {};
}

}  // namespace

Result<Rows> StartupItemsLinux(const Host& host, const Keys& keys) {
  TableRows rows(kStartupItems);
  const Value nobody = std::monostate{};
  if (const Status ok = AddOfUsers(host, &rows); !ok) return tl::unexpected(ok.error());
  if (const Status ok = AddScripts(host, "/etc/init.d/", nobody, &rows); !ok) {
    return tl::unexpected(ok.error());
  }
  if (const Status ok = AddDesktopEntries(host, "/etc/xdg/autostart/", nobody, &rows); !ok) {
    return tl::unexpected(ok.error());
  }
  if (const Status ok = AddUnits(host, &rows); !ok) return tl::unexpected(ok.error());
  return rows.Take(keys);
}

}  // namespace sallyport
