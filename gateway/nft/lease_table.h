// SPDX-License-Identifier: Apache-2.0
// The leases in the kernel: grant, move, end, list, and count what passed of one that was cut.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/now.h"
#include "base/result.h"
#include "gateway/lease.h"
#include "gateway/nft/ruleset.h"
#include "gateway/nft/socket.h"

namespace sallyport::gateway::nft {

inline constexpr size_t kMaxMovesPerTransaction = 1024;

class LeaseTable {
 public:
  // kDenied without CAP_NET_ADMIN.
  static Result<LeaseTable> Open();

  Status Install(const Ruleset& ruleset);
  // Up to kMaxMovesPerTransaction in one transaction, more in several. A refresh is add, delete and
  // add again in one: a plain add does not extend an element (kernel 6.1), and a packet sees the
  // old one or the new one, never none. Ending what is not there is no error.
  Status Apply(const std::vector<Move>& moves);
  Result<std::vector<Element>> Dump();

  // From now until Unwatch (or 10 s), counts what is forwarded of these places though the table
  // does not allow it, beside the `always` services.
  Status Watch(const std::vector<Place>& places);
  Result<std::map<Place, uint64_t>> Passed();  // packets
  Status Unwatch(const std::vector<Place>& places);

  // Adds an element of no real interface, reads it back, sees that a refresh extends it and a move
  // moves it, and deletes it. kInternal naming the step when the kernel does otherwise.
  Status SelfTest();

  uint32_t portid() const { return socket_.portid(); }

 private:
  explicit LeaseTable(Socket socket) : socket_(std::move(socket)) {}
  Status ApplyBatch(const std::vector<Move>& moves);
  Status Correct(std::vector<Move> moves);
  Result<Element> Find(const Place& place);

  Socket socket_;
};

}  // namespace sallyport::gateway::nft
