// SPDX-License-Identifier: Apache-2.0
#include "collectors/vpn/openvpn.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/vpn/config_text.h"

namespace sallyport {
namespace {

constexpr size_t kMaxOptions = 10'000;

// options.c, parse_line(): nullopt for a quote that is not closed.
std::optional<std::vector<std::string>> WordsOf(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool blank = c == ' ' || c == '\t';
    if (!in_word && (c == '#' || c == ';')) break;
    if (!in_word && blank) continue;
    in_word = true;
    if (quote) {
      if (c == quote) {
        quote = 0;
      } else if (c == '\\' && quote == '"' && i + 1 < text.size()) {
        word.push_back(text[++i]);
      } else {
        word.push_back(c);
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (blank) {
      out.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word.push_back(c == '\\' && i + 1 < text.size() ? text[++i] : c);
    }
  }
  if (quote) return std::nullopt;
  if (in_word) out.push_back(std::move(word));
  return out;
}

class Options {
 public:
  explicit Options(const std::vector<OpenvpnOption>& all) : all_(all) {}

  // The last one counts.
  const OpenvpnOption* Find(std::string_view name) const {
    for (auto at = all_.rbegin(); at != all_.rend(); ++at) {
      if (at->name == name) return &*at;
    }
    return nullptr;
  }
  bool Has(std::string_view name) const { return Find(name) != nullptr; }
  std::string Word(std::string_view name, size_t at = 0) const {
    const OpenvpnOption* found = Find(name);
    return found && found->words.size() > at ? found->words[at] : "";
  }
  std::vector<std::string> Firsts(std::string_view name) const {
    std::vector<std::string> out;
    for (const OpenvpnOption& option : all_) {
      if (option.name == name && !option.words.empty()) out.push_back(option.words[0]);
    }
    return out;
  }

 private:
  const std::vector<OpenvpnOption>& all_;
};

// 64-bit blocks (CVE-2016-6329) and no encryption at all.
bool IsWeakCipher(const std::string& cipher) {
  constexpr std::string_view kBegin[] = {"none", "bf-", "des", "rc2", "cast5", "idea", "rc5"};
  return std::ranges::any_of(kBegin, [&](auto begin) { return cipher.starts_with(begin); });
}

bool IsKnownCipher(const std::string& cipher) {
  constexpr std::string_view kBegin[] = {"aes-", "chacha20-poly1305", "camellia-", "aria-", "seed-",
                                         "sm4-"};
  return IsWeakCipher(cipher) ||
         std::ranges::any_of(kBegin, [&](auto begin) { return cipher.starts_with(begin); });
}

bool IsWeakDigest(const std::string& digest) {
  return digest == "none" || digest.starts_with("md") || digest == "sha1" || digest == "rsa-sha1";
}

bool IsKnownDigest(const std::string& digest) {
  return IsWeakDigest(digest) || digest.starts_with("sha") || digest.starts_with("rsa-sha") ||
         digest.starts_with("blake2");
}

struct Algorithms {
  std::vector<std::string> weak;
  bool unknown = false;
};

class Connection {
 public:
  Connection(const std::vector<OpenvpnOption>& all, std::string client, std::string name,
             const Span& where, VpnConfiguration* out)
      : all_(all),
        options_(all),
        client_(std::move(client)),
        name_(std::move(name)),
        where_(where),
        out_(out) {}

  void Add() {
    const bool fixed_key = options_.Has("secret");
    const bool server = options_.Has("server") || options_.Has("tls-server") ||
                        options_.Word("mode") == "server" || options_.Has("server-bridge");
    AddCiphers(fixed_key);
    VpnConnection row;
    row.client = client_;
    row.name = name_;
    row.where = where_;
    row.protocol = Cell("openvpn");
    const std::vector<std::string> remotes = options_.Firsts("remote");
    row.side = Cell(server ? "server" : remotes.empty() && fixed_key ? "peer" : "client");
    row.remote_addrs =
        remotes.empty() ? Cell(std::nullopt) : Cell(WithoutUserInfo(Join(remotes, ",")));
    row.local_auth = Cell(LocalAuth(fixed_key));
    row.remote_auth = Cell(fixed_key ? "psk" : "pubkey");
    row.server_check = server ? Cell(std::nullopt) : Cell(ServerCheck(fixed_key));
    row.uses_psk = Cell(fixed_key);
    row.weak_proposals = algorithms_.weak.empty() && algorithms_.unknown
                             ? Cell(Unknown{})
                             : Cell(Join(algorithms_.weak, ","));
    row.pfs = Cell(!fixed_key);
    row.mode = Cell("tunnel");
    AddRoutes(server, &row);
    row.fallback = Cell(0);
    row.revocation = Cell(options_.Has("crl-verify") ? "strict" : "relaxed");
    if (fixed_key) row.revocation = Cell(std::nullopt);
    if (options_.Has("config")) row.problem = Cell("option config: other files are not followed");
    out_->connections.push_back(std::move(row));
    if (!fixed_key) AddRevocation();
    AddCredentials();
    AddSwitches();
  }

 private:
  std::string LocalAuth(bool fixed_key) const {
    if (fixed_key) return "psk";
    const bool certificate =
        options_.Has("cert") || options_.Has("pkcs12") || options_.Has("pkcs11-id");
    const bool password = options_.Has("auth-user-pass");
    if (certificate && password) return "pubkey,password";
    return password ? "password" : "pubkey";
  }

  // Without a demand on its key usage or name any client of the CA may play the server.
  const char* ServerCheck(bool fixed_key) const {
    if (fixed_key) return "psk";
    if (options_.Has("peer-fingerprint")) return "key";  // verify-hash is of the CA
    if (options_.Has("verify-x509-name") || options_.Has("tls-remote")) return "name";
    const bool usage = options_.Word("remote-cert-tls") == "server" ||
                       options_.Word("ns-cert-type") == "server" ||
                       options_.Has("remote-cert-eku") || options_.Has("remote-cert-ku");
    return usage ? "chain" : "none";
  }

  void AddAlgorithm(const std::string& word, const char* kind, int proposal, bool known, bool weak,
                    const OpenvpnOption* from) {
    VpnAlgorithm row;
    row.connection = name_;
    row.client = client_;
    row.phase = Cell("data");
    row.proposal = proposal;
    row.algorithm = Cell(word);
    if (known) {
      row.kind = Cell(kind);
      row.weak = Cell(weak);
      row.key_bits = Cell(std::nullopt);
      for (int bits : {128, 192, 256}) {
        if (word.find("-" + std::to_string(bits)) != std::string::npos) row.key_bits = Cell(bits);
      }
    }
    row.from_default = from == nullptr;
    row.where = from ? from->where : where_;
    out_->algorithms.push_back(row);
    algorithms_.unknown = algorithms_.unknown || !known;
    if (weak && std::ranges::find(algorithms_.weak, word) == algorithms_.weak.end()) {
      algorithms_.weak.push_back(word);
    }
  }

  void AddCipherList(const std::string& list, const OpenvpnOption* from, int* proposal) {
    for (std::string_view part : Split(list, ':')) {
      std::string cipher = Lower(Trim(part));
      if (cipher.starts_with('?')) cipher.erase(0, 1);
      if (cipher.empty()) continue;
      const bool aead = cipher.ends_with("-gcm") || cipher == "chacha20-poly1305";
      needs_digest_ = needs_digest_ || (IsKnownCipher(cipher) && !aead);
      AddAlgorithm(cipher, "encryption", (*proposal)++, IsKnownCipher(cipher), IsWeakCipher(cipher),
                   from);
    }
  }

  // openvpn(8), 2.6: data-ciphers, by default AES-256-GCM:AES-128-GCM:CHACHA20-POLY1305; `cipher`
  // joins them up to 2.5 and counts alone with a static key, where its default is BF-CBC.
  void AddCiphers(bool fixed_key) {
    int proposal = 1;
    const OpenvpnOption* list = options_.Find("data-ciphers");
    if (!list) list = options_.Find("ncp-ciphers");
    if (!fixed_key) {
      AddCipherList(list && !list->words.empty() ? list->words[0]
                                                 : "AES-256-GCM:AES-128-GCM:CHACHA20-POLY1305",
                    list, &proposal);
    }
    const OpenvpnOption* cipher = options_.Find("cipher");
    if (cipher && !cipher->words.empty()) AddCipherList(cipher->words[0], cipher, &proposal);
    if (!cipher && fixed_key) AddCipherList("BF-CBC", nullptr, &proposal);
    const OpenvpnOption* fallback = options_.Find("data-ciphers-fallback");
    if (fallback && !fallback->words.empty()) {
      AddCipherList(fallback->words[0], fallback, &proposal);
    }
    const OpenvpnOption* auth = options_.Find("auth");
    const std::string digest = auth && !auth->words.empty() ? Lower(auth->words[0]) : "";
    if (!digest.empty()) {
      AddAlgorithm(digest, "integrity", 1, IsKnownDigest(digest), IsWeakDigest(digest), auth);
    } else if (needs_digest_) {
      AddAlgorithm("sha1", "integrity", 1, true, true, nullptr);  // the default of `auth`
    }
  }

  void AddRoute(const Value& destination, const Value& everything, const Span& where) {
    VpnRoute route;
    route.connection = name_;
    route.client = client_;
    route.destination = destination;
    route.everything = everything;
    route.where = where;
    out_->routes.push_back(std::move(route));
  }

  void AddRoutes(bool server, VpnConnection* row) {
    const OpenvpnOption* full = options_.Find("redirect-gateway");
    if (!full) full = options_.Find("redirect-private");
    const bool redirect = full && full->name == "redirect-gateway";
    const bool takes_pushed = !server && !options_.Has("route-nopull") &&
                              (options_.Has("client") || options_.Has("pull"));
    std::vector<std::string> networks;
    for (const OpenvpnOption& option : all_) {
      if ((option.name != "route" && option.name != "route-ipv6") || option.words.empty()) continue;
      const bool mask = option.name == "route" && option.words.size() > 1;
      networks.push_back(option.words[0] + (mask ? "/" + option.words[1] : ""));
      AddRoute(Cell(networks.back()), Cell(networks.back() == "0.0.0.0/0.0.0.0"), option.where);
    }
    if (redirect) AddRoute(Cell("0.0.0.0/0"), Cell(1), full->where);
    if (takes_pushed) AddRoute(Cell("pushed"), Unknown{}, where_);
    if (redirect) networks.insert(networks.begin(), "0.0.0.0/0");
    if (takes_pushed) networks.emplace_back("pushed");
    row->remote_ts = networks.empty() ? Cell(std::nullopt) : Cell(Join(networks, ","));
    row->split_tunnel = server         ? Cell(std::nullopt)
                        : redirect     ? Cell(0)
                        : takes_pushed ? Cell(Unknown{})  // the server may push redirect-gateway
                                       : Cell(1);
  }

  void AddRevocation() {
    VpnRevocation row;
    row.connection = name_;
    row.client = client_;
    const OpenvpnOption* list = options_.Find("crl-verify");
    row.policy = Cell(list ? "crl" : "none");
    row.enforced = Cell(list != nullptr);
    row.where = list ? list->where : where_;
    out_->revocations.push_back(std::move(row));
  }

  // The units of Debian start OpenVPN in the folder of its configuration.
  Value PathOf(const OpenvpnOption& option) const {
    const std::string& written = option.words[0];
    if (written.starts_with('/')) return Cell(written);
    if (client_ != "openvpn" || options_.Has("cd")) return Unknown{};
    return Cell(InFolder(DirName(option.where.file), written));
  }

  void AddCredential(const char* kind, const OpenvpnOption& option) {
    VpnCredential row;
    row.connection = Cell(name_);
    row.client = client_;
    row.kind = Cell(kind);
    row.where = option.where;
    const bool in_file = option.is_inline || !option.words.empty();
    row.storage = Cell(option.is_inline ? "config" : in_file ? "file" : "prompt");
    if (option.is_inline) row.path = Cell(option.where.file);
    if (!option.is_inline && in_file) row.path = PathOf(option);
    const std::string name = option.name;
    const bool maybe_sealed = name == "key" || name == "pkcs12";
    row.sealed = !in_file ? Cell(1) : maybe_sealed ? Cell(Unknown{}) : Cell(0);
    out_->credentials.push_back(std::move(row));
  }

  void AddCredentials() {
    constexpr std::pair<std::string_view, const char*> kKinds[] = {
        {"secret", "static_key"},       {"tls-auth", "static_key"},   {"tls-crypt", "static_key"},
        {"tls-crypt-v2", "static_key"}, {"key", "private_key"},       {"pkcs12", "private_key"},
        {"auth-user-pass", "password"}, {"askpass", "key_passphrase"}};
    for (const auto& [name, kind] : kKinds) {
      if (const OpenvpnOption* option = options_.Find(name)) AddCredential(kind, *option);
    }
  }

  void AddSwitch(const char* name, const std::string& value, bool weak,
                 const OpenvpnOption* option) {
    VpnSwitch row;
    row.client = client_;
    row.connection = Cell(name_);
    row.name = Cell(name);
    row.value = Cell(value);
    row.from_default = option == nullptr;
    row.weak = Cell(weak);
    row.where = option ? option->where : where_;
    out_->switches.push_back(std::move(row));
  }

  void AddSwitches() {
    const OpenvpnOption* script = options_.Find("script-security");
    const std::string level = script ? options_.Word("script-security") : "1";
    AddSwitch("script-security", level, ParseInt(level).value_or(9) >= 2, script);
    const OpenvpnOption* tls = options_.Find("tls-version-min");
    const std::string minimum = tls ? options_.Word("tls-version-min") : "1.2";
    AddSwitch("tls-version-min", minimum, minimum != "1.2" && minimum != "1.3", tls);
    for (const char* name : {"compress", "comp-lzo"}) {  // VORACLE
      const OpenvpnOption* option = options_.Find(name);
      const std::string word = options_.Word(name);
      const bool off = word == "no" || word.starts_with("stub") || word == "migrate";
      if (option) AddSwitch(name, word.empty() ? "yes" : word, !off, option);
    }
    const OpenvpnOption* client = options_.Find("verify-client-cert");
    if (client) {
      const std::string word = options_.Word("verify-client-cert");
      AddSwitch("verify-client-cert", word, word == "none" || word == "optional", client);
    }
  }

  const std::vector<OpenvpnOption>& all_;
  Options options_;
  std::string client_;
  std::string name_;
  Span where_;
  VpnConfiguration* out_;
  Algorithms algorithms_;
  bool needs_digest_ = false;  // a cipher that proves nothing of who sent it
};

}  // namespace

Result<std::vector<OpenvpnOption>> ParseOpenvpn(std::string_view text, const std::string& file) {
  std::vector<OpenvpnOption> out;
  std::string until;  // the end of an inline file
  ConfigLine opened;
  for (const ConfigLine& line : ConfigLines(text)) {
    if (!until.empty()) {
      if (line.text.starts_with(until)) until.clear();
      continue;
    }
    if (out.size() >= kMaxOptions) {
      return Fail(Code::kTooLarge, file + ": more options than the bound allows");
    }
    if (line.text.starts_with("</connection>")) continue;
    auto words = WordsOf(line.text);
    if (!words) return MalformedLine(file, line, "unterminated string");
    if (words->empty()) continue;
    const std::string& first = words->front();
    if (words->size() == 1 && first.starts_with('<') && first.ends_with('>')) {
      const std::string name = first.substr(1, first.size() - 2);
      if (name == "connection") continue;  // its options count like others
      out.push_back({name, {}, true, PlaceOf(file, line, line.text, {})});
      until = "</" + name + ">";
      opened = line;
      continue;
    }
    // "setenv opt x": an x that older versions may not know.
    const bool optional = words->size() > 2 && first == "setenv" && words->at(1) == "opt";
    if (optional) words->erase(words->begin(), words->begin() + 2);
    OpenvpnOption option{words->front(),
                         {words->begin() + 1, words->end()},
                         false,
                         PlaceOf(file, line, line.text, {})};
    for (const std::string& word : option.words) {
      if (const Status within = CheckValue(word, ":"); !within) {
        return Wrap(within.error(), file + ":" + std::to_string(line.line));
      }
    }
    if (option.name.starts_with("--")) option.name.erase(0, 2);
    if (option.name.find("proxy") != std::string::npos) option.words.clear();
    out.push_back(std::move(option));
  }
  if (!until.empty()) return MalformedLine(file, opened, "an inline file that is never closed");
  return out;
}

void AddOpenvpn(const std::vector<OpenvpnOption>& options, const std::string& client,
                const std::string& name, const Span& where, VpnConfiguration* out) {
  Connection(options, client, name, where, out).Add();
}

}  // namespace sallyport
