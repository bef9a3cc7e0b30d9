// SPDX-License-Identifier: Apache-2.0
// The tables of VPNs: rows of one model.
#include <type_traits>

#include "collectors/vpn/model.h"
#include "collectors/vpn/sources.h"
#include "collectors/vpn_connections.h"
#include "collectors/vpn_credentials.h"
#include "collectors/vpn_proposals.h"
#include "collectors/vpn_revocation.h"
#include "collectors/vpn_routes.h"
#include "collectors/vpn_settings.h"

namespace sallyport {
namespace {

// source, path, line, col
void AddPlace(const Span& where, Row* row) {
  row->push_back(Cell(FileAndLine(where)));
  row->push_back(Cell(where.file));
  row->push_back(Cell(where.line));
  row->push_back(Cell(where.column));
}

Row RowOf(const VpnConnection& c) {
  Row row = {Cell(c.name),     Cell(c.client), c.protocol,  c.ike_version,   c.side,
             c.remote_addrs,   c.local_id,     c.remote_id, c.local_auth,    c.remote_auth,
             c.uses_psk,       c.aggressive,   c.proposals, c.esp_proposals, c.ah_proposals,
             c.weak_proposals, c.pfs,          c.mode,      c.remote_ts,     c.split_tunnel,
             c.start_action,   c.revocation};
  AddPlace(c.where, &row);
  for (const Value& cell : {c.eap_method, c.server_check, c.fallback, c.autostart, c.problem}) {
    row.push_back(cell);
  }
  return row;
}

Row RowOf(const VpnAlgorithm& a) {
  Row row = {Cell(a.connection), Cell(a.client), a.phase,    a.child, Cell(a.proposal),
             a.algorithm,        a.kind,         a.key_bits, a.weak,  Cell(a.from_default)};
  AddPlace(a.where, &row);
  return row;
}

// A certificate that was not looked at has an end and a key all the same.
Value OfCertificate(const VpnCredential& c, const Value& told) {
  const bool may_be_one = c.kind == Cell("certificate") || IsUnknown(c.kind);
  return may_be_one && told == Cell(std::nullopt) ? Cell(Unknown{}) : told;
}

Row RowOf(const VpnCredential& c) {
  Row row = {c.connection,
             Cell(c.client),
             c.kind,
             c.owner,
             c.any_peer,
             c.storage,
             c.sealed,
             c.path,
             c.others_read,
             c.modified,
             OfCertificate(c, c.not_after),
             OfCertificate(c, c.key_bits)};
  AddPlace(c.where, &row);
  return row;
}

Row RowOf(const VpnRoute& r) {
  Row row = {Cell(r.connection), Cell(r.client), r.child, r.destination, r.protocol, r.everything};
  AddPlace(r.where, &row);
  return row;
}

Row RowOf(const VpnRevocation& r) {
  Row row = {Cell(r.connection), Cell(r.client), r.round, r.policy, r.enforced};
  AddPlace(r.where, &row);
  return row;
}

Row RowOf(const VpnSwitch& s) {
  Row row = {Cell(s.client), s.connection, s.name, s.value, s.known, Cell(s.from_default), s.weak};
  AddPlace(s.where, &row);
  return row;
}

template <typename T>
Result<Rows> RowsOf(const Host& host, std::vector<T> VpnConfiguration::*part) {
  constexpr bool kSecrets = std::is_same_v<T, VpnCredential>;
  const Result<VpnConfiguration> all = ReadVpnLinux(host, kSecrets);
  if (!all) return tl::unexpected(all.error());
  Rows rows;
  for (const T& each : (*all).*part) rows.push_back(RowOf(each));
  return rows;
}

}  // namespace

Result<Rows> VpnConnectionsLinux(const Host& host, const Keys&) {
  return RowsOf(host, &VpnConfiguration::connections);
}

Result<Rows> VpnProposalsLinux(const Host& host, const Keys&) {
  return RowsOf(host, &VpnConfiguration::algorithms);
}

Result<Rows> VpnCredentialsLinux(const Host& host, const Keys&) {
  return RowsOf(host, &VpnConfiguration::credentials);
}

Result<Rows> VpnRoutesLinux(const Host& host, const Keys&) {
  return RowsOf(host, &VpnConfiguration::routes);
}

Result<Rows> VpnRevocationLinux(const Host& host, const Keys&) {
  return RowsOf(host, &VpnConfiguration::revocations);
}

Result<Rows> VpnSettingsLinux(const Host& host, const Keys&) {
  return RowsOf(host, &VpnConfiguration::switches);
}

}  // namespace sallyport
