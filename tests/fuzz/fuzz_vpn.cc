// SPDX-License-Identifier: Apache-2.0
// One text as each kind of VPN configuration: swanctl.conf, strongswan.conf, ipsec.conf and its
// secrets, NetworkManager's keyfiles, wg-quick, OpenVPN, ppp's secrets. Nothing may crash or hang,
// and rows fit their tables.
#include <cstdlib>
#include <string>

#include "collectors/vpn_connections.h"
#include "collectors/vpn_credentials.h"
#include "collectors/vpn_proposals.h"
#include "collectors/vpn_revocation.h"
#include "collectors/vpn_routes.h"
#include "collectors/vpn_settings.h"
#include "tests/fuzz/text_host.h"

using namespace sallyport;

namespace {

struct Reader {
  const Schema& schema;
  CollectFn collect;
};

const Reader kReaders[] = {
    {kVpnConnections, VpnConnectionsLinux}, {kVpnProposals, VpnProposalsLinux},
    {kVpnCredentials, VpnCredentialsLinux}, {kVpnRoutes, VpnRoutesLinux},
    {kVpnRevocation, VpnRevocationLinux},   {kVpnSettings, VpnSettingsLinux},
};

// Every file says the text, but of the folders only one kind at a time: an error in one file of
// strongSwan's would hide the others.
class OneKind : public TextHost {
 public:
  OneKind(std::string text, std::string begin) : TextHost(text), begin_(std::move(begin)) {}

  Result<std::string> ReadFile(const std::string& path, size_t max) const override {
    if (!path.starts_with(begin_)) return Fail(Code::kNotFound, path);
    return TextHost::ReadFile(path, max);
  }
  Result<std::vector<DirEntry>> ListDir(const std::string& path) const override {
    if (!path.starts_with(begin_)) return Fail(Code::kNotFound, path);
    return std::vector<DirEntry>{{"a.conf"}};
  }
  Result<FileStat> Stat(const std::string& path) const override {
    if (!path.starts_with(begin_)) return Fail(Code::kNotFound, path);
    return TextHost::Stat(path);
  }

 private:
  std::string begin_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const char* begin :
       {"/etc/swanctl", "/etc/strongswan.conf", "/etc/ipsec.conf", "/etc/ipsec.secrets",
        "/etc/NetworkManager", "/etc/wireguard", "/etc/openvpn", "/etc/ppp"}) {
    const OneKind host(text, begin);
    for (const Reader& reader : kReaders) {
      const Result<Rows> rows = reader.collect(host, {});
      if (!rows) {
        if (rows.error().code == Code::kInternal) std::abort();  // a bug of ours
        continue;
      }
      for (const Row& row : *rows) {
        if (row.size() != reader.schema.columns.size()) std::abort();
      }
    }
  }
  return 0;
}
