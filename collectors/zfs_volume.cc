// SPDX-License-Identifier: Apache-2.0
#include "collectors/zfs_volume.h"

#include "base/text.h"

namespace sallyport {
namespace {

Result<std::string> Output(const Host& host, std::vector<std::string> argv,
                           const std::string& dataset) {
  // The first character of a pool's name is a letter, zpoolconcepts(7): never an option.
  if (dataset.empty() || dataset.front() == '-') return Fail(Code::kMalformed, "zfs: " + dataset);
  const Result<CommandOutput> output = host.Run({.argv = std::move(argv)});
  if (!output) return tl::unexpected(output.error());
  if (output->exit_code != 0) return Fail(Code::kUnavailable, "zfs: " + Excerpt(output->err));
  return output->out;
}

}  // namespace

Result<std::string> ZfsEncryption(const Host& host, const std::string& dataset) {
  const Result<std::string> text =
      Output(host, {"/usr/sbin/zfs", "get", "-H", "-o", "value", "encryption", dataset}, dataset);
  if (!text) return tl::unexpected(text.error());
  const std::string_view value = Trim(*text);
  if (value != "off" && !value.starts_with("aes-")) {
    return Fail(Code::kMalformed, "zfs encryption: " + Excerpt(value));
  }
  return std::string(value);
}

std::vector<std::string> ParseZpoolList(std::string_view text) {
  std::vector<std::string> out;
  bool spare = false;
  for (std::string_view line : Lines(text)) {
    const std::vector<std::string_view> fields = Fields(line);
    if (fields.empty()) continue;
    if (!fields[0].starts_with('/')) {
      // A pool, a mirror, or a class of devices: "logs", "cache", "special", "spare".
      spare = fields[0].starts_with("spare");
    } else if (!spare) {
      out.emplace_back(fields[0]);
    }
  }
  return out;
}

Result<std::vector<std::string>> ZpoolDevices(const Host& host, const std::string& dataset) {
  const std::string pool = dataset.substr(0, dataset.find('/'));
  const Result<std::string> text =
      Output(host, {"/usr/sbin/zpool", "list", "-H", "-v", "-P", "-L", pool}, dataset);
  if (!text) return tl::unexpected(text.error());
  return ParseZpoolList(*text);
}

}  // namespace sallyport
