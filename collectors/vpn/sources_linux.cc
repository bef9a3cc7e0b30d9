// SPDX-License-Identifier: Apache-2.0
#include "collectors/vpn/sources.h"

#include "collectors/answers.h"
#include "collectors/vpn/config_text.h"
#include "collectors/vpn/ipsec_conf.h"
#include "collectors/vpn/networkmanager.h"
#include "collectors/vpn/openvpn.h"
#include "collectors/vpn/ppp.h"
#include "collectors/vpn/swanctl.h"
#include "collectors/vpn/swanctl_model.h"
#include "collectors/vpn/wireguard.h"

namespace sallyport {
namespace {

using AddSettings = Status (*)(const SettingsSection& root, VpnConfiguration* out);

Status ReadSettings(const Host& host, const char* path, AddSettings add, VpnConfiguration* out) {
  const Result<SettingsSection> root = LoadSettings(host, path);
  if (root) return add(*root, out);
  if (root.error().code == Code::kNotFound) return {};
  return tl::unexpected(root.error());
}

Status ReadIpsecConf(const Host& host, VpnConfiguration* out) {
  const auto sections = LoadIpsecConf(host, "/etc/ipsec.conf");
  if (sections) return AddIpsecConf(*sections, out);
  if (sections.error().code == Code::kNotFound) return {};
  return tl::unexpected(sections.error());
}

using AddSecrets = Status (*)(const Host& host, const std::string& path, VpnConfiguration* out);

// Asked for first: whoever may not read it may see that it is not there.
Status ReadSecrets(const Host& host, const std::string& path, AddSecrets add,
                   VpnConfiguration* out) {
  const Result<FileStat> stat = host.Stat(path);
  if (!stat && stat.error().code == Code::kNotFound) return {};
  return add(host, path, out);
}

using AddText = Status (*)(std::string_view text, const std::string& file, VpnConfiguration* out);

Status AddOpenvpnFile(std::string_view text, const std::string& file, VpnConfiguration* out) {
  const auto options = ParseOpenvpn(text, file);
  if (!options) return tl::unexpected(options.error());
  const std::string name = BaseName(file);
  AddOpenvpn(*options, "openvpn", name.substr(0, name.rfind('.')),
             {.file = file, .line = 1, .column = 1}, out);
  return {};
}

// A folder whose files are a connection each.
struct Folder {
  const char* path;
  std::string_view suffix;
  const char* client;
  Bom bom;
  AddText add;
};

// NetworkManager takes a name without a suffix too, nm-settings-keyfile(5).
constexpr Folder kFolders[] = {
    {"/etc/NetworkManager/system-connections", "", "networkmanager", Bom::kRefuse, AddKeyfile},
    {"/run/NetworkManager/system-connections", "", "networkmanager", Bom::kRefuse, AddKeyfile},
    {"/usr/lib/NetworkManager/system-connections", "", "networkmanager", Bom::kRefuse, AddKeyfile},
    {"/etc/wireguard", ".conf", "wireguard", Bom::kRefuse, AddWgQuick},
    {"/etc/openvpn", ".conf", "openvpn", Bom::kSkip, AddOpenvpnFile},
    {"/etc/openvpn/client", ".conf", "openvpn", Bom::kSkip, AddOpenvpnFile},
    {"/etc/openvpn/server", ".conf", "openvpn", Bom::kSkip, AddOpenvpnFile},
};
constexpr size_t kMaxFilesOfFolder = 1'000;

// What cannot be understood is a row of unknown cells in each table: anything may lie in it, also a
// secret.
void AddUnreadable(const Folder& folder, const std::string& file, const Error& error,
                   VpnConfiguration* out) {
  VpnConnection row;
  row.client = folder.client;
  row.name = BaseName(file);
  const Span where = {.file = file, .line = 1, .column = 1};
  row.where = where;
  for (Value* cell : {&row.ike_version, &row.local_id, &row.remote_id, &row.eap_method,
                      &row.aggressive, &row.proposals, &row.esp_proposals, &row.ah_proposals,
                      &row.mode, &row.start_action, &row.revocation}) {
    *cell = Unknown{};
  }
  row.problem = Cell(error.message);
  out->connections.push_back(std::move(row));
  VpnCredential credential;
  credential.client = folder.client;
  credential.path = Cell(file);
  credential.where = where;
  out->credentials.push_back(std::move(credential));
  VpnAlgorithm algorithm;
  VpnRoute route;
  VpnRevocation revocation;
  algorithm.connection = route.connection = revocation.connection = BaseName(file);
  algorithm.client = route.client = revocation.client = folder.client;
  algorithm.where = route.where = revocation.where = where;
  out->algorithms.push_back(std::move(algorithm));
  out->routes.push_back(std::move(route));
  out->revocations.push_back(std::move(revocation));
  VpnSwitch setting;
  setting.client = folder.client;
  setting.connection = Cell(BaseName(file));
  setting.value = setting.known = setting.weak = Unknown{};
  setting.where = where;
  out->switches.push_back(std::move(setting));
}

Status ReadFolder(const Host& host, const Folder& folder, VpnConfiguration* out) {
  // Asked for first: whoever may not list it may see that it is not there.
  const Result<FileStat> stat = host.Stat(folder.path);
  if (!stat && stat.error().code == Code::kNotFound) return {};
  const auto entries = host.ListDir(folder.path);
  if (!entries) {
    if (entries.error().code == Code::kNotFound) return {};
    return tl::unexpected(entries.error());
  }
  size_t count = 0;
  for (const DirEntry& entry : *entries) {
    const bool hidden = entry.name.starts_with('.') || entry.name.ends_with('~');
    if (hidden || entry.type == FileType::kDirectory || !entry.name.ends_with(folder.suffix)) {
      continue;
    }
    if (++count > kMaxFilesOfFolder) {
      return Fail(Code::kTooLarge, std::string(folder.path) + ": more files than the bound allows");
    }
    const std::string file = std::string(folder.path) + "/" + entry.name;
    const Result<std::string> text = ReadConfigText(host, file, folder.bom);
    if (!text && text.error().code == Code::kDenied) return tl::unexpected(text.error());
    if (!text && text.error().code == Code::kNotFound) continue;  // it is gone
    const Status added = text ? folder.add(*text, file, out) : tl::unexpected(text.error());
    if (!added) AddUnreadable(folder, file, added.error(), out);
  }
  return {};
}

// Mode and age of the files that hold secrets.
void LookAtFiles(const Host& host, VpnConfiguration* out) {
  for (VpnCredential& credential : out->credentials) {
    if (IsUnknown(credential.path)) continue;
    const std::string* path = std::get_if<std::string>(&credential.path);
    if (!path) {
      credential.others_read = credential.modified = Cell(std::nullopt);
      continue;
    }
    const Result<FileStat> stat = host.Stat(*path);
    if (!stat) continue;
    credential.others_read = Cell((stat->mode & 0004) != 0);
    credential.modified = Cell(stat->modified_s);
  }
}

}  // namespace

Result<VpnConfiguration> ReadVpnLinux(const Host& host, bool with_secrets) {
  VpnConfiguration out;
  const auto read = [&]() -> Status {
    if (auto s = ReadSettings(host, "/etc/swanctl/swanctl.conf", AddSwanctl, &out); !s) return s;
    if (auto s = ReadSettings(host, "/etc/strongswan.conf", AddStrongswanSwitches, &out); !s) {
      return s;
    }
    if (auto s = ReadIpsecConf(host, &out); !s) return s;
    for (const Folder& folder : kFolders) {
      if (auto s = ReadFolder(host, folder, &out); !s) return s;
    }
    if (!with_secrets) return {};
    if (auto s = ReadSecrets(host, "/etc/ipsec.secrets", AddIpsecSecrets, &out); !s) return s;
    for (const char* path : {"/etc/ppp/chap-secrets", "/etc/ppp/pap-secrets"}) {
      if (auto s = ReadSecrets(host, path, AddPppSecrets, &out); !s) return s;
    }
    return {};
  };
  if (const Status done = read(); !done) return tl::unexpected(done.error());
  LookAtFiles(host, &out);
  return out;
}

}  // namespace sallyport
