// SPDX-License-Identifier: Apache-2.0
#include "service/gate_book.h"

#include <utility>

namespace sallyport {

uint64_t GateBook::Join(const std::string& gate, Send send, End end) {
  End replaced;
  uint64_t connection = 0;
  {
    const std::lock_guard lock(mutex_);
    Gate& slot = gates_[gate];
    replaced = std::move(slot.end);
    connection = next_connection_++;
    slot = Gate{connection, std::move(send), std::move(end), {}};
  }
  if (replaced) replaced("replaced");
  return connection;
}

void GateBook::Leave(const std::string& gate, uint64_t connection) {
  const std::lock_guard lock(mutex_);
  const auto at = gates_.find(gate);
  if (at != gates_.end() && at->second.connection == connection) gates_.erase(at);
}

Status GateBook::Cover(const std::string& gate, uint64_t connection, const std::string& device,
                       Request request) {
  const std::lock_guard lock(mutex_);
  const auto at = gates_.find(gate);
  if (at == gates_.end() || at->second.connection != connection) {
    return Fail(Code::kNotFound, "gate " + gate + ": not connected");
  }
  auto& requests = at->second.requests;
  if (requests.size() >= kDevicesPerGate && !requests.contains(device)) {
    return Fail(Code::kExhausted, "gate " + gate + ": asks for too many devices");
  }
  requests[device] = request;
  return {};
}

size_t GateBook::Push(const std::string& device,
                      const std::function<v1::GateCommand(const Request& request)>& make) {
  const std::lock_guard lock(mutex_);
  size_t told = 0;
  for (auto& [name, gate] : gates_) {
    const auto request = gate.requests.find(device);
    if (request == gate.requests.end()) continue;
    gate.send(make(request->second));
    ++told;
  }
  return told;
}

void GateBook::EndGate(const std::string& gate, const std::string& reason) {
  End end;
  {
    const std::lock_guard lock(mutex_);
    const auto at = gates_.find(gate);
    if (at != gates_.end()) end = at->second.end;
  }
  if (end) end(reason);
}

void GateBook::EndAll(const std::string& reason) {
  std::vector<End> ends;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, gate] : gates_) ends.push_back(gate.end);
  }
  for (const End& end : ends) end(reason);
}

size_t GateBook::connected() const {
  const std::lock_guard lock(mutex_);
  return gates_.size();
}

}  // namespace sallyport
