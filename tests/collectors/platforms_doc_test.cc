// SPDX-License-Identifier: Apache-2.0
// docs/platforms.md says of each table what the declarations say.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "base/text.h"
#include "collectors/tables.h"

namespace sallyport {
namespace {

constexpr Os kSystems[] = {Os::kLinux, Os::kMacos, Os::kWindows};
using Claims = std::map<std::string, std::vector<std::string>>;

// Of each row "| `table` | a | b | c |": the table, and what is claimed of the three systems.
Claims ReadClaims() {
  std::ifstream file(SALLYPORT_SOURCE_DIR "/docs/platforms.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const size_t begin = text.find("\n## Tables\n");
  const std::string section = text.substr(begin, text.find("\n## ", begin + 1) - begin);
  Claims claims;
  for (const std::string_view line : Lines(section)) {
    if (!line.starts_with("| `")) continue;
    const auto cells = Split(line, '|');
    const std::string name(Trim(cells.at(1)));
    for (size_t i = 2; i < 5; ++i) {
      claims[name.substr(1, name.size() - 2)].emplace_back(Trim(cells.at(i)));
    }
  }
  return claims;
}

bool IsATestedKind(std::string_view claim) {
  return std::ranges::all_of(Split(claim, ','), [](std::string_view part) {
    const std::string_view word = Trim(part);
    return word == "real" || word == "recorded" || word == "wine" || word == "compiled";
  });
}

TEST(PlatformsDoc, ClaimsOfEachTableWhatTheCollectorsDeclare) {
  const Claims claims = ReadClaims();
  std::vector<Schema> schemas = AllSchemas();
  std::erase_if(schemas, [](const Schema& schema) {  // only declared: nobody claims anything
    return schema.name != kCollectorStatus.name && std::ranges::none_of(kSystems, [&schema](Os os) {
             return FindCollector(os, schema.name) != nullptr;
           });
  });
  EXPECT_EQ(claims.size(), schemas.size());
  for (const Schema& schema : schemas) {
    const auto row = claims.find(std::string(schema.name));
    ASSERT_NE(row, claims.end()) << schema.name << " is not in docs/platforms.md";
    for (size_t i = 0; i < 3; ++i) {
      const std::string& claim = row->second.at(i);
      const std::string where = row->first + " on " + OsName(kSystems[i]) + ": " + claim;
      if (schema.name == kCollectorStatus.name) {
        EXPECT_EQ(claim, "computed") << where;
      } else if (FindCollector(kSystems[i], schema.name) == nullptr) {
        EXPECT_EQ(claim, "-") << where;
      } else {
        EXPECT_TRUE(IsATestedKind(claim)) << where;
      }
    }
  }
}

}  // namespace
}  // namespace sallyport
