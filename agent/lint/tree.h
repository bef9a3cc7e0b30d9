// SPDX-License-Identifier: Apache-2.0
// The files and folders that are to be linted, walked within bounds, and a Host that shows them and
// nothing else of the machine.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/lint/finding.h"
#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

struct TreeLimits {
  size_t files = 200'000;
  size_t bytes = 4 << 20;  // of one file
  int depth = 64;          // of folders
};

// A path that was named, and the folder that may be read for its sake: itself, or of a file the one
// that it lies in.
struct TreeRoot {
  std::string path;    // absolute
  std::string folder;  // absolute
  std::string shown;   // the folder as it was named; "" for the one that the rest is relative to
  std::string real;    // the folder, every link followed
};

struct TreeFile {
  std::string path;  // absolute
  bool named = false;
};

struct Tree {
  std::vector<TreeRoot> roots;
  std::vector<TreeFile> files;  // regular files; each once, by path
  std::vector<UnreadFile> unread;
  std::vector<std::pair<std::string, std::string>> links;  // absolute path, and why
  size_t other = 0;  // links to what lies in the tree as well, sockets, devices

  // An absolute path as it is shown.
  std::string Shown(std::string_view path) const;
  // A message with each absolute path as it is shown.
  std::string ShownMessage(std::string message) const;
  // Lies in a folder that may be read.
  bool Holds(std::string_view real_path) const;
};

// `folder` is where relative paths begin. Links are not followed, but for those that are named: one
// that leads out of the tree or nowhere is told in `links`. A folder that cannot be listed and what
// lies beyond a bound are told in `unread`. Folders of version control (.git, .hg, .svn) are left
// out. kNotFound: a path that was named is not there. kTooLarge: over `limits.files`.
Result<Tree> WalkTree(const Host& host, std::span<const std::string> paths,
                      const std::string& folder, const TreeLimits& limits);

// What a reader sees: the files of the tree, each only if it is text that a program would read as
// it stands. Anything else is refused: kDenied outside of the tree, kTooLarge, kMalformed (UTF-16,
// binary), kUnsupported (a template). Keeps which files were read.
class TreeHost : public Host {
 public:
  // Both must outlive it.
  TreeHost(const Host& host, const Tree& tree, const TreeLimits& limits)
      : host_(host), tree_(tree), limits_(limits) {}

  Os os() const override { return host_.os(); }
  Now Time() const override { return host_.Time(); }
  Result<std::string> ReadFile(const std::string& path,
                               size_t max_bytes = kMaxFileBytes) const override;
  Result<std::vector<DirEntry>> ListDir(const std::string& path) const override;
  Result<FileStat> Stat(const std::string& path) const override;
  Result<std::string> ReadLink(const std::string& path) const override;
  Result<std::string> RealPath(const std::string& path) const override;
  Result<CommandOutput> Run(const Command& command) const override;
  Result<Value> ReadDbusProperty(const DbusProperty& property) const override;

  // As ReadFile, and not kept; without the question whether it is a template.
  Result<std::string> ReadText(const std::string& path) const;

  // The real paths that were read since the last call, with their content.
  std::map<std::string, std::string> TakeRead() const { return std::exchange(read_, {}); }

 private:
  Result<std::string> Inside(const std::string& path) const;
  Result<std::string> ReadInside(const std::string& path, const std::string& real) const;

  const Host& host_;
  const Tree& tree_;
  TreeLimits limits_;
  mutable std::map<std::string, std::string> read_;
};

}  // namespace sallyport
