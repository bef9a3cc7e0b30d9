// SPDX-License-Identifier: Apache-2.0
// What protects the bytes of a Linux mount, device or file at rest: sysfs's tree of block devices
// followed down to the disks.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collectors/mounts.h"
#include "platform/host.h"

namespace sallyport {

struct AtRest {
  enum class Protection {
    kOn,
    kOff,
    kPartial,  // at least one part is clear, not all are known to be
    kUnknown,
    kNothing,  // memory, or a disk of somebody else: nothing is kept here at rest
  };
  Protection protection = Protection::kUnknown;
  std::string method;  // of kOn
  std::string cipher;  // of kOn; empty: could not be told
};

// Asks the host while it follows; what it cannot follow, or not within its bounds, is kUnknown.
// Host and mounts must outlive it.
class AtRestWalk {
 public:
  AtRestWalk(const Host& host, const std::vector<Mount>& mounts) : host_(host), mounts_(mounts) {}

  AtRest OfMount(const Mount& mount, int depth = 0);
  AtRest OfSwap(const SwapArea& area);

 private:
  AtRest OfNode(const std::string& node, int depth);    // /sys/devices/.../dm-0
  AtRest OfDevice(const std::string& path, int depth);  // /dev/mapper/home
  AtRest OfFile(const std::string& path, const std::string& except_mount, int depth);
  AtRest OfBtrfs(const std::string& source, int depth);
  AtRest OfZfs(const std::string& dataset, int depth);
  AtRest OfParts(const std::vector<std::string>& nodes, int depth);
  AtRest OfCrypt(const std::string& node, const std::string& uuid);

  static constexpr int kMaxDepth = 16;
  static constexpr int kMaxNodes = 4096;

  const Host& host_;
  const std::vector<Mount>& mounts_;
  std::map<std::string, AtRest> known_;  // by node
  int nodes_ = 0;
};

// File systems that live in memory or show the kernel's own state.
bool IsPseudoFileSystem(const std::string& fs_type);
// File systems whose bytes lie on another machine.
bool IsNetworkFileSystem(const std::string& fs_type);

}  // namespace sallyport
