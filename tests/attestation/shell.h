// SPDX-License-Identifier: Apache-2.0
// For tests: the real command-line tools, and folders that vanish with the test.
#pragma once

#include <string>

namespace sallyport {

class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }
  // Writes `content` and returns the path.
  std::string Put(const std::string& name, const std::string& content) const;
  std::string Read(const std::string& name) const;

 private:
  std::string path_;
};

struct ShellOutput {
  int exit_code = -1;
  std::string text;  // stdout and stderr together
};

// Runs `script` by bash -e in `folder`.
ShellOutput RunShell(const std::string& folder, const std::string& script);

}  // namespace sallyport
