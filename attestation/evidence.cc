// SPDX-License-Identifier: Apache-2.0
#include "attestation/evidence.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "attestation/certificates.h"
#include "attestation/keys.h"
#include "attestation/utf8.h"
#include "base/bytes.h"
#include "base/text.h"

namespace sallyport {
namespace {

// Times over this (285,000 years in ms) are nonsense, and would overflow when added up.

// ---- to wire form ---------------------------------------------------------------------------

void CellToProto(const Value& value, v1::Cell* out) {
  struct Writer {
    v1::Cell* out;
    void operator()(std::monostate) const {}
    void operator()(Unknown) const { out->set_unknown(true); }
    void operator()(int64_t v) const { out->set_integer(v); }
    void operator()(double v) const {
      // SQL reads NaN as NULL, "does not apply"; a number that is none is not known.
      if (std::isnan(v)) {
        out->set_unknown(true);
      } else {
        out->set_real(v);
      }
    }
    void operator()(const std::string& v) const {
      if (IsUtf8(v)) {
        out->set_text(v);
      } else {
        out->set_raw_text(v);
      }
    }
  };
  std::visit(Writer{out}, value);
}

// ---- from wire form -------------------------------------------------------------------------

Status CellFromProto(const v1::Cell& cell, Value& out) {
  switch (cell.value_case()) {
    case v1::Cell::VALUE_NOT_SET:
      out.emplace<std::monostate>();
      return {};
    case v1::Cell::kUnknown:
      if (!cell.unknown()) return Fail(Code::kMalformed, "a cell that is not unknown");
      out.emplace<Unknown>();
      return {};
    case v1::Cell::kInteger:
      out.emplace<int64_t>(cell.integer());
      return {};
    case v1::Cell::kReal:
      if (std::isnan(cell.real())) return Fail(Code::kMalformed, "a cell that is not a number");
      out.emplace<double>(cell.real());
      return {};
    case v1::Cell::kText:
      out.emplace<std::string>(cell.text());
      return {};
    case v1::Cell::kRawText:
      if (IsUtf8(cell.raw_text())) return Fail(Code::kMalformed, "raw_text that is UTF-8");
      out.emplace<std::string>(cell.raw_text());
      return {};
  }
  return Fail(Code::kMalformed, "a cell of an unknown kind");
}

Result<Row> RowFromProto(const v1::Row& message, int columns) {
  if (message.cells_size() != columns) {
    return Fail(Code::kMalformed, std::to_string(message.cells_size()) + " cells for " +
                                      std::to_string(columns) + " columns");
  }
  Row row(static_cast<size_t>(columns));
  for (size_t i = 0; i < row.size(); ++i) {
    const Status s = CellFromProto(message.cells(static_cast<int>(i)), row[i]);
    if (!s) return tl::unexpected(s.error());
  }
  return row;
}

Status CheckBounds(const v1::TableResult& message) {
  if (message.columns_size() > kMaxColumns) {
    return Fail(Code::kTooLarge, "over " + std::to_string(kMaxColumns) + " columns");
  }
  if (message.rows_size() > kMaxRowsPerTable) {
    return Fail(Code::kTooLarge, "over " + std::to_string(kMaxRowsPerTable) + " rows");
  }
  if (message.keys_size() > kMaxKeysPerTable) {
    return Fail(Code::kTooLarge, "over " + std::to_string(kMaxKeysPerTable) + " keys");
  }
  return {};
}

Status CheckShape(const v1::TableResult& message) {
  if (message.state() < v1::TableResult::STATE_VALUE ||
      message.state() > v1::TableResult::STATE_SUPPRESSED) {
    return Fail(Code::kMalformed, "state " + std::to_string(message.state()));
  }
  if (message.age_ms() > kMaxDuration || message.took_us() > kMaxDuration) {
    return Fail(Code::kMalformed, "a time out of range");
  }
  std::set<std::string_view> names;
  for (const std::string& column : message.columns()) {
    if (column.empty()) return Fail(Code::kMalformed, "a column without name");
    if (!names.insert(column).second) {
      return Fail(Code::kMalformed, "column " + Excerpt(column) + " twice");
    }
  }
  const size_t digest = message.unchanged_digest().size();
  const bool has_rows = message.columns_size() > 0 || message.rows_size() > 0;
  if (digest != 0 && (digest != kDigestSize || has_rows)) {
    return Fail(Code::kMalformed, "unchanged_digest of a wrong length or beside rows");
  }
  return {};
}

// ---- canonical form for the digest ----------------------------------------------------------

void PutText(std::string& out, std::string_view text) {
  PutU32(out, static_cast<uint32_t>(text.size()));
  out += text;
}

void PutCount(std::string& out, size_t count) { PutU32(out, static_cast<uint32_t>(count)); }

void PutCell(std::string& out, const Value& value) {
  struct Writer {
    std::string& out;
    void operator()(std::monostate) const { PutU8(out, 0); }
    void operator()(Unknown) const { PutU8(out, 1); }
    void operator()(int64_t v) const {
      PutU8(out, 2);
      PutU64(out, static_cast<uint64_t>(v));
    }
    void operator()(double v) const {
      if (std::isnan(v)) return (*this)(Unknown{});  // as it travels
      PutU8(out, 3);
      PutU64(out, std::bit_cast<uint64_t>(v));
    }
    void operator()(const std::string& v) const {
      PutU8(out, 4);
      PutText(out, v);
    }
  };
  std::visit(Writer{out}, value);
}

Status CheckDigestField(const std::string& digest, const char* field) {
  if (digest.empty() || digest.size() == kDigestSize) return {};
  return Fail(Code::kMalformed, std::string("evidence: ") + field + " of " +
                                    std::to_string(digest.size()) + " bytes");
}

}  // namespace

void ToProto(const Key& key, v1::Key* out) {
  out->set_column(WireText(key.column));
  out->set_value(WireText(key.value));
  out->set_like(key.like);
}

Keys FromProto(const google::protobuf::RepeatedPtrField<v1::Key>& keys) {
  Keys out;
  for (const v1::Key& key : keys) out.push_back({key.column(), key.value(), key.like()});
  return out;
}

void ToProto(const TableResult& result, v1::TableResult* out) {
  out->Clear();
  out->set_table(WireText(result.table));
  for (const std::string& column : result.columns) out->add_columns(WireText(column));
  for (const Key& key : result.keys) ToProto(key, out->add_keys());
  out->set_state(static_cast<v1::TableResult::State>(static_cast<int>(result.state) + 1));
  for (const Row& row : result.rows) {
    v1::Row* entry = out->add_rows();
    for (const Value& value : row) CellToProto(value, entry->add_cells());
  }
  out->set_error(WireText(result.error));
  out->set_age_ms(static_cast<uint64_t>(std::max<int64_t>(0, result.age.count())));
  out->set_took_us(static_cast<uint64_t>(std::max<int64_t>(0, result.took.count())));
  out->set_source(WireText(result.source));
}

Result<TableResult> FromProto(const v1::TableResult& message) {
  if (message.table().empty()) return Fail(Code::kMalformed, "table result: no table named");
  const std::string prefix = "table " + Excerpt(message.table());
  if (const Status s = CheckBounds(message); !s) return Wrap(s.error(), prefix);
  if (const Status s = CheckShape(message); !s) return Wrap(s.error(), prefix);

  TableResult out;
  out.table = message.table();
  out.columns.assign(message.columns().begin(), message.columns().end());
  out.keys = FromProto(message.keys());
  out.state = static_cast<State>(message.state() - 1);
  out.rows.reserve(static_cast<size_t>(message.rows_size()));
  for (const v1::Row& entry : message.rows()) {
    auto row = RowFromProto(entry, message.columns_size());
    if (!row) return Wrap(row.error(), prefix);
    out.rows.push_back(*std::move(row));
  }
  out.error = message.error();
  out.age = std::chrono::milliseconds(message.age_ms());
  out.took = std::chrono::microseconds(message.took_us());
  out.source = message.source();
  return out;
}

std::string TableDigest(const TableResult& result) {
  std::string out("sallyport table v1\n");
  PutText(out, WireText(result.table));
  PutCount(out, result.columns.size());
  for (const std::string& column : result.columns) PutText(out, WireText(column));
  PutCount(out, result.keys.size());
  for (const Key& key : result.keys) {
    PutText(out, WireText(key.column));
    PutText(out, WireText(key.value));
    PutU8(out, key.like ? 1 : 0);
  }
  PutU8(out, static_cast<uint8_t>(static_cast<int>(result.state) + 1));
  PutText(out, WireText(result.error));
  PutCount(out, result.rows.size());
  for (const Row& row : result.rows) {
    PutCount(out, row.size());
    for (const Value& value : row) PutCell(out, value);
  }
  return Sha256(out);
}

Status ParseEvidence(std::string_view payload, v1::Evidence* out) {
  if (payload.size() > kMaxEvidenceBytes) {
    return Fail(Code::kTooLarge, "evidence: " + std::to_string(payload.size()) + " bytes");
  }
  if (!out->ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return Fail(Code::kMalformed, "evidence: not the protobuf message");
  }
  if (!IsValidId(out->device_id())) return Fail(Code::kMalformed, "evidence: device_id");
  if (out->epoch() == 0 || out->sequence() == 0) {
    return Fail(Code::kMalformed, "evidence: epoch and sequence start at 1");
  }
  if (out->nonce().size() > kMaxNonceBytes) return Fail(Code::kTooLarge, "evidence: nonce");
  if (const Status s = CheckDigestField(out->previous_digest(), "previous_digest"); !s) return s;
  if (const Status s = CheckDigestField(out->manifest_digest(), "manifest_digest"); !s) return s;
  if (out->tables_size() > kMaxTables) {
    return Fail(Code::kTooLarge, "evidence: over " + std::to_string(kMaxTables) + " tables");
  }
  return {};
}

}  // namespace sallyport
