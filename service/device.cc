// SPDX-License-Identifier: Apache-2.0
#include "service/device.h"

#include <utility>

namespace sallyport {

Device::Device(StoredDevice stored, PublicKey identity)
    : id(std::move(stored.device.id)),
      key(std::move(identity)),
      recent(std::move(stored.recent)),
      next_slot(stored.next_slot),
      os(OsFromName(stored.device.platform).value_or(Os::kLinux)),
      last_seen(stored.device.last_seen) {
  if (!stored.verdict) return;
  memory = std::move(stored.verdict->memory);
  stored_tier = stored.verdict->tier;
}

void Device::Chained(const ChainPosition& position) {
  recent.insert(recent.begin(), position);
  if (recent.size() > Store::kRecentPositions) recent.pop_back();
  ++next_slot;
}

bool Device::IsLive(const LeaseTerms& terms, Now now) const {
  return last_alive.count() != 0 && now.boot - last_alive <= terms.SilenceBorne();
}

std::shared_ptr<Device> DeviceBook::Find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto at = devices_.find(id);
  return at == devices_.end() ? nullptr : at->second;
}

Result<std::shared_ptr<Device>> DeviceBook::FindOrLoad(const std::string& id) {
  if (std::shared_ptr<Device> found = Find(id)) return found;
  Result<StoredDevice> stored = store_.Load(id);
  if (!stored) return tl::unexpected(stored.error());
  if (stored->device.role != LeafName::Role::kDevice) {
    return Fail(Code::kNotFound, id + ": not a device");
  }
  Result<PublicKey> key = PublicKey::FromSpki(stored->device.spki);
  if (!key) return Wrap(key.error(), "device " + id);
  auto loaded = std::make_shared<Device>(*std::move(stored), *std::move(key));
  const std::lock_guard lock(mutex_);
  return devices_.try_emplace(id, std::move(loaded)).first->second;
}

void DeviceBook::Forget(const Device& device) {
  const std::lock_guard lock(mutex_);
  const auto at = devices_.find(device.id);
  if (at != devices_.end() && at->second.get() == &device) devices_.erase(at);
}

std::vector<std::shared_ptr<Device>> DeviceBook::All() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Device>> all;
  all.reserve(devices_.size());
  for (const auto& [id, device] : devices_) all.push_back(device);
  return all;
}

}  // namespace sallyport
