// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/path_limit.h"

#include <algorithm>

#include "base/text.h"

namespace sallyport {
namespace {

constexpr std::string_view kNever[] = {
    // Password hashes, passwd(5).
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/gshadow",
    "/etc/gshadow-",
    // Private keys and shared secrets of VPNs and TLS servers.
    "/etc/ssl/private",
    "/etc/ipsec.secrets",
    "/etc/ipsec.d/private",
    "/etc/ppp/chap-secrets",
    "/etc/ppp/pap-secrets",
    "/**/swanctl/private",
    "/**/swanctl/rsa",
    "/**/swanctl/ecdsa",
    "/**/swanctl/pkcs8",
    "/**/swanctl/pkcs12",
    "/**/swanctl/*.key",
    "/etc/ssh/ssh_host_*_key",
    "/**/.ssh",
    // Key rings, password and browser stores.
    "/**/.gnupg",
    "/**/.password-store",
    "/**/.local/share/keyrings",
    "/**/.local/share/kwalletd",
    "/**/.mozilla",
    "/**/.thunderbird",
    "/**/.config/google-chrome",
    "/**/.config/chromium",
    "/**/.config/microsoft-edge",
    "/**/.config/BraveSoftware",
    "/home/*/snap",
    "/home/*/.var",
    // Memory and environment of processes.
    "/proc/kcore",
    "/proc/*/mem",
    "/proc/*/environ",
};

bool Matches(std::string_view pattern, std::string_view name) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (size_t at = star; at <= name.size(); ++at) {
    if (Matches(rest, name.substr(at))) return true;
  }
  return false;
}

std::vector<std::string> PartsOf(std::string_view path) {
  std::vector<std::string> parts;
  for (std::string_view part : Split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.emplace_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  return parts;
}

}  // namespace

PathLimit PathLimit::Default() {
  PathLimit limit;
  for (std::string_view pattern : kNever) limit.Add(pattern);
  return limit;
}

Result<PathLimit> PathLimit::Parse(std::string_view text) {
  PathLimit limit = Default();
  size_t number = 0;
  for (std::string_view line : Lines(text)) {
    ++number;
    const std::string_view pattern = Trim(line);
    if (pattern.empty() || pattern.starts_with('#')) continue;
    if (!pattern.starts_with('/')) {
      return Fail(Code::kMalformed,
                  "line " + std::to_string(number) + ": not absolute: " + Excerpt(pattern));
    }
    limit.Add(pattern);
  }
  return limit;
}

void PathLimit::Add(std::string_view pattern) { patterns_.push_back(PartsOf(pattern)); }

bool PathLimit::Covers(const Parts& pattern, size_t p, const Parts& path, size_t i) {
  if (p == pattern.size()) return true;
  if (pattern[p] == "**") {
    for (size_t skip = i; skip <= path.size(); ++skip) {
      if (Covers(pattern, p + 1, path, skip)) return true;
    }
    return false;
  }
  return i < path.size() && Matches(pattern[p], path[i]) && Covers(pattern, p + 1, path, i + 1);
}

Status PathLimit::Check(std::string_view path) const {
  const Parts parts = PartsOf(path);
  for (const Parts& pattern : patterns_) {
    if (!Covers(pattern, 0, parts, 0)) continue;
    return Fail(Code::kDenied,
                std::string(path) + ": never read here (local limit /" + Join(pattern, "/") + ")");
  }
  return {};
}

}  // namespace sallyport
