// SPDX-License-Identifier: Apache-2.0
// A payload that the right key signed may still be anything: it is refused, or every table of it
// goes to a value and back unchanged.
#include <google/protobuf/stubs/logging.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "attestation/evidence.h"

namespace {

bool SilenceProtobuf() {
  google::protobuf::SetLogHandler(nullptr);
  return true;
}

void CheckTable(const sallyport::v1::TableResult& message) {
  using namespace sallyport;  // NOLINT: as below
  const auto table = FromProto(message);
  if (!table) return;
  v1::TableResult again;
  ToProto(*table, &again);
  const auto back = FromProto(again);
  // Compared by digest: NaN cannot come, -0.0 and 0.0 differ.
  if (!back || TableDigest(*back) != TableDigest(*table)) std::abort();
  for (const Row& row : table->rows) {
    if (row.size() != table->columns.size()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool silent = SilenceProtobuf();
  if (!silent) return 0;
  sallyport::v1::Evidence evidence;
  const std::string_view payload(reinterpret_cast<const char*>(data), size);
  if (!sallyport::ParseEvidence(payload, &evidence)) return 0;
  for (const auto& message : evidence.tables()) CheckTable(message);
  return 0;
}
