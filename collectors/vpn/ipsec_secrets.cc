// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/vpn/config_text.h"
#include "collectors/vpn/glob.h"
#include "collectors/vpn/ike_connection.h"
#include "collectors/vpn/ipsec_conf.h"

namespace sallyport {
namespace {

constexpr char kClient[] = "strongswan-ipsec";

// stroke_cred.c. "": no type that it knows.
std::string KindOf(std::string_view type) {
  constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
      {"PSK", "psk"},           {"EAP", "password"},      {"XAUTH", "password"},
      {"NTLM", "nt_hash"},      {"PPK", "ppk"},           {"PIN", "pin"},
      {"RSA", "private_key"},   {"ECDSA", "private_key"}, {"BLISS", "private_key"},
      {"PKCS8", "private_key"}, {"P12", "private_key"}};
  for (const auto& [word, kind] : kKinds) {
    if (word == type) return std::string(kind);
  }
  return "";
}

// The colon that stands alone, before the type.
size_t ColonOf(std::string_view text) {
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    const bool before = i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t';
    const bool after = i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '\t';
    if (text[i] == ':' && !quoted && before && (after || i == 0)) return i;
  }
  return std::string_view::npos;
}

// Without the quotes that a word may stand in.
std::vector<std::string> OwnersOf(std::string_view text) {
  std::vector<std::string> out;
  for (std::string_view word : Fields(text)) {
    const bool quoted = word.size() > 1 && word.front() == '"' && word.back() == '"';
    out.emplace_back(quoted ? word.substr(1, word.size() - 2) : word);
  }
  return out;
}

class Secrets {
 public:
  Secrets(const Host& host, VpnConfiguration* out) : host_(host), out_(out) {}

  Status AddFile(const std::string& path, int depth) {
    if (++files_ > kMaxSettingsFiles || depth > kMaxIncludeDepth) {
      return Fail(Code::kTooLarge, path + ": more includes than the bound allows");
    }
    const Result<std::string> text = ReadConfigText(host_, path, Bom::kRefuse);
    if (!text) return tl::unexpected(text.error());
    bool in_key = false;  // numbers of an RSA key, between braces
    for (const ConfigLine& line : ConfigLines(*text)) {
      if (in_key) {
        in_key = line.text.find('}') == std::string_view::npos;
        continue;
      }
      if (line.text.starts_with('#')) continue;
      if (line.text.starts_with("include ") || line.text.starts_with("include\t")) {
        if (const Status added = Include(path, line, depth); !added) return added;
        continue;
      }
      if (++items_ > kMaxSettingsItems) {
        return Fail(Code::kTooLarge, path + ": more secrets than the bound allows");
      }
      in_key = AddLine(path, line);
    }
    return {};
  }

 private:
  // Does the key go on in the next lines?
  bool AddLine(const std::string& path, const ConfigLine& line) {
    VpnCredential row;
    row.client = kClient;
    row.path = Cell(path);
    row.where = PlaceOf(path, line, line.text.substr(0, 0), {});
    const size_t colon = ColonOf(line.text);
    if (colon == std::string_view::npos) {
      out_->credentials.push_back(std::move(row));
      return false;
    }
    const std::string_view owner = Trim(line.text.substr(0, colon));
    const auto words = Fields(line.text.substr(colon + 1));
    const std::string kind = words.empty() ? "" : KindOf(words[0]);
    if (!kind.empty()) {
      row.kind = Cell(kind);
      if (!owner.empty()) row.owner = Cell(owner);
      if (kind == "psk") row.any_peer = Cell(IsForAnyPeer(OwnersOf(owner)));
      Store(words, &row);
    }
    out_->credentials.push_back(std::move(row));
    return words.size() > 1 && words[1].starts_with('{') &&
           line.text.find('}') == std::string_view::npos;
  }

  // The word behind the type is the secret, or the file of a key whose passphrase follows.
  static void Store(const std::vector<std::string_view>& words, VpnCredential* row) {
    const bool key = row->kind == Cell("private_key") || row->kind == Cell("pin");
    const size_t at = key && !(words.size() > 1 && words[1].starts_with('{')) ? 2 : 1;
    const bool prompt = words.size() > at && words[at].starts_with("%prompt");
    const bool written = words.size() > at && !prompt;
    row->storage = Cell(written ? "config" : prompt ? "prompt" : "file");
    row->sealed = prompt ? Cell(1) : written ? Cell(0) : Cell(Unknown{});
    if (key && words.size() > 1 && at == 2 && row->kind == Cell("private_key")) {
      row->owner = Cell(std::string(words[1]));
    }
    if (!written && !key) row->path = Cell(std::nullopt);
  }

  Status Include(const std::string& path, const ConfigLine& line, int depth) {
    const std::string where = path + ":" + std::to_string(line.line) + ": include";
    if (++statements_ > kMaxSettingsFiles) {
      return Fail(Code::kTooLarge, where + ": more includes than the bound allows");
    }
    const std::string pattern = InFolder(DirName(path), std::string(Trim(line.text.substr(8))));
    const auto files = Glob(host_, pattern, kMaxSettingsFiles);
    if (!files) return Wrap(files.error(), where);
    for (const std::string& file : *files) {
      const Status added = AddFile(file, depth + 1);
      if (!added && added.error().code != Code::kNotFound) return Wrap(added.error(), where);
    }
    return {};
  }

  const Host& host_;
  VpnConfiguration* out_;
  size_t files_ = 0;
  size_t statements_ = 0;  // "include", also those that find nothing
  size_t items_ = 0;
};

}  // namespace

Status AddIpsecSecrets(const Host& host, const std::string& path, VpnConfiguration* out) {
  return Secrets(host, out).AddFile(path, 0);
}

}  // namespace sallyport
