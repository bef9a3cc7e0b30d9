// SPDX-License-Identifier: Apache-2.0
// ProgressFile: a small file that is written at every step, and is believed only from its maker. It
// may lie in a folder where others can make files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace sallyport {

// The beginning of a file that this user made; "" when there is none or somebody else made it.
std::string ReadOwnFile(const std::string& path);

class ProgressFile {
 public:
  // Whatever lay there is no longer there: a link or file of somebody else is not written to.
  static Result<ProgressFile> MakeAnew(const std::string& path);

  ProgressFile() = default;
  ProgressFile(ProgressFile&& other) noexcept
      : path_(std::move(other.path_)), native_(std::exchange(other.native_, -1)) {}
  ProgressFile& operator=(ProgressFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(native_, other.native_);
    return *this;
  }
  ~ProgressFile();

  // From the beginning of the file, in one write: whoever looks sees it whole. What was longer
  // before keeps its end. It outlives this process, not this boot.
  Status Write(std::string_view text);

 private:
  std::string path_;
  intptr_t native_ = -1;  // descriptor or handle
};

}  // namespace sallyport
