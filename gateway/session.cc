// SPDX-License-Identifier: Apache-2.0
#include "gateway/session.h"

#include <charconv>

#include "attestation/certificates.h"
#include "base/text.h"

namespace sallyport::gateway {
namespace {

using vici::Message;

// Before AUTH is verified the identity is only the peer's word; after DELETING it holds nothing.
bool IsEstablished(std::string_view state) { return state == "ESTABLISHED" || state == "REKEYING"; }

Result<uint64_t> UniqueId(const Message& sa) {
  const auto text = sa.Text("uniqueid");
  const auto id = text ? ParseInt(*text) : std::nullopt;
  if (!id || *id <= 0) return Fail(Code::kMalformed, "vici: an IKE_SA without uniqueid");
  return static_cast<uint64_t>(*id);
}

void AddSpis(const Message& child, std::vector<uint32_t>& out) {
  for (const char* key : {"spi-in", "spi-out"}) {
    const auto text = child.Text(key);
    uint32_t spi = 0;
    if (text &&
        std::from_chars(text->data(), text->data() + text->size(), spi, 16).ec == std::errc()) {
      out.push_back(spi);
    }
  }
}

Result<IkeSa> ParseSa(const Message& sa) {
  const auto id = UniqueId(sa);
  if (!id) return tl::unexpected(id.error());
  IkeSa out;
  out.id = *id;
  out.established = IsEstablished(sa.Text("state").value_or(""));
  out.kind = "ikev" + std::string(sa.Text("version").value_or("?"));
  // With EAP the IKE identity is not authenticated by anything.
  out.identity = std::string(sa.Text("remote-eap-id").value_or(sa.Text("remote-id").value_or("")));
  out.remote_host = std::string(sa.Text("remote-host").value_or(""));
  if (const auto* addresses = sa.ListOf("remote-vips")) {
    for (const std::string& text : *addresses) {
      if (const auto address = ParseIpv4(text)) out.addresses.push_back(*address);
    }
  }
  if (const Message* children = sa.Section("child-sas")) {
    for (const auto& entry : children->entries()) {
      const auto* child = std::get_if<Message>(&entry.value);
      if (child != nullptr) AddSpis(*child, out.spis);
    }
  }
  return out;
}

// The one section of a message beside its plain keys: {up = yes, <connection> {...}}.
const Message* OnlySection(const Message& message) {
  for (const auto& entry : message.entries()) {
    if (const auto* section = std::get_if<Message>(&entry.value)) return section;
  }
  return nullptr;
}

Result<std::optional<SaEvent>> ParseRekey(const Message& connection) {
  const Message* old = connection.Section("old");
  const Message* now = connection.Section("new");
  if (old == nullptr || now == nullptr) return Fail(Code::kMalformed, "vici: ike-rekey");
  const auto old_id = UniqueId(*old);
  auto sa = ParseSa(*now);
  if (!old_id) return tl::unexpected(old_id.error());
  if (!sa) return tl::unexpected(sa.error());
  return std::optional<SaEvent>(SaRekeyed{*old_id, *std::move(sa)});
}

Result<std::optional<SaEvent>> ParseChildRekey(const Message& connection) {
  const auto id = UniqueId(connection);
  const Message* children = connection.Section("child-sas");
  if (!id || children == nullptr) return Fail(Code::kMalformed, "vici: child-rekey");
  ChildRekeyed out{*id, {}, {}};
  for (const auto& entry : children->entries()) {
    const auto* child = std::get_if<Message>(&entry.value);
    if (child == nullptr) continue;
    if (const Message* old = child->Section("old")) AddSpis(*old, out.gone);
    if (const Message* now = child->Section("new")) AddSpis(*now, out.come);
  }
  return std::optional<SaEvent>(std::move(out));
}

}  // namespace

Result<IkeSa> ParseListedSa(const vici::Message& message) {
  const Message* sa = OnlySection(message);
  if (sa == nullptr) return Fail(Code::kMalformed, "vici: list-sa without an SA");
  return ParseSa(*sa);
}

Result<std::optional<SaEvent>> ParseSaEvent(const std::string& name, const vici::Message& message) {
  const Message* connection = OnlySection(message);
  if (connection == nullptr) return Fail(Code::kMalformed, "vici: " + name + " without an SA");
  if (name == "ike-rekey") return ParseRekey(*connection);
  if (name == "child-rekey") return ParseChildRekey(*connection);
  auto sa = ParseSa(*connection);
  if (!sa) return tl::unexpected(sa.error());
  // Down has no "up" key at all.
  const bool up = message.Text("up") == "yes";
  if (up && sa->established) return std::optional<SaEvent>(SaStands{*std::move(sa)});
  if (name == "child-updown" && sa->established) {
    ChildRekeyed gone{sa->id, std::move(sa->spis), {}};
    return std::optional<SaEvent>(std::move(gone));
  }
  if (name == "ike-updown" || !sa->established) return std::optional<SaEvent>(SaGone{sa->id});
  return std::optional<SaEvent>();
}

std::optional<std::string> DeviceOf(const std::string& identity, const std::string& trust_domain) {
  const std::string name = Lower(identity);
  const std::string tail = "." + Lower(trust_domain);
  if (!name.ends_with(tail)) return std::nullopt;
  std::string device = name.substr(0, name.size() - tail.size());
  if (!IsValidId(device)) return std::nullopt;
  return device;
}

}  // namespace sallyport::gateway
