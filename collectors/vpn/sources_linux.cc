// SPDX-License-Identifier: Apache-2.0
#include "collectors/vpn/sources.h"

#include "collectors/vpn/ipsec_conf.h"
#include "collectors/vpn/swanctl.h"
#include "collectors/vpn/swanctl_model.h"

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

// Mode and age of the files that hold secrets.
void LookAtFiles(const Host& host, VpnConfiguration* out) {
  for (VpnCredential& credential : out->credentials) {
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
    if (!with_secrets) return {};
    return ReadSecrets(host, "/etc/ipsec.secrets", AddIpsecSecrets, &out);
  };
  if (const Status done = read(); !done) return tl::unexpected(done.error());
  LookAtFiles(host, &out);
  return out;
}

}  // namespace sallyport
