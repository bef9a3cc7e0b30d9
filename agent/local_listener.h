// SPDX-License-Identifier: Apache-2.0
// LocalListener: where local processes connect. Belongs to the Qt event loop of its thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/local_end.h"
#include "base/result.h"

namespace sallyport {

class LocalListener {
 public:
  using OnConnection = std::function<void(LocalEnd, const Peer&)>;

  // Who may connect, beside administrators and this very user: one user, or nothing: everybody on
  // this machine. Names are those of ConnectLocal. A name that is left from a process that is gone
  // is taken over; one that somebody listens on, or that is something else, is kConflict.
  static Result<std::unique_ptr<LocalListener>> Listen(const std::string& name,
                                                       std::optional<UserId> only,
                                                       OnConnection on_connection);

  // On the socket that systemd handed over, sd_listen_fds(3); null when there is none.
  static Result<std::unique_ptr<LocalListener>> Inherited(OnConnection on_connection);

  ~LocalListener();
  LocalListener(const LocalListener&) = delete;
  LocalListener& operator=(const LocalListener&) = delete;

 private:
  struct Impl;
  explicit LocalListener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport
