// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "agent/cli/evidence_view.h"
#include "agent/cli/json_view.h"
#include "attestation/dsse.h"
#include "attestation/evidence.h"
#include "attestation/keys.h"
#include "tests/agent/cli_samples.h"
#include "tests/agent/temp_folder.h"

namespace sallyport {
namespace {

const Style kPlain(false);

v1::TableResult Edr(const std::string& state) {
  v1::TableResult table;
  table.set_table("edr_products");
  table.set_state(v1::TableResult::STATE_VALUE);
  for (const char* column : {"name", "pid", "age", "vendor"}) table.add_columns(column);
  v1::Row* row = table.add_rows();
  row->add_cells()->set_text(state);
  row->add_cells()->set_integer(412);
  row->add_cells()->set_unknown(true);
  row->add_cells();
  return table;
}

struct Signed {
  v1::EvidenceResponse response;
  SigningKey key = SigningKey::Generate().value();
};

// One table with rows, one that failed, one that travelled as a digest.
Signed MakeResponse() {
  Signed made;
  v1::Evidence evidence;
  evidence.set_device_id("laptop-4711");
  evidence.set_epoch(3);
  evidence.set_sequence(9);
  *evidence.add_tables() = Edr("clamav");
  evidence.mutable_tables(0)->set_age_ms(40'000);
  v1::TableResult* denied = evidence.add_tables();
  denied->set_table("disk_volumes");
  denied->set_state(v1::TableResult::STATE_DENIED);
  denied->set_error("/proc/swaps: denied");
  v1::TableResult unchanged = Edr("auditd");
  unchanged.set_table("edr_before");
  v1::TableResult* digest = evidence.add_tables();
  digest->set_table("edr_before");
  digest->set_state(v1::TableResult::STATE_VALUE);
  digest->set_unchanged_digest(TableDigest(FromProto(unchanged).value()));
  *made.response.mutable_envelope() =
      SignEnvelope(made.key, kEvidenceType, evidence.SerializeAsString()).value();
  made.response.set_public_key(made.key.public_key().spki());
  made.response.set_accepted(true);
  *made.response.add_unchanged() = unchanged;
  return made;
}

TEST(EvidenceView, ShowsEveryTableWithStateAgeAndRows) {
  const Signed made = MakeResponse();
  const EvidenceView view = OpenEvidence(made.response).value();
  EXPECT_EQ(EvidenceText(view, kPlain),
            "Evidence  " + view.digest +
                "\n"
                "          signature verifies with key " +
                made.key.public_key().key_id() +
                "\n"
                "Device    laptop-4711   epoch 3, sequence 9\n"
                "State     accepted by the service\n"
                "\n"
                "edr_products   value   1 row, read 40 s before signing\n"
                "    name='clamav'  pid=412  age=unknown  vendor=null\n"
                "\n"
                "disk_volumes   denied   0 rows, read 0 s before signing\n"
                "    /proc/swaps: denied\n"
                "\n"
                "edr_before   value   1 row, read 0 s before signing   sent as a digest\n"
                "    name='auditd'  pid=412  age=unknown  vendor=null\n");
}

TEST(EvidenceView, OneFlippedByteIsABadSignature) {
  Signed made = MakeResponse();
  std::string* payload = made.response.mutable_envelope()->mutable_payload();
  (*payload)[payload->size() / 2] ^= 1;
  EXPECT_EQ(OpenEvidence(made.response).error().code, Code::kBadSignature);
}

TEST(EvidenceView, AnotherKeyIsABadSignature) {
  Signed made = MakeResponse();
  made.response.set_public_key(SigningKey::Generate()->public_key().spki());
  EXPECT_EQ(OpenEvidence(made.response).error().code, Code::kBadSignature);
}

TEST(EvidenceView, RowsThatDoNotFitTheSignedDigestAreABadSignature) {
  Signed made = MakeResponse();
  made.response.mutable_unchanged(0)->mutable_rows(0)->mutable_cells(1)->set_integer(413);
  EXPECT_EQ(OpenEvidence(made.response).error().code, Code::kBadSignature);
}

// --- JSON against its schema ------------------------------------------------------------------

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
  static constexpr Column kColumns[] = {{"mount_point", Type::kText, "as the OS prints it"}};
  const std::vector<Schema> schemas{{"disk_volumes", kColumns, "mounted volumes"}};
  EXPECT_EQ(Validate("tables", TablesJson(schemas, kSampleNow)), "");
}

TEST(JsonSchema, DocumentWithoutARequiredFieldDoesNotFit) {
  EXPECT_NE(Validate("status", R"({"schema": "sallyport.status/v1"})"), "");
}

}  // namespace
}  // namespace sallyport
