// SPDX-License-Identifier: Apache-2.0
// The netlink socket to nf_tables: commit a transaction, dump a set, hear of changes by others.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/nft/transaction.h"

struct nlmsghdr;
struct mnl_socket;

namespace sallyport::gateway::nft {

inline constexpr char kTable[] = "sallyport";  // family inet

// Not thread-safe: one per thread.
class Socket {
 public:
  static Result<Socket> Open();  // kDenied without CAP_NET_ADMIN

  // Returns when the kernel has committed. kNotFound (ENOENT), kConflict (EEXIST, EBUSY), kDenied,
  // kExhausted (ENOSPC, ENFILE: the set is full), kTimeout, else kInternal; the message names the
  // table, set and element and the kernel's word for it.
  Status Commit(const Transaction& transaction);

  // Calls `each` for every answer to an NFT_MSG_GET*. kNotFound when the object is not there;
  // kConflict when it changed between two parts of the dump, ten times running.
  Status Dump(uint16_t type, const Attributes& attributes, const std::string& about,
              const std::function<void(const nlmsghdr&)>& each,
              const std::function<void()>& restart);
  // The same for one object that `attributes` name whole. kNotFound when it is not there.
  Status Get(uint16_t type, const Attributes& attributes, const std::string& about,
             const std::function<void(const nlmsghdr&)>& each);

  uint32_t portid() const;

 private:
  struct Close {
    void operator()(mnl_socket* socket) const;
  };
  explicit Socket(mnl_socket* socket) : socket_(socket) {}
  Status Ask(uint16_t type, uint16_t flags, const Attributes& attributes, const std::string& about,
             const std::function<void(const nlmsghdr&)>& each, bool* interrupted);
  Result<std::string_view> Receive();

  std::unique_ptr<mnl_socket, Close> socket_;
  uint32_t sequence_ = 1;
  std::vector<char> buffer_;
};

// Hears of every change to our table (nfnetlink group NFNLGRP_NFTABLES).
class Monitor {
 public:
  static Result<Monitor> Open();

  // Reads what is there without waiting: did anyone but `own` (a port id) change our table? True
  // also when messages were lost.
  bool ChangedByOthers(uint32_t own);
  int fd() const;

 private:
  explicit Monitor(std::shared_ptr<mnl_socket> socket) : socket_(std::move(socket)) {}

  std::shared_ptr<mnl_socket> socket_;
};

}  // namespace sallyport::gateway::nft
