// SPDX-License-Identifier: Apache-2.0
#include "service/ctl/manifest_view.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace sallyport {
namespace {

constexpr Column kFileColumns[] = {{"path", Type::kText, "", "", Role::kRequired},
                                   {"mode", Type::kText, ""}};
constexpr Column kUserColumns[] = {{"uid", Type::kBigint, "", "", Role::kIndex},
                                   {"directory", Type::kText, ""}};
constexpr Column kShareColumns[] = {{"name", Type::kText, ""}};
constexpr Schema kSchemas[] = {
    {"file", kFileColumns}, {"users", kUserColumns}, {"shares", kShareColumns}};

constexpr char kYaml[] = R"(
- name: passwd
  platform: linux
  query: SELECT 1 FROM file WHERE path = '/etc/passwd' AND mode = '0644';
  sallyport: {mode: warn, max_age: 1h}
- name: conf
  platform: linux,darwin
  query: SELECT 1 FROM file WHERE path LIKE '/etc/%.conf';
- name: people
  query: SELECT 1 WHERE (SELECT COUNT(*) FROM users) > 1;
- name: rooms
  query: SELECT 1 WHERE (SELECT COUNT(*) FROM shares) < 3;
- name: rhosts
  query: SELECT 1 FROM users u JOIN file f ON f.path = u.directory || '/.rhosts';
)";

PolicySet Policies() { return ParsePolicies(kYaml, "a.yml").value(); }

TEST(ManifestView, SaysInWordsWhatLeavesHowOldForWhomAndWhatDoesNot) {
  const PolicySet set = Policies();
  EXPECT_EQ(ManifestText(set, LearnReads(set, kSchemas).value()),
            R"(5 policies. These rows leave the laptop, with these columns and no other:

rows of file whose path matches /etc/%.conf
  columns   path
  at most   15m old
  on        linux, darwin
  for       conf

rows of file whose path is /etc/passwd
  columns   mode, path
  at most   1h old
  on        linux
  for       passwd

all rows of shares
  columns   none, only how many rows there are
  at most   15m old
  on        linux, darwin, windows
  for       rooms

all rows of users
  columns   directory
  at most   15m old
  on        linux, darwin, windows
  for       people, rhosts

Not collected, so these policies are unknown wherever they get that far:
  rhosts: file: which of its keys it asks for is known only when it runs
)");
  EXPECT_EQ(ManifestText({}, {}), "0 policies. Nothing leaves the laptop.\n");
}

// What python3-jsonschema says; empty when the document fits.
std::string Validate(const std::string& document) {
  const std::string file = testing::TempDir() + "/manifest." + std::to_string(getpid()) + ".json";
  std::ofstream(file) << document;
  const std::string command =
      "python3 -c 'import json, sys, jsonschema;"
      " jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])),"
      " cls=jsonschema.Draft202012Validator)' " +
      file + " " SALLYPORT_SOURCE_DIR "/service/ctl/schema/sallyport.policy-manifest.v1.json 2>&1";
  std::string said;
  FILE* pipe = popen(command.c_str(), "r");
  char line[256];
  while (pipe != nullptr && fgets(line, sizeof line, pipe) != nullptr) said += line;
  const bool fits = pipe != nullptr && pclose(pipe) == 0;
  std::remove(file.c_str());
  return fits ? "" : "refused: " + said;
}

TEST(ManifestView, ItsJsonFitsItsSchema) {
  const PolicySet set = Policies();
  const nlohmann::json json = ManifestJson(set, LearnReads(set, kSchemas).value());
  EXPECT_EQ(Validate(json.dump()), "");
  EXPECT_EQ(json["policies"], 5);
  EXPECT_EQ(json["tables"][0]["keys"][0],
            (nlohmann::json{{"column", "path"}, {"value", "/etc/%.conf"}, {"like", true}}));
  EXPECT_EQ(json["tables"][1]["policies"], nlohmann::json{"passwd"});
  EXPECT_EQ(json["tables"][1]["columns"], (nlohmann::json{"mode", "path"}));
  EXPECT_EQ(json["tables"][2]["columns"], nlohmann::json::array());
  EXPECT_EQ(json["unlearnt"][0]["table"], "file");
  nlohmann::json wrong = json;
  wrong["tables"][0].erase("keys");
  EXPECT_NE(Validate(wrong.dump()), "");
}

TEST(ManifestView, AFileThatCannotBeReadIsNamed) {
  const std::string none[] = {"none.yml"};
  EXPECT_EQ(ReadPolicyFiles(none).error(), (Error{Code::kNotFound, "none.yml: cannot be read"}));
}

}  // namespace
}  // namespace sallyport
