// SPDX-License-Identifier: Apache-2.0
// What a machine's VPN configurations say, whatever program reads them: the one model that each
// reader fills and each table of VPNs shows.
//
// A field that is a Value is a cell: NULL where the question does not apply, Unknown where it does
// and the configuration could not be understood. Nothing here holds a secret, nor what a reader did
// not understand: only that it is there, and where.
#pragma once

#include <string>
#include <vector>

#include "base/table.h"
#include "collectors/vpn/span.h"

namespace sallyport {

struct VpnConnection {
  std::string client;  // the program, and for NetworkManager its plug-in: "networkmanager-l2tp"
  std::string name;
  Span where;
  Value protocol = Unknown{};  // ikev2 ikev1 any l2tp_ipsec l2tp pptp sstp openvpn openconnect
                               // wireguard ppp
  Value ike_version = Cell(std::nullopt);
  Value side = Unknown{};  // client server peer
  Value remote_addrs = Unknown{};
  Value local_id = Cell(std::nullopt);
  Value remote_id = Cell(std::nullopt);
  Value local_auth = Unknown{};
  Value remote_auth = Unknown{};
  Value eap_method =
      Cell(std::nullopt);          // of the own side, or what a server demands of its clients
  Value server_check = Unknown{};  // name, chain, key, psk, none
  Value uses_psk = Unknown{};
  Value aggressive = Cell(std::nullopt);
  Value proposals = Cell(std::nullopt);
  Value esp_proposals = Cell(std::nullopt);
  Value ah_proposals = Cell(std::nullopt);
  Value weak_proposals = Unknown{};
  Value pfs = Unknown{};
  Value mode = Cell(std::nullopt);
  Value remote_ts = Unknown{};
  Value split_tunnel = Unknown{};
  Value fallback = Unknown{};
  Value start_action = Cell(std::nullopt);
  Value autostart = Unknown{};
  Value revocation = Cell(std::nullopt);
  Value problem =
      Cell(std::nullopt);  // why the program would not load it, or what was not understood
};

// An algorithm that is offered.
struct VpnAlgorithm {
  std::string connection;
  std::string client;
  Value phase = Unknown{};  // ike esp ah tls data ppp
  Value child = Cell(std::nullopt);
  int proposal = 1;             // in the order of preference
  Value algorithm = Unknown{};  // as the program's configuration names it: aes256gcm16
  Value kind = Unknown{};       // encryption integrity prf key_exchange
  Value key_bits = Unknown{};   // NULL: the algorithm has no key length of its own
  Value weak = Unknown{};
  bool from_default = false;  // not written: the program adds it
  Span where;
};

struct VpnCredential {
  Value connection = Cell(std::nullopt);  // NULL: not of one connection
  std::string client;
  Value kind =
      Unknown{};  // psk eap password private_key certificate ca_certificate pin static_key ...
  Value owner = Cell(std::nullopt);     // whose, or for which peers, as written
  Value any_peer = Cell(std::nullopt);  // 1: counts for every peer
  Value storage = Unknown{};            // config file keyring prompt token none
  Value sealed = Unknown{};             // 0: lies readable in `path`
  Value path = Cell(std::nullopt);
  Value others_read = Unknown{};  // 1: the mode lets others than owner and group read `path`
  Value modified = Unknown{};     // of `path`
  Value not_after = Cell(std::nullopt);
  Value key_bits = Cell(std::nullopt);
  Span where;
};

struct VpnRoute {
  std::string connection;
  std::string client;
  Value child = Cell(std::nullopt);
  Value destination = Unknown{};        // 10.1.0.0/16, 0.0.0.0/0, dynamic, server
  Value protocol = Cell(std::nullopt);  // "17/1701": only that
  Value everything = Unknown{};         // 1: all of IPv4 or of IPv6
  Span where;
};

struct VpnRevocation {
  std::string connection;
  std::string client;
  Value round = Cell(std::nullopt);
  Value policy = Unknown{};    // strict ifuri relaxed crl none
  Value enforced = Unknown{};  // 1: a certificate whose state cannot be told is refused
  Span where;
};

// A switch of a whole program, and each setting that a reader did not know.
struct VpnSwitch {
  std::string client;
  Value connection = Cell(std::nullopt);
  Value name = Unknown{};
  Value value = Cell(std::nullopt);  // NULL for a setting that is not known: it may be a secret
  Value known = Cell(1);
  bool from_default = false;
  Value weak = Cell(std::nullopt);  // 1: as it stands it weakens; NULL: not known
  Span where;
};

struct VpnConfiguration {
  std::vector<VpnConnection> connections;
  std::vector<VpnAlgorithm> algorithms;
  std::vector<VpnCredential> credentials;
  std::vector<VpnRoute> routes;
  std::vector<VpnRevocation> revocations;
  std::vector<VpnSwitch> switches;
};

}  // namespace sallyport
