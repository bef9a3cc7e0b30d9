// SPDX-License-Identifier: Apache-2.0
// Evidence: table results to wire form and back, digests of unchanged tables, and the device's
// side of the chain. docs/formats/evidence.md is the format.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "sallyport/v1/evidence.pb.h"

namespace sallyport {

// Bounds of one evidence; over one of them it is refused as a whole (kTooLarge).
inline constexpr size_t kMaxEvidenceBytes = 1 << 20;
inline constexpr int kMaxTables = 4096;  // a table counts once for each of its keys
inline constexpr int kMaxRowsPerTable = 20'000;
inline constexpr int kMaxColumns = 128;
inline constexpr int kMaxKeysPerTable = 1024;
inline constexpr size_t kMaxNonceBytes = 64;
inline constexpr size_t kDigestSize = 32;             // SHA-256
inline constexpr uint64_t kMaxDuration = 1ull << 53;  // of age_ms and took_us

// Text that is not UTF-8 travels as raw_text in cells, and elsewhere with \\xNN for its bytes. A
// NaN travels as unknown.
void ToProto(const TableResult& result, v1::TableResult* out);
// kMalformed for rows that do not have as many cells as there are columns (which may be none),
// unnamed tables, states out of range; kTooLarge over a bound. Of a result that carries
// unchanged_digest the rows are empty.
Result<TableResult> FromProto(const v1::TableResult& message);

// Keys to wire form and back.
void ToProto(const Key& key, v1::Key* out);
Keys FromProto(const google::protobuf::RepeatedPtrField<v1::Key>& keys);

// SHA-256 over table, columns, keys, state, error and ordered rows; no times. The same before
// ToProto and after FromProto.
std::string TableDigest(const TableResult& result);

// The payload of a verified envelope, into a message that may be used again for the next one
// (cheaper than a new one). kMalformed or kTooLarge for what no device of ours sends; the tables
// are checked by FromProto.
Status ParseEvidence(std::string_view payload, v1::Evidence* out);

// Where an evidence stands in its device's order.
struct ChainPosition {
  uint64_t epoch = 0;
  uint64_t sequence = 0;
  std::string digest;  // SHA-256 of the payload; empty: nothing sent in this epoch yet

  friend bool operator==(const ChainPosition&, const ChainPosition&) = default;
};

// The device's side: hands out epoch and sequence. Sequences are reserved in blocks ahead of use
// and the reservation is made durable first, so no fsync lies between a change and its evidence
// and no sequence is ever used twice, also after a power cut.
class EvidenceChain {
 public:
  // State in `path` (made when absent: epoch 1). Each start begins a new epoch, because the last
  // evidence of the run before may or may not have arrived; a file that does not parse is
  // kMalformed and nothing is overwritten.
  static Result<EvidenceChain> Open(const std::string& path);

  struct Position {
    uint64_t epoch = 0;
    uint64_t sequence = 0;
    std::string previous_digest;
  };
  Result<Position> Next();              // reserves when the block is used up
  void Sent(std::string_view payload);  // the next one's predecessor
  // After a gap was reported. `above`: an epoch that the service holds (ServiceHello), in case the
  // state file was lost or put back.
  Status NewEpoch(uint64_t above = 0);
  const std::string& last_digest() const { return last_digest_; }

 private:
  std::string path_;
  uint64_t epoch_ = 0;
  uint64_t next_ = 1;
  uint64_t reserved_until_ = 0;
  std::string last_digest_;
};

}  // namespace sallyport
