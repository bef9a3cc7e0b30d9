// SPDX-License-Identifier: Apache-2.0
// PlacedHost: files of a tree where a machine would have them, so that what reads the machine reads
// them, includes by absolute path among them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/table.h"
#include "platform/host.h"

namespace sallyport {

// A file, whose folder then has nothing else, or a folder with all that is in it, on the machine
// and in the tree. Both absolute; with an empty `tree` it is not there.
struct Placed {
  std::string machine;
  std::string tree;
};

class PlacedHost : public Host {
 public:
  // `host` must outlive it. Of several that fit, the first counts; all else is not there.
  PlacedHost(const Host& host, Os os, std::vector<Placed> placed)
      : host_(host), os_(os), placed_(std::move(placed)) {}

  Os os() const override { return os_; }
  Now Time() const override { return host_.Time(); }
  Result<std::string> ReadFile(const std::string& path,
                               size_t max_bytes = kMaxFileBytes) const override;
  Result<std::vector<DirEntry>> ListDir(const std::string& path) const override;
  Result<FileStat> Stat(const std::string& path) const override;
  Result<std::string> ReadLink(const std::string& path) const override;
  Result<std::string> RealPath(const std::string& path) const override;
  Result<CommandOutput> Run(const Command& command) const override;
  Result<Value> ReadDbusProperty(const DbusProperty& property) const override;

  // A text with each path of the machine as that of the tree.
  std::string InTree(std::string_view text) const;
  // Its cells that name files.
  void PlaceInTree(TableResult* table) const;

 private:
  Result<std::string> Find(const std::string& path) const;
  std::vector<DirEntry> PlacedIn(const std::string& folder) const;

  const Host& host_;
  Os os_;
  std::vector<Placed> placed_;
};

}  // namespace sallyport
