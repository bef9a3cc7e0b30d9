// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "agent/cli/evidence_view.h"
#include "tests/agent/signed_sample.h"

namespace sallyport {
namespace {

const Style kPlain(false);

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
                "    columns  name, pid, age, vendor\n"
                "    name='clamav'  pid=412  age=unknown  vendor=null\n"
                "\n"
                "disk_volumes   denied   0 rows, read 0 s before signing\n"
                "    /proc/swaps: denied\n"
                "\n"
                "edr_before   value   1 row, read 0 s before signing   sent as a digest\n"
                "    columns  name, pid, age, vendor\n"
                "    name='auditd'  pid=412  age=unknown  vendor=null\n");
}

TEST(EvidenceView, SaysWhichColumnsLeftAndWhereOnlyRowsWereCounted) {
  const auto shown = [](const v1::TableResult& table) {
    EvidenceView view;
    view.tables = {table};
    const std::string text = EvidenceText(view, kPlain);
    return text.substr(text.find("\nprocesses"));
  };
  v1::TableResult table;
  table.set_table("processes");
  table.set_state(v1::TableResult::STATE_VALUE);
  table.add_columns("name");
  EXPECT_EQ(shown(table),
            "\nprocesses   value   0 rows, read 0 s before signing\n    columns  name\n");
  table.clear_columns();
  table.add_rows();
  table.add_rows();
  EXPECT_EQ(shown(table),
            "\nprocesses   value   2 rows, read 0 s before signing\n"
            "    columns  none, only how many rows there are\n");
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

}  // namespace
}  // namespace sallyport
