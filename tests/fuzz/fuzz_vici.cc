// SPDX-License-Identifier: Apache-2.0
// Bytes as charon's socket might send them: cut into packets, decoded, read as sessions. What
// decodes must encode to something that decodes to the same.
#include <cstdlib>
#include <string>

#include "gateway/session.h"
#include "gateway/vici/message.h"

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  vici::Deframer in;
  in.Append(std::string_view(reinterpret_cast<const char*>(data), size));
  for (auto packet = in.Next(); packet && *packet; packet = in.Next()) {
    const auto bytes = vici::EncodePacket(**packet);
    if (!bytes) std::abort();
    const auto again = vici::DecodePacket(std::string_view(*bytes).substr(4));
    if (!again || *again != **packet) std::abort();
    (void)gateway::ParseListedSa((*packet)->message);
    (void)gateway::ParseSaEvent((*packet)->name, (*packet)->message);
  }
  return 0;
}
