// SPDX-License-Identifier: Apache-2.0
#include "collectors/answers.h"

#include "base/text.h"

namespace sallyport {

Result<std::string> ReadTrimmed(const Host& host, const std::string& path) {
  const Result<std::string> text = host.ReadFile(path);
  if (!text) return tl::unexpected(text.error());
  return std::string(Trim(*text));
}

Value TextOrNull(const Result<std::string>& answer) {
  if (answer) return answer->empty() ? Cell(std::nullopt) : Cell(*answer);
  const Code code = answer.error().code;
  if (code == Code::kNotFound || code == Code::kUnsupported) return Cell(std::nullopt);
  return Unknown{};
}

std::string BaseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string DirName(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string InFolder(const std::string& folder, const std::string& path) {
  if (path.starts_with('/')) return path;
  return folder.ends_with('/') ? folder + path : folder + "/" + path;
}

}  // namespace sallyport
