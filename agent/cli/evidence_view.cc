// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/evidence_view.h"

#include <algorithm>

#include "attestation/dsse.h"
#include "attestation/evidence.h"
#include "attestation/keys.h"
#include "base/hex.h"
#include "base/table.h"

namespace sallyport {
namespace {

using Paint = Style::Paint;

// The rows that the agent shows for a table of the envelope that has only their digest.
Result<v1::TableResult> RowsBehind(const v1::TableResult& table,
                                   const v1::EvidenceResponse& response) {
  for (const v1::TableResult& shown : response.unchanged()) {
    const Result<TableResult> rows = FromProto(shown);
    if (!rows || TableDigest(*rows) != table.unchanged_digest()) continue;
    v1::TableResult whole = shown;
    whole.set_age_ms(table.age_ms());
    whole.set_unchanged_digest(table.unchanged_digest());
    return whole;
  }
  return Fail(Code::kBadSignature,
              "table " + Printable(table.table()) + ": no rows that fit the signed digest");
}

std::string StateWord(v1::TableResult::State state) {
  switch (state) {
    case v1::TableResult::STATE_VALUE:
      return "value";
    case v1::TableResult::STATE_UNSPECIFIED:
      return "unknown";
    default:
      return StateName(static_cast<State>(state - 1));
  }
}

std::string CellText(const v1::Cell& cell) {
  switch (cell.value_case()) {
    case v1::Cell::kUnknown:
      return "unknown";
    case v1::Cell::kInteger:
      return std::to_string(cell.integer());
    case v1::Cell::kReal:
      return ToText(Value(cell.real()));
    case v1::Cell::kText:
      return "'" + Printable(cell.text()) + "'";
    case v1::Cell::kRawText:
      return "x'" + ToHex(cell.raw_text()) + "'";
    default:
      return "null";
  }
}

std::string RowText(const v1::TableResult& table, const v1::Row& row) {
  std::string text;
  for (int i = 0; i < row.cells_size() && i < table.columns_size(); ++i) {
    text += (text.empty() ? "" : "  ") + Printable(table.columns(i)) + "=" + CellText(row.cells(i));
  }
  return text;
}

std::string KeysText(const v1::TableResult& table) {
  std::string text;
  for (const v1::Key& key : table.keys()) {
    text += "  " + Printable(key.column()) + (key.like() ? " LIKE '" : "='") +
            Printable(key.value()) + "'";
  }
  return text;
}

// What left of each row; a table that was not read has none.
std::string ColumnsText(const v1::TableResult& table) {
  if (table.columns_size() == 0 && table.rows_size() == 0) return "";
  std::string text;
  for (const std::string& column : table.columns()) {
    text += (text.empty() ? "" : ", ") + Printable(column);
  }
  return "    columns  " + (text.empty() ? "none, only how many rows there are" : text) + "\n";
}

std::string TableText(const v1::TableResult& table, const Style& style) {
  const bool value = table.state() == v1::TableResult::STATE_VALUE;
  std::string text = "\n" + Printable(table.table()) + KeysText(table) + "   " +
                     style(value ? Paint::kGood : Paint::kWarning, StateWord(table.state())) +
                     "   " + std::to_string(table.rows_size()) +
                     (table.rows_size() == 1 ? " row" : " rows") + ", read " +
                     Duration(Millis(static_cast<Millis::rep>(table.age_ms()))) + " before signing";
  if (!table.source().empty()) text += ", from " + Printable(table.source());
  if (!table.unchanged_digest().empty()) text += style(Paint::kFaint, "   sent as a digest");
  text += "\n";
  if (!table.error().empty()) text += "    " + Printable(table.error()) + "\n";
  text += ColumnsText(table);
  if (table.columns_size() == 0) return text;
  for (const v1::Row& row : table.rows()) text += "    " + RowText(table, row) + "\n";
  return text;
}

}  // namespace

Result<EvidenceView> OpenEvidence(const v1::EvidenceResponse& response) {
  const Result<PublicKey> key = PublicKey::FromSpki(response.public_key());
  if (!key) return tl::unexpected(key.error());
  const Status good = VerifyEnvelope(*key, kEvidenceType, response.envelope());
  if (!good) return tl::unexpected(good.error());

  EvidenceView view;
  view.key_id = key->key_id();
  view.digest = ToHex(Sha256(response.envelope().payload()));
  view.accepted = response.accepted();
  if (!view.evidence.ParseFromString(response.envelope().payload())) {
    return Fail(Code::kMalformed, "the signed payload is no evidence");
  }
  for (const v1::TableResult& table : view.evidence.tables()) {
    if (table.unchanged_digest().empty()) {
      view.tables.push_back(table);
      continue;
    }
    Result<v1::TableResult> whole = RowsBehind(table, response);
    if (!whole) return tl::unexpected(whole.error());
    view.tables.push_back(*std::move(whole));
  }
  return view;
}

std::string EvidenceText(const EvidenceView& view, const Style& style) {
  const v1::Evidence& evidence = view.evidence;
  std::string text = "Evidence  " + view.digest + "\n";
  text += "          signature verifies with key " + view.key_id + "\n";
  text += "Device    " + Printable(evidence.device_id()) + "   epoch " +
          std::to_string(evidence.epoch()) + ", sequence " + std::to_string(evidence.sequence()) +
          (evidence.offline() ? ", offline" : "") + "\n";
  text += "State     " +
          (view.accepted ? style(Paint::kGood, "accepted by the service")
                         : style(Paint::kWarning, "not accepted by the service yet")) +
          "\n";
  for (const v1::TableResult& table : view.tables) text += TableText(table, style);
  return text;
}

}  // namespace sallyport
