// SPDX-License-Identifier: Apache-2.0
// split(), concat(), concat_ws(), parent_directory(), base 64 and digests, as osquery documents
// them
// ("SQL additions").
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "base/base64.h"
#include "base/hex.h"
#include "base/text.h"
#include "policy/sql_functions.h"
#include "policy/sql_values.h"

namespace sallyport {
namespace {

// split(text, characters, index): pieces that are not empty, without blanks around them.
void SplitText(sqlite3_context* context, int argc, sqlite3_value** argv) {
  if (AnySqlNull(argc, argv)) return;
  std::array<bool, 256> separates{};
  const std::string_view characters = SqlText(argv[1]);
  if (characters.empty()) return ReturnError(context, "split(): no character to split at");
  for (char c : characters) separates[static_cast<unsigned char>(c)] = true;
  std::string_view rest = SqlText(argv[0]);
  int64_t left = sqlite3_value_int64(argv[2]);
  while (!rest.empty() && left >= 0) {
    size_t size = 0;
    while (size < rest.size() && !separates[static_cast<unsigned char>(rest[size])]) ++size;
    if (size > 0 && left-- == 0) return ReturnText(context, Trim(rest.substr(0, size)));
    rest.remove_prefix(std::min(size + 1, rest.size()));
  }
}

// SQLite's own errors take over when the result is longer than a value may be.
std::string JoinTexts(std::string_view separator, int argc, sqlite3_value** argv) {
  std::string out;
  bool first = true;
  for (int i = 0; i < argc; ++i) {
    if (IsSqlNull(argv[i])) continue;
    if (!first) out += separator;
    out += SqlText(argv[i]);
    first = false;
  }
  return out;
}

void Concat(sqlite3_context* context, int argc, sqlite3_value** argv) {
  ReturnText(context, JoinTexts("", argc, argv));
}

void ConcatWithSeparator(sqlite3_context* context, int argc, sqlite3_value** argv) {
  if (argc < 2) return ReturnError(context, "concat_ws(): a separator and texts are wanted");
  if (IsSqlNull(argv[0])) return;
  ReturnText(context, JoinTexts(SqlText(argv[0]), argc - 1, argv + 1));
}

// The folder that holds a path of either system; NULL: it has none.
void ParentDirectory(sqlite3_context* context, int argc, sqlite3_value** argv) {
  if (AnySqlNull(argc, argv)) return;
  std::string_view path = SqlText(argv[0]);
  while (path.size() > 1 && (path.back() == '/' || path.back() == '\\')) path.remove_suffix(1);
  const size_t at = path.find_last_of("/\\");
  if (at == std::string_view::npos || path.size() == 1) return;
  ReturnText(context, path.substr(0, at == 0 ? 1 : at));
}

void ToBase64(sqlite3_context* context, int argc, sqlite3_value** argv) {
  if (!AnySqlNull(argc, argv)) ReturnText(context, EncodeBase64(SqlText(argv[0])));
}

// What is no base 64 is the empty text.
void FromBase64(sqlite3_context* context, int argc, sqlite3_value** argv) {
  if (AnySqlNull(argc, argv)) return;
  ReturnText(context, DecodeBase64(Trim(SqlText(argv[0]))).value_or(""));
}

void ConditionalToBase64(sqlite3_context* context, int argc, sqlite3_value** argv) {
  if (AnySqlNull(argc, argv)) return;
  const std::string_view text = SqlText(argv[0]);
  const auto ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  ReturnText(context, std::ranges::all_of(text, ascii) ? std::string(text) : EncodeBase64(text));
}

template <const EVP_MD* (*algorithm)()>
void Digest(sqlite3_context* context, int argc, sqlite3_value** argv) {
  if (AnySqlNull(argc, argv)) return;
  const std::string_view text = SqlText(argv[0]);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, algorithm(), nullptr) != 1) {
    return ReturnError(context, "this digest is not to be had here");
  }
  ReturnText(context, ToHex({reinterpret_cast<const char*>(digest.data()), size}));
}

struct Named {
  const char* name;
  int arguments;
  SqlFunction function;
};
constexpr Named kFunctions[] = {
    {"split", 3, SplitText},
    {"concat", -1, Concat},
    {"concat_ws", -1, ConcatWithSeparator},
    {"parent_directory", 1, ParentDirectory},
    {"to_base64", 1, ToBase64},
    {"from_base64", 1, FromBase64},
    {"conditional_to_base64", 1, ConditionalToBase64},
    {"md5", 1, Digest<EVP_md5>},
    {"sha1", 1, Digest<EVP_sha1>},
    {"sha256", 1, Digest<EVP_sha256>},
};

}  // namespace

Status RegisterTextFunctions(sqlite3* db) {
  for (const Named& each : kFunctions) {
    if (Status done = AddSqlFunction(db, each.name, each.arguments, each.function); !done) {
      return done;
    }
  }
  return {};
}

}  // namespace sallyport
