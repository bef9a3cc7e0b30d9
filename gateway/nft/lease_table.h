// SPDX-License-Identifier: Apache-2.0
// The leases in the kernel: grant, move, end, list, and count what passed of one that was cut.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/now.h"
#include "base/result.h"
#include "gateway/lease.h"
#include "gateway/nft/ruleset.h"
#include "gateway/nft/socket.h"

namespace sallyport::gateway::nft {

inline constexpr size_t kMaxMovesPerTransaction = 1024;

// Who may change the table.
enum class Ownership {
  kAnyones,
  // Only this process while it lives: the kernel refuses everyone else, and `nft flush ruleset`
  // passes the table by. When the process ends the table stays, as anyone's. Linux 6.9.
  kOurs,
};

class LeaseTable {
 public:
  // kDenied without CAP_NET_ADMIN.
  static Result<LeaseTable> Open();
  // Another for a thread of its own. Ownership is one socket's, so both commit through the same.
  Result<LeaseTable> Share() const;

  // Says what could be had of `wanted`: a kernel before 6.9, or a table that was made by one, can
  // only be anyone's. kDenied when it is another process's.
  Result<Ownership> Install(const Ruleset& ruleset, Ownership wanted);
  // Up to kMaxMovesPerTransaction in one transaction, more in several. Ending what has ended by
  // itself is no error. A refresh is add, delete and add again in one: a plain add does not extend
  // an element (kernel 6.1). A packet sees the old tier or the new one, never neither.
  Status Apply(const std::vector<Move>& moves);
  // Of one generation of the table, by place. The kernel walks a hash table, and an element whose
  // time is over may be taken out of it behind the walk: one that stands can then be left out. Fit
  // to settle what the table should hold; a proof asks for the element itself (Get).
  Result<std::vector<Element>> Dump();
  // The place's own element, with device as in Dump. Of one that is moved meanwhile to a higher
  // tier there is always an answer. kNotFound when no tier has one, or there is no table.
  Result<Element> Get(const Place& place);

  // From now until Unwatch (or 10 s), counts what is forwarded of these places though the table
  // does not allow it, beside the `always` services.
  Status Watch(const std::vector<Place>& places);
  Result<std::map<Place, uint64_t>> Passed();  // packets
  Status Unwatch(const std::vector<Place>& places);

  // Adds an element of no real interface, reads it back, sees that a refresh extends it and a move
  // moves it, and deletes it. kInternal naming the step when the kernel does otherwise.
  Status SelfTest();

  uint32_t portid() const { return writer_->portid(); }  // what changes of ours come from

 private:
  class Writer {
   public:
    explicit Writer(Socket socket) : socket_(std::move(socket)) {}
    Status Commit(const Transaction& transaction);
    uint32_t portid() const { return socket_.portid(); }

   private:
    std::mutex mutex_;
    Socket socket_;
  };

  LeaseTable(std::shared_ptr<Writer> writer, Socket reader)
      : writer_(std::move(writer)), reader_(std::move(reader)) {}
  Result<std::vector<Element>> DumpTier(Tier tier, std::set<uint16_t>& generations);

  std::shared_ptr<Writer> writer_;
  Socket reader_;
};

}  // namespace sallyport::gateway::nft
