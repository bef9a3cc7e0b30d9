// SPDX-License-Identifier: Apache-2.0
#include "collectors/vpn/ppp.h"

#include "base/text.h"
#include "collectors/vpn/config_text.h"

namespace sallyport {
namespace {

constexpr size_t kMaxPppSecrets = 20'000;

// What the lines before left open: a word goes on over the end of a line inside of a quote and
// behind a backslash.
struct OpenWord {
  char quote = 0;
  bool joined = false;

  bool IsOpen() const { return quote != 0 || joined; }
};

// pppd's words: blanks part them, quotes and backslashes join, "#" begins a comment.
std::vector<std::string> WordsOf(std::string_view text, OpenWord* open) {
  std::vector<std::string> out;
  std::string word;
  bool in_word = open->IsOpen();
  char quote = open->quote;
  open->joined = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!in_word && c == '#') break;
    if (!quote && (c == ' ' || c == '\t')) {
      if (in_word) out.push_back(std::move(word));
      word.clear();
      in_word = false;
      continue;
    }
    in_word = true;
    if (c == '\\') {
      open->joined = i + 1 == text.size();
      if (!open->joined) word.push_back(text[++i]);
    } else if (quote ? c == quote : c == '"' || c == '\'') {
      quote = quote ? 0 : c;
    } else {
      word.push_back(c);
    }
  }
  if (in_word) out.push_back(std::move(word));
  open->quote = quote;
  return out;
}

}  // namespace

std::vector<std::string> AddPppAuth(const PppAuth& auth, const std::string& client,
                                    const std::string& name, VpnConfiguration* out) {
  std::vector<std::string> weak;
  int number = 0;
  for (const std::string& method : auth.allowed) {
    const bool bad = method == "pap" || method == "chap" || method == "mschap";
    VpnAlgorithm row;
    row.connection = name;
    row.client = client;
    row.phase = Cell("ppp");
    row.proposal = ++number;
    row.algorithm = Cell(method);
    row.kind = Cell("authentication");
    row.key_bits = Cell(std::nullopt);
    row.weak = Cell(bad);
    row.from_default = true;
    row.where = auth.where;
    out->algorithms.push_back(std::move(row));
    if (bad) weak.push_back(method);
  }
  return weak;
}

Status AddPppSecrets(const Host& host, const std::string& path, VpnConfiguration* out) {
  const Result<std::string> text = ReadConfigText(host, path, Bom::kRefuse);
  if (!text) return tl::unexpected(text.error());
  size_t count = 0;
  OpenWord open;
  for (const ConfigLine& line : ConfigLines(*text)) {
    const bool goes_on = open.IsOpen();
    const std::vector<std::string> words = WordsOf(line.text, &open);
    // Which of its words is the secret cannot be told from this line alone.
    const bool understood = words.size() >= 3 && !goes_on && !open.IsOpen();
    if (words.empty()) continue;
    if (++count > kMaxPppSecrets) {
      return Fail(Code::kTooLarge, path + ": more secrets than the bound allows");
    }
    VpnCredential row;
    row.client = "ppp";
    row.path = Cell(path);
    row.where = PlaceOf(path, line, line.text.substr(0, 0), {});
    if (understood) {
      row.kind = Cell("password");
      // "client server secret addresses"; a secret of nothing is asked for elsewhere.
      row.owner = Cell(words[0] + " " + words[1]);
      row.storage = Cell(words[2].empty() ? "none" : "config");
      row.sealed = Cell(words[2].empty());
      // "@/path": the secret is in that file. Anything else that begins so is a secret.
      if (words[2].starts_with("@/")) {
        row.storage = Cell("file");
        row.path = Cell(words[2].substr(1));
      }
    }
    out->credentials.push_back(std::move(row));
  }
  return {};
}

}  // namespace sallyport
