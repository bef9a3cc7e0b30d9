// SPDX-License-Identifier: Apache-2.0
#include "attestation/evidence.h"

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "attestation/keys.h"
#include "attestation/utf8.h"
#include "base/hex.h"

namespace sallyport {
namespace {

using ::testing::HasSubstr;

TableResult Volumes() {
  TableResult t;
  t.table = "disk_volumes";
  t.columns = {"device", "protection", "size", "ratio", "label"};
  t.keys = {{"device", "dm-0"}};
  t.rows = {{Cell("dm-0"), Cell("on"), Cell(-5), Cell(0.5), Cell(std::nullopt)},
            {Cell("dm-1"), Cell(Unknown{}), Cell(std::numeric_limits<int64_t>::min()), Cell(-0.0),
             Cell(std::string("a\0b", 3))}};
  t.age = std::chrono::milliseconds(1500);
  t.took = std::chrono::microseconds(250);
  t.source = "/proc/self/mountinfo, sysfs";
  return t;
}

Result<TableResult> ThroughTheWire(const TableResult& table) {
  v1::TableResult message;
  ToProto(table, &message);
  v1::TableResult received;
  if (!received.ParseFromString(message.SerializeAsString())) {
    return Fail(Code::kMalformed, "protobuf");
  }
  return FromProto(received);
}

TEST(TableResults, EveryKindOfCellComesBackAsItWas) {
  EXPECT_EQ(ThroughTheWire(Volumes()).value(), Volumes());
}

TEST(TableResults, EveryStateComesBackAsItWas) {
  for (int i = 0; i <= static_cast<int>(State::kSuppressed); ++i) {
    TableResult t;
    t.table = "edr_products";
    t.state = static_cast<State>(i);
    t.error = i == 0 ? "" : "clamd.conf: denied";
    EXPECT_EQ(ThroughTheWire(t).value(), t) << StateName(t.state);
  }
}

TEST(TableResults, TextThatIsNotUtf8TravelsAsRawTextAndComesBack) {
  TableResult t = Volumes();
  t.rows[0][0] = Cell("caf\xe9");
  v1::TableResult message;
  ToProto(t, &message);
  EXPECT_EQ(message.rows(0).cells(0).raw_text(), "caf\xe9");
  EXPECT_EQ(ThroughTheWire(t).value(), t);
}

TEST(TableResults, TextOutsideOfCellsIsMadeUtf8AndStaysLegible) {
  TableResult t = Volumes();
  t.error = "file \xff\xfe: bad";
  t.keys[0].value = "\xe9.conf";
  const TableResult back = ThroughTheWire(t).value();
  EXPECT_EQ(back.error, "file \\xff\\xfe: bad");
  EXPECT_EQ(back.keys[0].value, "\\xe9.conf");
  EXPECT_EQ(TableDigest(back), TableDigest(t));
}

TEST(TableResults, ANumberThatIsNoneIsUnknownNotNull) {
  TableResult t = Volumes();
  t.rows[0][3] = Cell(std::nan(""));
  const TableResult back = ThroughTheWire(t).value();
  EXPECT_TRUE(IsUnknown(back.rows[0][3]));
  EXPECT_EQ(TableDigest(back), TableDigest(t));
}

TEST(TableResults, RowsWithoutColumnsAreOnlyCounted) {
  TableResult t = Volumes();
  t.columns.clear();
  for (Row& row : t.rows) row.clear();
  const TableResult back = ThroughTheWire(t).value();
  EXPECT_EQ(back, t);
  EXPECT_EQ(TableDigest(back), TableDigest(t));
  TableResult one_less = t;
  one_less.rows.pop_back();
  EXPECT_NE(TableDigest(one_less), TableDigest(t));
}

class BadTableResult : public ::testing::Test {
 protected:
  BadTableResult() { ToProto(Volumes(), &message_); }
  Error ErrorOf() const {
    const auto result = FromProto(message_);
    return result ? Error{Code::kInternal, "was accepted"} : result.error();
  }
  v1::TableResult message_;
};

TEST_F(BadTableResult, RowsHaveAsManyCellsAsThereAreColumns) {
  message_.mutable_rows(1)->add_cells();
  EXPECT_EQ(ErrorOf(), (Error{Code::kMalformed, "table disk_volumes: 6 cells for 5 columns"}));
  message_.mutable_rows(1)->clear_cells();
  EXPECT_EQ(ErrorOf(), (Error{Code::kMalformed, "table disk_volumes: 0 cells for 5 columns"}));
  message_.clear_columns();
  EXPECT_EQ(ErrorOf(), (Error{Code::kMalformed, "table disk_volumes: 5 cells for 0 columns"}));
}

TEST_F(BadTableResult, StatesOutOfRangeAndUnsaidAreRefused) {
  message_.set_state(static_cast<v1::TableResult::State>(8));
  EXPECT_EQ(ErrorOf(), (Error{Code::kMalformed, "table disk_volumes: state 8"}));
  message_.set_state(v1::TableResult::STATE_UNSPECIFIED);
  EXPECT_EQ(ErrorOf(), (Error{Code::kMalformed, "table disk_volumes: state 0"}));
  message_.set_state(static_cast<v1::TableResult::State>(-1));
  EXPECT_EQ(ErrorOf(), (Error{Code::kMalformed, "table disk_volumes: state -1"}));
}

TEST_F(BadTableResult, NamesAreThereAndColumnsAreThereOnce) {
  message_.set_columns(1, "device");
  EXPECT_EQ(ErrorOf(), (Error{Code::kMalformed, "table disk_volumes: column device twice"}));
  message_.set_columns(1, "");
  EXPECT_EQ(ErrorOf(), (Error{Code::kMalformed, "table disk_volumes: a column without name"}));
  message_.clear_table();
  EXPECT_EQ(ErrorOf(), (Error{Code::kMalformed, "table result: no table named"}));
}

TEST_F(BadTableResult, CellsHaveOneFormEach) {
  v1::Cell* cell = message_.mutable_rows(0)->mutable_cells(0);
  cell->set_unknown(false);
  EXPECT_THAT(ErrorOf().message, HasSubstr("not unknown"));
  cell->set_real(std::nan(""));
  EXPECT_THAT(ErrorOf().message, HasSubstr("not a number"));
  cell->set_raw_text("plain");
  EXPECT_THAT(ErrorOf().message, HasSubstr("raw_text that is UTF-8"));
}

TEST_F(BadTableResult, TimesThatWouldOverflowAreRefused) {
  message_.set_age_ms(std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(ErrorOf(), (Error{Code::kMalformed, "table disk_volumes: a time out of range"}));
  message_.set_age_ms(0);
  message_.set_took_us(1ull << 54);
  EXPECT_EQ(ErrorOf(), (Error{Code::kMalformed, "table disk_volumes: a time out of range"}));
}

TEST_F(BadTableResult, AnUnchangedDigestStandsAloneAndIsASha256) {
  message_.set_unchanged_digest(std::string(32, 'd'));
  EXPECT_EQ(ErrorOf().code, Code::kMalformed);
  message_.clear_rows();
  EXPECT_EQ(ErrorOf().code, Code::kMalformed);
  message_.clear_columns();
  EXPECT_TRUE(FromProto(message_).value().rows.empty());
  message_.add_rows();
  EXPECT_EQ(ErrorOf(), (Error{Code::kMalformed,
                              "table disk_volumes: unchanged_digest of a wrong length or beside "
                              "rows"}));
  message_.clear_rows();
  message_.set_unchanged_digest("short");
  EXPECT_EQ(ErrorOf().code, Code::kMalformed);
}

TEST_F(BadTableResult, EachBoundIsHeldAndTheLastAllowedValuePasses) {
  message_.clear_rows();
  message_.clear_columns();
  for (int i = 0; i < kMaxColumns; ++i) message_.add_columns("c" + std::to_string(i));
  EXPECT_TRUE(FromProto(message_));
  message_.add_columns("one more");
  EXPECT_EQ(ErrorOf(), (Error{Code::kTooLarge, "table disk_volumes: over 128 columns"}));

  message_.clear_columns();
  message_.add_columns("a");
  for (int i = 0; i < kMaxRowsPerTable; ++i) message_.add_rows()->add_cells();
  EXPECT_TRUE(FromProto(message_));
  message_.add_rows()->add_cells();
  EXPECT_EQ(ErrorOf(), (Error{Code::kTooLarge, "table disk_volumes: over 20000 rows"}));

  message_.clear_rows();
  message_.clear_keys();
  for (int i = 0; i < kMaxKeysPerTable + 1; ++i) message_.add_keys()->set_column("path");
  EXPECT_EQ(ErrorOf(), (Error{Code::kTooLarge, "table disk_volumes: over 1024 keys"}));
}

// ---- the digest of unchanged tables -----------------------------------------------------------

// docs/formats/evidence.md shows this table and its bytes.
TEST(TableDigests, TheDocumentedExampleHasItsDocumentedDigest) {
  TableResult t;
  t.table = "edr_products";
  t.columns = {"name", "running"};
  t.rows = {{Cell("clamav"), Cell(1)}, {Cell("auditd"), Cell(Unknown{})}};
  const std::string bytes =
      std::string("sallyport table v1\n") + FromHex(
                                                "0000000c"
                                                "6564725f70726f6475637473"  // edr_products
                                                "00000002"
                                                "00000004"
                                                "6e616d65"
                                                "00000007"
                                                "72756e6e696e67"
                                                "00000000"  // no keys
                                                "01"        // value
                                                "00000000"  // no error
                                                "00000002"
                                                "00000002"
                                                "04"
                                                "00000006"
                                                "636c616d6176"
                                                "02"
                                                "0000000000000001"
                                                "00000002"
                                                "04"
                                                "00000006"
                                                "617564697464"
                                                "01")
                                                .value();
  EXPECT_EQ(ToHex(TableDigest(t)), ToHex(Sha256(bytes)));
}

TEST(TableDigests, EverythingCountsButTimesAndSource) {
  const TableResult t = Volumes();
  const std::string digest = TableDigest(t);
  const auto with = [&t](auto change) {
    TableResult changed = t;
    change(changed);
    return TableDigest(changed);
  };
  EXPECT_EQ(with([](TableResult& c) { c.age = std::chrono::milliseconds(9); }), digest);
  EXPECT_EQ(with([](TableResult& c) { c.took = std::chrono::microseconds(9); }), digest);
  EXPECT_EQ(with([](TableResult& c) { c.source = "elsewhere"; }), digest);

  EXPECT_NE(with([](TableResult& c) { c.table = "disk_volume"; }), digest);
  EXPECT_NE(with([](TableResult& c) { c.columns[0] = "devices"; }), digest);
  EXPECT_NE(with([](TableResult& c) { c.keys.clear(); }), digest);
  EXPECT_NE(with([](TableResult& c) { c.state = State::kDenied; }), digest);
  EXPECT_NE(with([](TableResult& c) { c.error = "x"; }), digest);
  EXPECT_NE(with([](TableResult& c) { std::swap(c.rows[0], c.rows[1]); }), digest);
  EXPECT_NE(with([](TableResult& c) { c.rows.pop_back(); }), digest);
  EXPECT_NE(with([](TableResult& c) { c.rows[0][4] = Cell(Unknown{}); }), digest);
  EXPECT_NE(with([](TableResult& c) { c.rows[0][4] = Cell(""); }), digest);
  EXPECT_NE(with([](TableResult& c) { c.rows[0][2] = Cell("-5"); }), digest);
  EXPECT_NE(with([](TableResult& c) { c.rows[1][3] = Cell(0.0); }), digest);
}

TEST(TableDigests, TextCannotMoveBetweenNeighbouringCells) {
  TableResult a;
  a.table = "t";
  a.columns = {"x", "y"};
  a.rows = {{Cell("ab"), Cell("c")}};
  TableResult b = a;
  b.rows = {{Cell("a"), Cell("bc")}};
  EXPECT_NE(TableDigest(a), TableDigest(b));
}

// ---- the whole payload ------------------------------------------------------------------------

class Payload : public ::testing::Test {
 protected:
  Payload() {
    evidence_.set_device_id("laptop-1");
    evidence_.set_epoch(1);
    evidence_.set_sequence(1);
    evidence_.set_nonce(std::string(32, 'n'));
    ToProto(Volumes(), evidence_.add_tables());
  }
  Status Parse() const {
    const google::protobuf::LogSilencer quiet;
    v1::Evidence out;
    return ParseEvidence(evidence_.SerializeAsString(), &out);
  }
  v1::Evidence evidence_;
};

TEST_F(Payload, AGoodOneParsesAlsoIntoAMessageThatWasUsedBefore) {
  v1::Evidence used;
  used.set_offline(true);
  used.add_tables()->set_table("old");
  ASSERT_TRUE(ParseEvidence(evidence_.SerializeAsString(), &used));
  EXPECT_EQ(used.SerializeAsString(), evidence_.SerializeAsString());
}

TEST_F(Payload, JunkAndOversizeAreRefusedBeforeAnythingElse) {
  v1::Evidence out;
  const google::protobuf::LogSilencer quiet;
  EXPECT_EQ(ParseEvidence("junk", &out).error().code, Code::kMalformed);
  EXPECT_EQ(ParseEvidence("", &out).error().code, Code::kMalformed);
  EXPECT_EQ(ParseEvidence(std::string(kMaxEvidenceBytes + 1, '\0'), &out).error().code,
            Code::kTooLarge);
  const std::string bytes = evidence_.SerializeAsString();
  EXPECT_EQ(ParseEvidence(bytes.substr(0, bytes.size() - 1), &out).error().code, Code::kMalformed);
}

TEST_F(Payload, FieldsThatNoDeviceSendsAreRefusedByName) {
  const v1::Evidence good = evidence_;
  const auto error = [&](auto change) {
    evidence_ = good;
    change(evidence_);
    const Status status = Parse();
    return status ? Error{Code::kInternal, "was accepted"} : status.error();
  };
  EXPECT_THAT(error([](v1::Evidence& e) { e.set_device_id("../x"); }).message,
              HasSubstr("device_id"));
  EXPECT_THAT(error([](v1::Evidence& e) { e.set_epoch(0); }).message, HasSubstr("epoch"));
  EXPECT_THAT(error([](v1::Evidence& e) { e.set_sequence(0); }).message, HasSubstr("sequence"));
  EXPECT_THAT(error([](v1::Evidence& e) { e.set_previous_digest("x"); }).message,
              HasSubstr("previous_digest"));
  EXPECT_THAT(error([](v1::Evidence& e) { e.set_manifest_digest("x"); }).message,
              HasSubstr("manifest_digest"));
  EXPECT_EQ(error([](v1::Evidence& e) { e.set_nonce(std::string(65, 'n')); }).code,
            Code::kTooLarge);
  EXPECT_EQ(error([](v1::Evidence& e) {
              while (e.tables_size() <= kMaxTables) e.add_tables()->set_table("t");
            }).code,
            Code::kTooLarge);
  EXPECT_EQ(error([](v1::Evidence& e) { e.set_boot_id("\xff"); }).code, Code::kMalformed);
  evidence_ = good;
  EXPECT_TRUE(Parse());
}

// RFC 3629, section 4, at the edges of each range.
TEST(Utf8, OnlyShortestFormsOfScalarValuesPass) {
  for (const char* good : {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                           "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(good)) << ToHex(good);
  }
  for (const char* bad :
       {"\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf0\x90\x80", "\xff"}) {
    EXPECT_FALSE(IsUtf8(bad)) << ToHex(bad);
  }
  EXPECT_EQ(WireText("a\xff\\b"), "a\\xff\\b");
}

}  // namespace
}  // namespace sallyport
