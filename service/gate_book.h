// SPDX-License-Identifier: Apache-2.0
// GateBook: which gates are connected, and on which of its requests each gate awaits news of a
// device.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/now.h"
#include "base/result.h"
#include "sallyport/v1/gate.pb.h"

namespace sallyport {

// A device's commands leave in the order of the calls; callers hold the device's lock from reading
// its access to the call here, so no gate hears an older answer after a newer one. Any thread.
class GateBook {
 public:
  static constexpr size_t kDevicesPerGate = 200'000;
  // Must not block and may be called until Leave() returned.
  using Send = std::function<void(v1::GateCommand)>;
  using End = std::function<void(const std::string& reason)>;

  struct Request {
    uint64_t id = 0;
    Millis received{0};  // boot
  };

  // A gate of the same name that is connected already is ended. Returns this connection's number.
  uint64_t Join(const std::string& gate, Send send, End end);
  void Leave(const std::string& gate, uint64_t connection);

  // From now on the device's news goes to this request. kExhausted over kDevicesPerGate.
  Status Cover(const std::string& gate, uint64_t connection, const std::string& device,
               Request request);

  // `make` renders the command for each gate that has asked for the device. Returns how many.
  size_t Push(const std::string& device,
              const std::function<v1::GateCommand(const Request& request)>& make);

  void EndGate(const std::string& gate, const std::string& reason);
  void EndAll(const std::string& reason);
  size_t connected() const;

 private:
  struct Gate {
    uint64_t connection = 0;
    Send send;
    End end;
    std::unordered_map<std::string, Request> requests;  // by device
  };
  mutable std::mutex mutex_;
  std::map<std::string, Gate> gates_;
  uint64_t next_connection_ = 1;
};

}  // namespace sallyport
