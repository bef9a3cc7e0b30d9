// SPDX-License-Identifier: Apache-2.0
#include "collectors/windows_registry.h"

#include "base/text.h"

namespace sallyport {
namespace {

tl::unexpected<Error> WrongType(const std::string& key, const std::string& name,
                                const char* not_a) {
  return Fail(Code::kMalformed, key + "\\" + name + ": no " + not_a);
}

}  // namespace

Result<std::string> RegistryText(const Host& host, const std::string& key,
                                 const std::string& name) {
  const Result<Value> value = host.ReadRegistry(key, name);
  if (!value) return tl::unexpected(value.error());
  const auto* text = std::get_if<std::string>(&*value);
  if (text == nullptr) return WrongType(key, name, "text");
  return std::string(Trim(*text));
}

Result<int64_t> RegistryNumber(const Host& host, const std::string& key, const std::string& name) {
  const Result<Value> value = host.ReadRegistry(key, name);
  if (!value) return tl::unexpected(value.error());
  const auto* number = std::get_if<int64_t>(&*value);
  if (number == nullptr) return WrongType(key, name, "number");
  return *number;
}

Value TextOrUnknown(const Result<std::string>& answer) {
  return answer && !answer->empty() ? Cell(*answer) : Cell(Unknown{});
}

Value NumberOrUnknown(const Result<int64_t>& answer) {
  return answer ? Cell(*answer) : Cell(Unknown{});
}

std::string WindowsBuild::Version() const {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(build);
}

std::string WindowsBuild::FullVersion() const {
  return revision ? Version() + "." + std::to_string(*revision) : Version();
}

// CurrentVersion is "6.3" since Windows 8.1, whatever runs; the two numbers beside it came with
// Windows 10 and are right.
Result<WindowsBuild> ReadWindowsBuild(const Host& host) {
  const std::string key = kCurrentVersionKey;
  const Result<std::string> text = RegistryText(host, key, "CurrentBuildNumber");
  if (!text) return tl::unexpected(text.error());
  const auto build = ParseInt(*text);
  if (!build || *build <= 0) {
    return Fail(Code::kMalformed, key + "\\CurrentBuildNumber: " + Excerpt(*text));
  }
  const Result<int64_t> major = RegistryNumber(host, key, "CurrentMajorVersionNumber");
  if (!major) return tl::unexpected(major.error());
  const Result<int64_t> minor = RegistryNumber(host, key, "CurrentMinorVersionNumber");
  if (!minor) return tl::unexpected(minor.error());
  return WindowsBuild{*major, *minor, *build, RegistryNumber(host, key, "UBR")};
}

}  // namespace sallyport
