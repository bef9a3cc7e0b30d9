// SPDX-License-Identifier: Apache-2.0
// inet_aton(), in_cidr_block() and community_id_v1(), as osquery documents them ("SQL additions").
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/base64.h"
#include "policy/ip_address.h"
#include "policy/sql_functions.h"
#include "policy/sql_values.h"

namespace sallyport {
namespace {

// inet_aton(address): an IPv4 address as a number; NULL: it is none.
void InetAton(sqlite3_context* context, int, sqlite3_value** argv) {
  const auto address = ParseIpAddress(SqlText(argv[0]));
  if (!address || address->size() != 4) return;
  int64_t number = 0;
  for (char c : *address) number = number * 256 + static_cast<unsigned char>(c);
  sqlite3_result_int64(context, number);
}

// in_cidr_block(block, address). What is none of both ends the run: neither answer would be true.
void InCidrBlock(sqlite3_context* context, int argc, sqlite3_value** argv) {
  if (AnySqlNull(argc, argv)) return;
  const auto inside = IsInCidrBlock(SqlText(argv[0]), SqlText(argv[1]));
  if (!inside) return ReturnError(context, "in_cidr_block(): no block or no address");
  sqlite3_result_int(context, *inside ? 1 : 0);
}

std::string BigEndian16(int64_t number) {
  return {static_cast<char>((number >> 8) & 0xff), static_cast<char>(number & 0xff)};
}

// https://github.com/corelight/community-id-spec: "1:" and base 64 of SHA-1 over seed, the smaller
// end first, protocol, a zero byte, ports. Of ICMP, whose ports are types, nothing is told.
std::optional<std::string> CommunityId(sqlite3_value** argv, int64_t seed) {
  auto source = ParseIpAddress(SqlText(argv[0]));
  auto target = ParseIpAddress(SqlText(argv[1]));
  std::array<int64_t, 3> numbers;  // both ports, the protocol
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (sqlite3_value_numeric_type(argv[i + 2]) != SQLITE_INTEGER) return std::nullopt;
    numbers[i] = sqlite3_value_int64(argv[i + 2]);
    if (numbers[i] < 0 || numbers[i] > (i < 2 ? 0xffff : 0xff)) return std::nullopt;
  }
  const bool icmp = numbers[2] == 1 || numbers[2] == 58;
  if (!source || !target || icmp || seed < 0 || seed > 0xffff) return std::nullopt;
  std::string one = BigEndian16(numbers[0]);
  std::string two = BigEndian16(numbers[1]);
  if (std::pair(*target, two) < std::pair(*source, one)) {
    std::swap(source, target);
    std::swap(one, two);
  }
  const std::string input =
      BigEndian16(seed) + *source + *target + static_cast<char>(numbers[2]) + '\0' + one + two;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (EVP_Digest(input.data(), input.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
    return std::nullopt;
  }
  return "1:" + EncodeBase64({reinterpret_cast<const char*>(digest.data()), size});
}

// What cannot be told is the empty text.
void CommunityIdV1(sqlite3_context* context, int argc, sqlite3_value** argv) {
  if (argc != 5 && argc != 6) {
    return ReturnError(context, "community_id_v1(): 5 or 6 arguments are wanted");
  }
  const int64_t seed = argc == 6 ? sqlite3_value_int64(argv[5]) : 0;
  ReturnText(context, CommunityId(argv, seed).value_or(""));
}

}  // namespace

Status RegisterNetworkFunctions(sqlite3* db) {
  if (Status done = AddSqlFunction(db, "inet_aton", 1, InetAton); !done) return done;
  if (Status done = AddSqlFunction(db, "in_cidr_block", 2, InCidrBlock); !done) return done;
  return AddSqlFunction(db, "community_id_v1", -1, CommunityIdV1);
}

}  // namespace sallyport
