// SPDX-License-Identifier: Apache-2.0
// TempFolder: a folder that is there for one test.
#pragma once

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>

namespace sallyport {

class TempFolder {
 public:
  TempFolder() {
    const auto name = std::filesystem::temp_directory_path() /
                      ("sallyport-" + std::to_string(std::random_device()()));
    if (!std::filesystem::create_directory(name)) throw std::runtime_error(name.string());
    std::filesystem::permissions(name, std::filesystem::perms::owner_all);
    path_ = std::filesystem::canonical(name).string();
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  // Makes the folders on the way.
  void Write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories(std::filesystem::path(*this / name).parent_path());
    std::ofstream(*this / name, std::ios::binary) << content;
  }
  std::string Read(const std::string& name) const {
    std::ostringstream content;
    content << std::ifstream(*this / name, std::ios::binary).rdbuf();
    return content.str();
  }

 private:
  std::string path_;
};

}  // namespace sallyport
