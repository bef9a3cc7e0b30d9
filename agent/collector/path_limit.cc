// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/path_limit.h"

#include <algorithm>
#include <span>

#include "attestation/durable_file.h"
#include "base/text.h"

namespace sallyport {
namespace {

constexpr std::string_view kNeverUnix[] = {
    // Password hashes, passwd(5).
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/gshadow",
    "/etc/gshadow-",
    "/etc/security/opasswd",
    // Private keys and shared secrets of VPNs and TLS servers.
    "/etc/ssl/private",
    "/etc/ipsec.d/private",
    "/**/swanctl/private",
    "/**/swanctl/rsa",
    "/**/swanctl/ecdsa",
    "/**/swanctl/pkcs8",
    "/**/swanctl/pkcs12",
    "/**/swanctl/*.key",
    "/**/openvpn/**/*.key",
    "/**/openvpn/**/*.p12",
    "/etc/krb5.keytab",
    "/etc/ssh/ssh_host_*_key",
    "/**/.ssh",
    "/**/.netrc",
    "/etc/apt/auth.conf",
    "/etc/apt/auth.conf.d",
    "/**/.aws",
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

// Where VPN clients keep settings and secrets together.
constexpr std::string_view kMixedUnix[] = {
    "/etc/ipsec.secrets",
    "/etc/ppp/chap-secrets",
    "/etc/ppp/pap-secrets",
    "/etc/wireguard",
    "/etc/NetworkManager/system-connections",
};
constexpr std::string_view kMixedMacos[] = {
    "/private/etc/ipsec.secrets",
    "/private/etc/ppp/chap-secrets",
    "/private/etc/ppp/pap-secrets",
    "/private/etc/wireguard",
};

// Beside kNeverUnix. /etc, /var and /tmp are links into /private.
constexpr std::string_view kNeverMacos[] = {
    // Password hashes, opendirectoryd(8), and what unlocks FileVault without a user.
    "/etc/master.passwd",
    "/private/etc/master.passwd",
    "/**/var/db/dslocal",
    "/**/var/db/FileVaultPRK.dat",
    "/**/var/db/SystemKey",
    // Private keys and shared secrets.
    "/private/etc/ssl/private",
    "/private/etc/ipsec.d/private",
    "/private/etc/krb5.keytab",
    "/private/etc/ssh/ssh_host_*_key",
    "/**/etc/racoon/psk.txt",
    "/**/*.tblk/**/*.key",
    "/**/*.tblk/**/*.p12",
    // Key chains, browser, mail and message stores.
    "/**/Library/Keychains",
    "/**/Library/Safari",
    "/**/Library/Cookies",
    "/**/Library/Containers/com.apple.Safari",
    "/**/Library/Mail",
    "/**/Library/Messages",
    "/**/Application Support/Google/Chrome",
    "/**/Application Support/Chromium",
    "/**/Application Support/Microsoft Edge",
    "/**/Application Support/BraveSoftware",
    "/**/Application Support/Firefox",
    "/**/Application Support/Arc",
    "/**/Application Support/Vivaldi",
    "/**/Application Support/com.operasoftware.Opera",
    "/**/Library/Thunderbird",
    // Memory, written out.
    "/**/var/vm",
};

constexpr std::string_view kNeverWindows[] = {
    // Registry hives with password hashes and LSA secrets (passwords and pre-shared keys of
    // rasphone's connections among them), the profile of SYSTEM, a domain's database.
    "/**/System32/config",
    "/**/Windows/NTDS",
    "/HKEY_LOCAL_MACHINE/SAM",
    "/HKEY_LOCAL_MACHINE/SECURITY",
    // Private keys, master keys and stored passwords of the machine and of users (DPAPI).
    "/**/Microsoft/Crypto",
    "/**/Microsoft/Protect",
    "/**/Microsoft/Credentials",
    "/**/Microsoft/Vault",
    "/**/Microsoft/Wlansvc/Profiles",
    "/**/Windows/Panther/*unattend*",
    "/**/System32/Sysprep/*unattend*",
    // Private keys and shared secrets of VPNs and SSH.
    "/**/WireGuard/Data",
    "/**/OpenVPN/**/*.key",
    "/**/OpenVPN/**/*.p12",
    "/**/swanctl/private",
    "/**/swanctl/rsa",
    "/**/swanctl/ecdsa",
    "/**/swanctl/pkcs8",
    "/**/swanctl/pkcs12",
    "/**/ProgramData/ssh/ssh_host_*_key",
    "/**/.ssh",
    "/**/.gnupg",
    "/**/AppData/Roaming/gnupg",
    // The agent's own.
    "/**/Sallyport/agent",
    // Browser and mail stores.
    "/**/AppData/*/Google/Chrome",
    "/**/AppData/*/Chromium",
    "/**/AppData/*/Microsoft/Edge",
    "/**/AppData/*/BraveSoftware",
    "/**/AppData/*/Opera Software",
    "/**/AppData/*/Vivaldi",
    "/**/AppData/*/Mozilla",
    "/**/AppData/*/Thunderbird",
    // Memory, and copies of the disk.
    "/*/pagefile.sys",
    "/*/swapfile.sys",
    "/*/hiberfil.sys",
    "/**/Windows/MEMORY.DMP",
    "/**/Windows/Minidump",
    "/*/System Volume Information",
};

// The next character of UTF-8 text, as many bytes; one byte of what is no UTF-8.
size_t CharacterSize(std::string_view text) {
  size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
  return size;
}

// Both in lower case. Beyond ASCII the pattern's character stands for any one.
bool SameWithoutCase(std::string_view pattern, std::string_view name) {
  while (!pattern.empty() && !name.empty()) {
    const bool ascii = static_cast<unsigned char>(pattern[0]) < 0x80;
    if (ascii && pattern[0] != name[0]) return false;
    pattern.remove_prefix(CharacterSize(pattern));
    name.remove_prefix(CharacterSize(name));
  }
  return pattern.empty() && name.empty();
}

bool Matches(Os os, std::string_view pattern, std::string_view name) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) {
    return os == Os::kLinux ? pattern == name : SameWithoutCase(pattern, name);
  }
  const std::string_view rest = pattern.substr(star + 1);
  for (size_t at = 0; at <= name.size(); ++at) {
    if (!Matches(os, pattern.substr(0, star), name.substr(0, at))) continue;
    for (size_t from = at; from <= name.size(); ++from) {
      if (Matches(os, rest, name.substr(from))) return true;
    }
    return false;
  }
  return false;
}

bool Covers(Os os, std::span<const std::string> pattern, std::span<const std::string> path) {
  if (pattern.empty()) return true;
  if (pattern[0] == "**") {
    for (size_t skip = 0; skip <= path.size(); ++skip) {
      if (Covers(os, pattern.subspan(1), path.subspan(skip))) return true;
    }
    return false;
  }
  return !path.empty() && Matches(os, pattern[0], path[0]) &&
         Covers(os, pattern.subspan(1), path.subspan(1));
}

// "C:\a" or "C:/a", a key, "\a" or "/a".
bool IsAbsolute(Os os, std::string_view pattern) {
  if (pattern.starts_with('/')) return true;
  if (os != Os::kWindows) return false;
  return pattern.starts_with('\\') || Lower(pattern).starts_with("hkey_") ||
         (pattern.size() > 2 && pattern[1] == ':' && (pattern[2] == '\\' || pattern[2] == '/'));
}

}  // namespace

PathLimit PathLimit::Default(Os os) {
  PathLimit limit(os);
  if (os == Os::kWindows) {
    for (std::string_view pattern : kNeverWindows) limit.Add(pattern);
  } else {
    for (std::string_view pattern : kNeverUnix) limit.Add(pattern);
    for (std::string_view pattern : kMixedUnix) limit.Add(pattern, true);
  }
  if (os == Os::kMacos) {
    for (std::string_view pattern : kNeverMacos) limit.Add(pattern);
    for (std::string_view pattern : kMixedMacos) limit.Add(pattern, true);
  }
  return limit;
}

Result<PathLimit> PathLimit::Load(Os os, const std::string& file) {
  if (file.empty()) return Default(os);
  const auto text = ReadSmallFile(file);
  if (!text) return tl::unexpected(text.error());
  auto parsed = Parse(os, *text);
  if (!parsed) return Wrap(parsed.error(), file);
  return parsed;
}

Result<PathLimit> PathLimit::Parse(Os os, std::string_view text) {
  PathLimit limit = Default(os);
  size_t number = 0;
  for (std::string_view line : Lines(text)) {
    ++number;
    const std::string_view pattern = Trim(line);
    if (pattern.empty() || pattern.starts_with('#')) continue;
    if (!IsAbsolute(os, pattern)) {
      return Fail(Code::kMalformed,
                  "line " + std::to_string(number) + ": not absolute: " + Excerpt(pattern));
    }
    limit.Add(pattern);
  }
  return limit;
}

PathLimit PathLimit::ForVpnReaders() const {
  PathLimit limit = *this;
  std::erase_if(limit.patterns_, [](const Pattern& pattern) { return pattern.mixed; });
  return limit;
}

void PathLimit::Add(std::string_view pattern, bool mixed) {
  patterns_.push_back({PartsOf(pattern), mixed});
}

PathLimit::Parts PathLimit::PartsOf(std::string_view path) const {
  std::string text = os_ == Os::kLinux ? std::string(path) : Lower(path);
  if (os_ == Os::kWindows) std::ranges::replace(text, '\\', '/');
  Parts parts;
  for (std::string_view part : Split(text, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.emplace_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  return parts;
}

Status PathLimit::Check(std::string_view path) const {
  const Parts parts = PartsOf(path);
  for (const Pattern& pattern : patterns_) {
    if (!Covers(os_, pattern.parts, parts)) continue;
    return Fail(Code::kDenied, std::string(path) + ": never read here (local limit /" +
                                   Join(pattern.parts, "/") + ")");
  }
  return {};
}

}  // namespace sallyport
