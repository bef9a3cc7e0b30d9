// SPDX-License-Identifier: Apache-2.0
// An evidence as the agent answers with it, signed by a key of its own.
#pragma once

#include <string>

#include "attestation/dsse.h"
#include "attestation/evidence.h"
#include "attestation/keys.h"
#include "sallyport/v1/local.pb.h"
#include "tests/agent/cli_samples.h"

namespace sallyport {

inline v1::TableResult Edr(const std::string& state) {
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
inline Signed MakeResponse() {
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

}  // namespace sallyport
