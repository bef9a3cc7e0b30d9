// SPDX-License-Identifier: Apache-2.0
#include "collectors/paths/ssh_key_head.h"

#include "base/base64.h"
#include "base/bytes.h"
#include "base/text.h"

namespace sallyport {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kMagic("openssh-key-v1\0", 15);

Result<std::string_view> Text(ByteReader* in) {
  const auto size = in->U32();
  if (!size) return tl::unexpected(size.error());
  return in->Take(*size);
}

// The bytes of the lines, as far as they are whole groups of four.
std::string BodyBytes(std::string_view lines) {
  std::string packed;
  for (const std::string_view line : Lines(lines)) {
    if (line.starts_with("-----")) break;
    packed += Trim(line);
  }
  packed.resize(packed.size() / 4 * 4);
  auto bytes = DecodeBase64(packed);
  return bytes ? *std::move(bytes) : std::string();
}

// RFC 4253 6.6: string type, then e and n of RSA; RFC 5656 3.1: string type, string curve.
void ReadPublicKey(std::string_view blob, SshKeyHead* head) {
  ByteReader in(blob);
  const auto type = Text(&in);
  if (!type) return;
  if (*type == "ssh-ed25519") {
    head->key_type = "ed25519";
    head->bits = 256;
  } else if (type->starts_with("ecdsa-sha2-")) {
    head->key_type = "ec";
    const auto curve = Text(&in);
    if (!curve) return;
    head->group = std::string(*curve);
    if (curve->starts_with("nistp")) head->bits = ParseInt(curve->substr(5)).value_or(0);
  } else if (*type == "ssh-rsa" || *type == "ssh-dss") {
    head->key_type = *type == "ssh-rsa" ? "rsa" : "dsa";
    if (*type == "ssh-rsa" && !Text(&in)) return;
    const auto number = Text(&in);
    if (!number || number->empty()) return;
    // A leading zero keeps the number positive.
    const size_t bytes = number->size() - (number->front() == 0 ? 1 : 0);
    head->bits = static_cast<int64_t>(bytes * 8);
  }
}

// PROTOCOL.key: magic, cipher, kdf, its options, how many keys, the first public key.
SshKeyHead ReadOpenssh(std::string_view lines) {
  SshKeyHead head;
  const std::string bytes = BodyBytes(lines);
  if (!std::string_view(bytes).starts_with(kMagic)) return head;
  ByteReader in(std::string_view(bytes).substr(kMagic.size()));
  const auto cipher = Text(&in);
  if (!cipher) return head;
  head.encrypted = *cipher != "none";
  if (!Text(&in) || !Text(&in) || !in.U32()) return head;
  if (const auto blob = Text(&in)) ReadPublicKey(*blob, &head);
  return head;
}

}  // namespace

std::optional<SshKeyHead> ReadSshKeyHead(std::string_view text) {
  const size_t begin = text.find(kBegin);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(begin + kBegin.size());
  const size_t end = rest.find("-----");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view label = rest.substr(0, end);
  if (!label.ends_with("PRIVATE KEY")) return std::nullopt;
  const std::string_view body = rest.substr(std::min(rest.size(), end + 5));
  if (label == "OPENSSH PRIVATE KEY") {
    return ReadOpenssh(body.substr(std::min(body.size(), body.find('\n') + 1)));
  }
  SshKeyHead head;
  if (label == "ENCRYPTED PRIVATE KEY") {
    head.encrypted = true;
  } else {
    // RFC 1421 4.6.1.1, between the first line and the body.
    head.encrypted = body.substr(0, 200).find("Proc-Type: 4,ENCRYPTED") != std::string_view::npos;
  }
  if (label == "RSA PRIVATE KEY") head.key_type = "rsa";
  if (label == "DSA PRIVATE KEY") head.key_type = "dsa";
  if (label == "EC PRIVATE KEY") head.key_type = "ec";
  return head;
}

}  // namespace sallyport
