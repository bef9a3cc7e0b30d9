// SPDX-License-Identifier: Apache-2.0
// What the commands print as JSON against agent/cli/schema; python3-jsonschema judges.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "agent/cli/evidence_view.h"
#include "agent/cli/json_view.h"
#include "agent/cli/query_view.h"
#include "agent/cli/tables_view.h"
#include "tests/agent/signed_sample.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

// What python3-jsonschema says; empty when the document fits.
std::string Validate(const std::string& name, const std::string& document) {
  TempFolder folder;
  const std::string file = folder.path() + "/document.json";
  std::ofstream(file) << document;
  const std::string command =
      "python3 -c 'import json, sys, jsonschema;"
      " jsonschema.Draft202012Validator.check_schema(json.load(open(sys.argv[2])));"
      " jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])),"
      " cls=jsonschema.Draft202012Validator)' " +
      file + " " SALLYPORT_SOURCE_DIR "/agent/cli/schema/sallyport." + name + ".v1.json 2>&1";
  FILE* process = popen(command.c_str(), "r");
  std::string output;
  std::array<char, 4096> buffer{};
  while (fgets(buffer.data(), buffer.size(), process) != nullptr) output += buffer.data();
  const int status = pclose(process);
  return status == 0 ? output : "failed: " + output;
}

TEST(JsonSchema, StatusFitsInEveryStanding) {
  EXPECT_EQ(Validate("status", StatusJson(SampleStatus(), kSampleNow)), "");
  EXPECT_EQ(Validate("status", StatusJson(SampleQuarantined(), kSampleNow)), "");
  EXPECT_EQ(Validate("status", StatusJson(v1::AgentStatus(), kSampleNow)), "");
}

TEST(JsonSchema, WatchedStatusFitsAndIsOneLine) {
  v1::AgentStatus status = SampleStatus();
  status.set_connection_error("two\nlines");
  const std::string line = StatusJsonLine(status, kSampleNow);
  EXPECT_EQ(Validate("status", line), "");
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST(JsonSchema, ExplainFits) {
  EXPECT_EQ(Validate("explain", ExplainJson(SampleStatus(), "", kSampleNow).value()), "");
  EXPECT_FALSE(ExplainJson(SampleStatus(), "disk", kSampleNow).has_value());
}

TEST(JsonSchema, EvidenceFits) {
  const Signed made = MakeResponse();
  const EvidenceView view = OpenEvidence(made.response).value();
  EXPECT_EQ(Validate("evidence", EvidenceJson(made.response, view, kSampleNow)), "");
}

TEST(JsonSchema, DoctorFits) {
  Findings found;
  found.agent = SampleStatus();
  EXPECT_EQ(Validate("doctor", DoctorJson(Diagnose(found, kSampleNow), kSampleNow)), "");
}

TEST(JsonSchema, TablesFit) {
  EXPECT_EQ(Validate("tables", TablesJson(AllTableCards(), "", kSampleNow).value()), "");
}

TEST(JsonSchema, QueryFits) {
  const QueryAnswer answer{.columns = {"a", "a"},
                           .rows = {{Cell(1.5), Cell(std::nullopt)}, {Cell("x"), Cell(7)}},
                           .doubts = {"file: denied"}};
  EXPECT_EQ(Validate("query", RowsText(answer, RowFormat::kJson, kSampleNow)), "");
}

TEST(JsonSchema, DocumentWithoutARequiredFieldDoesNotFit) {
  EXPECT_NE(Validate("status", R"({"schema": "sallyport.status/v1"})"), "");
}

}  // namespace
}  // namespace sallyport
