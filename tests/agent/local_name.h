// SPDX-License-Identifier: Apache-2.0
// LocalName: where a test may listen: a name that nobody else has.
#pragma once

#include <memory>
#include <string>

namespace sallyport {

class LocalName {
 public:
  LocalName();
  ~LocalName();
  LocalName(const LocalName&) = delete;
  LocalName& operator=(const LocalName&) = delete;

  const std::string& text() const { return text_; }

 private:
  struct Folder;  // that it lies in, if names lie in folders
  std::unique_ptr<Folder> folder_;
  std::string text_;
};

}  // namespace sallyport
