// SPDX-License-Identifier: Apache-2.0
// Spool: signed evidence of the time without a stream, kept in SQLite until the service has it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "sallyport/v1/evidence.pb.h"

struct sqlite3;

namespace sallyport {

// Bounded by count and bytes. An evidence without its predecessor is worth nothing to the service
// (a gap), so what goes is always the whole oldest epoch; the caller opens a new epoch often
// enough that this is a small part of the spool. What went is counted, and the count travels in
// the next evidence: Append's `carried` and TellDropped keep it right when that one is lost too.
// One thread at a time. What Append returned for survives kill -9 and power cuts.
class Spool {
 public:
  struct Limits {
    uint64_t evidences = 1000;
    uint64_t bytes = 16 << 20;
  };
  struct Item {
    int64_t id = 0;
    uint64_t epoch = 0;
    v1::Envelope envelope;
    uint64_t carried = 0;
  };

  // Nothing is made, and SQLite stays out of memory, before the first Append. A file that is no
  // database any more is set aside as `path`.bad and counted as one dropped evidence; kUnavailable
  // when the file cannot be opened or its folder is not there.
  static Result<Spool> Open(const std::string& path, const Limits& limits);

  // kTooLarge when the evidence alone is over the bound.
  Status Append(const v1::Envelope& envelope, uint64_t epoch, uint64_t carried);
  Result<std::optional<Item>> Front() const;
  Status Remove(int64_t id);           // the service has it
  Status DropEpoch(uint64_t epoch);    // the service refused it: this and what follows in its epoch
  Status TellDropped(uint64_t count);  // an evidence that carries `count` has arrived

  uint64_t size() const { return size_; }
  uint64_t dropped() const { return dropped_; }  // and not yet told to the service
  const Limits& limits() const { return limits_; }

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };

  Spool(std::string path, const Limits& limits) : path_(std::move(path)), limits_(limits) {}
  Status OpenDatabase();
  Status MakeRoom(uint64_t epoch, uint64_t bytes);
  Status DeleteCounting(const char* where, int64_t argument);
  Status InTransaction(const Status& done);
  Status Recount();

  std::string path_;
  std::unique_ptr<sqlite3, Close> db_;  // null: no file yet
  Limits limits_;
  uint64_t size_ = 0;
  uint64_t bytes_ = 0;
  uint64_t dropped_ = 0;
};

}  // namespace sallyport
