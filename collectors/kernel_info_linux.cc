// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/kernel_info.h"

namespace sallyport {
namespace {

struct CommandLine {
  std::string arguments;
  Value path = std::monostate{};
  Value device = std::monostate{};
};

// The first BOOT_IMAGE= and root= are the boot loader's; all else is an argument, in order.
CommandLine ParseCommandLine(std::string_view text) {
  CommandLine out;
  std::vector<std::string> arguments;
  for (std::string_view word : Fields(text)) {
    if (word.starts_with("BOOT_IMAGE=") && IsNull(out.path)) {
      out.path = Cell(word.substr(11));
    } else if (word.starts_with("root=") && IsNull(out.device)) {
      out.device = Cell(word.substr(5));
    } else {
      arguments.emplace_back(word);
    }
  }
  out.arguments = Join(arguments, " ");
  return out;
}

}  // namespace

Result<Rows> KernelInfoLinux(const Host& host, const Keys&) {
  const Result<std::string> release = ReadTrimmed(host, "/proc/sys/kernel/osrelease");
  if (!release) return tl::unexpected(release.error());

  const Result<std::string> text = host.ReadFile("/proc/cmdline");
  if (!text) return Rows{{*release, Unknown{}, Unknown{}, Unknown{}}};
  const CommandLine line = ParseCommandLine(*text);
  return Rows{{*release, line.arguments, line.path, line.device}};
}

}  // namespace sallyport
