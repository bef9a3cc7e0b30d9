// SPDX-License-Identifier: Apache-2.0
#include "service/token.h"

#include <algorithm>

#include "attestation/keys.h"
#include "base/hex.h"

namespace sallyport {

std::string MakeToken() { return "spt-" + ToHex(RandomBytes(20)); }

std::string HashToken(std::string_view token) { return Sha256(token); }

std::string DeviceIdOf(std::string_view spki) { return "d-" + ToHex(Sha256(spki)).substr(0, 20); }

std::string PeerHost(std::string_view peer) {
  const size_t port = peer.rfind(':');
  return std::string(peer.substr(0, port));
}

bool GuessLimit::Allows(const std::string& host, Now now) {
  const std::lock_guard lock(mutex_);
  const auto at = hosts_.find(host);
  if (at == hosts_.end()) return true;
  if (now.boot - at->second.first >= kWindow) {
    hosts_.erase(at);
    return true;
  }
  return at->second.wrong < kGuesses;
}

void GuessLimit::Wrong(const std::string& host, Now now) {
  const std::lock_guard lock(mutex_);
  if (hosts_.size() >= kAddresses && !hosts_.contains(host)) {
    hosts_.erase(
        std::ranges::min_element(hosts_, {}, [](const auto& entry) { return entry.second.first; }));
  }
  Guesses& guesses = hosts_[host];
  if (guesses.wrong == 0 || now.boot - guesses.first >= kWindow) guesses = {0, now.boot};
  ++guesses.wrong;
}

}  // namespace sallyport
