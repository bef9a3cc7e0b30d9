// SPDX-License-Identifier: Apache-2.0
// From a manifest over real files to a policy's outcome: what the laptop refuses is told apart from
// what it read, key by key.
#include <gtest/gtest.h>

#include <filesystem>
#include <utility>

#include "agent/collector/collection.h"
#include "agent/collector/limited_host.h"
#include "attestation/evidence.h"
#include "base/text.h"
#include "platform/this_host.h"
#include "policy/engine.h"
#include "policy/reads.h"
#include "tests/platform/temp_folder.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

constexpr Column kColumns[] = {{"path", Type::kText, "", "", Role::kRequired},
                               {"line", Type::kText, ""}};
constexpr Schema kLines{"lines", kColumns};

// The lines of the file that is asked for; no file is no row.
Result<Rows> Lines(const Host& host, const Keys& keys) {
  const auto text = host.ReadFile(keys[0].value);
  if (!text && text.error().code == Code::kNotFound) return Rows{};
  if (!text) return tl::unexpected(text.error());
  Rows rows;
  for (std::string_view line : sallyport::Lines(*text)) {
    rows.push_back({Cell(keys[0].value), Cell(line)});
  }
  return rows;
}
constexpr Collector kCollector{kLines, {Os::kLinux, Os::kMacos}, Lines,
                               {},     std::chrono::minutes(10), "files"};

class Refusal : public testing::Test {
 protected:
  Refusal() : limit_(PathLimit::Parse(Os::kLinux, folder_.path() + "/secret\n").value()) {
    namespace fs = std::filesystem;
    for (const char* name : {"open", "secret"}) fs::create_directory(folder_ / name);
    folder_.Write("open/plain", "good\n");
    folder_.Write("secret/key", "CANARY\n");
    fs::create_symlink("../secret/key", folder_ / "open/link");
    fs::create_directory_symlink("secret", folder_ / "way");
  }

  // The manifest that this policy makes, collected, and what the policy comes to.
  std::string Outcome(const std::string& query) {
    Policy policy;
    policy.name = "p";
    policy.query = query;
    const PolicySet set{{policy}, "x"};
    const Schema schemas[] = {kLines};
    TrustedManifest trusted;
    const Reads reads = LearnReads(set, schemas).value();
    trusted.manifest.set_names_columns(true);
    for (const TableRead& read : reads.tables) {
      v1::TableRequest* request = trusted.manifest.add_tables();
      request->set_table(read.table);
      for (const Key& key : read.keys) ToProto(key, request->add_keys());
      request->mutable_columns()->Add(read.columns.begin(), read.columns.end());
    }
    trusted.digest = query;
    const std::vector<TableResult> evidence = Collected(std::move(trusted));
    const auto engine = Engine::Compile(set, schemas).value();
    const RawOutcome outcome = *engine->Evaluate(Os::kLinux, evidence)[0];
    const std::string verdict = VerdictName(outcome.verdict);
    return outcome.reason.empty() ? verdict : verdict + ": " + outcome.reason;
  }

  std::vector<TableResult> Collected(TrustedManifest manifest) {
    const auto machine = MakeThisHost(
        DefaultCommands(), [this](const std::string& real) { return limit_.Check(real); });
    const LimitedHost host(*machine, limit_);
    auto marker =
        ProgressMarker::Open({folder_ / "progress", folder_ / "killed"}, "boot", host.Time());
    std::vector<TableResult> results;
    Collection collection({.host = &host,
                           .host_of = [&](auto) { return own_ == nullptr ? &host : own_; },
                           .marker = &*marker,
                           .find = [](std::string_view) { return &kCollector; },
                           .watch = [](const std::vector<WatchTarget>&) -> Status { return {}; },
                           .send =
                               [&](const v1::CollectedTables& message) {
                                 for (const v1::CollectedTable& table : message.tables()) {
                                   results.push_back(FromProto(table.result()).value());
                                 }
                               },
                           .notice = [](const std::string&) {},
                           .seed = 1});
    collection.Follow(std::move(manifest));
    while (collection.Step()) {
    }
    return results;
  }

  std::string Path(const std::string& name) { return folder_ / name; }
  std::string Asking(const std::string& path) {
    return "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM lines WHERE path = '" + path +
           "' AND line = 'bad')";
  }

  TempFolder folder_;
  PathLimit limit_;
  const Host* own_ = nullptr;  // of the table
};

TEST_F(Refusal, ShadowIsDeniedAndThePolicyIsUnknownAndSaysWhy) {
  EXPECT_EQ(Outcome(Asking("/etc/shadow")),
            "unknown: lines: path=/etc/shadow: denied: /etc/shadow: never read here (local limit "
            "/etc/shadow)");
}

TEST_F(Refusal, ALinkThatLeadsToARefusedFileIsDenied) {
  for (const char* name : {"open/link", "way/key", "secret/key", "open/../secret/key"}) {
    const std::string said = Outcome(Asking(Path(name)));
    EXPECT_TRUE(said.starts_with("unknown: lines: path=")) << said;
    EXPECT_NE(said.find("denied: "), std::string::npos) << said;
    EXPECT_NE(said.find("never read here"), std::string::npos) << said;
    EXPECT_EQ(said.find("CANARY"), std::string::npos) << said;
  }
}

TEST_F(Refusal, WhatStandsBesideARefusedPathIsReadAndJudged) {
  EXPECT_EQ(Outcome("SELECT 1 FROM lines WHERE path IN ('" + Path("open/plain") + "', '" +
                    Path("secret/key") + "') AND line = 'good'"),
            "pass")
      << "the first answers before the second is asked for";
  EXPECT_EQ(Outcome(Asking(Path("open/plain"))), "pass");
  EXPECT_EQ(Outcome(Asking(Path("open/none"))), "pass") << "looked, and there is no such file";
}

TEST_F(Refusal, ATableThatHasAHostOfItsOwnIsReadThroughThat) {
  FakeHost host;
  host.Put("/etc/shadow", "good\n");
  own_ = &host;
  EXPECT_EQ(Outcome("SELECT 1 FROM lines WHERE path = '/etc/shadow' AND line = 'good'"), "pass");
}

TEST_F(Refusal, APatternThatListsTheMachineIsDeniedAndNamed) {
  EXPECT_EQ(Outcome("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM lines WHERE path LIKE '/%%')"),
            "unknown: lines: path LIKE /%%: denied: lines: path LIKE /%%: never listed here, the "
            "pattern is too broad");
}

}  // namespace
}  // namespace sallyport
