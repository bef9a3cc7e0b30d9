// SPDX-License-Identifier: Apache-2.0
#include "collectors/mounts.h"

#include <algorithm>

#include "base/text.h"

namespace sallyport {
namespace {

bool IsOctal(char c) { return c >= '0' && c <= '7'; }

// 22 1 254:1 / /home rw,noatime shared:1 - ext4 /dev/mapper/home rw
// Between options and "-" stand any number of optional fields. A source may be empty.
Result<Mount> ParseMount(std::string_view line) {
  const std::vector<std::string_view> fields = Split(line, ' ');
  const auto dash =
      fields.size() < 6 ? fields.end() : std::find(fields.begin() + 6, fields.end(), "-");
  if (fields.end() - dash < 4 || fields[2].find(':') == std::string_view::npos) {
    return Fail(Code::kMalformed, "mountinfo: " + Excerpt(line));
  }
  const std::vector<std::string_view> options = Split(fields[5], ',');
  return Mount{.id = std::string(fields[0]),
               .device = std::string(fields[2]),
               .root = UnescapeOctal(fields[3]),
               .mount_point = UnescapeOctal(fields[4]),
               .fs_type = std::string(dash[1]),
               .source = UnescapeOctal(dash[2]),
               .super_options = UnescapeOctal(dash[3]),
               .read_only = std::ranges::find(options, "ro") != options.end(),
               .parent = std::string(fields[1]),
               .options = UnescapeOctal(fields[5])};
}

bool Holds(const Mount& mount, std::string_view path) {
  if (mount.mount_point == "/") return path.starts_with('/');
  if (!path.starts_with(mount.mount_point)) return false;
  return path.size() == mount.mount_point.size() || path[mount.mount_point.size()] == '/';
}

}  // namespace

std::string UnescapeOctal(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && IsOctal(text[i + 1]) && text[i + 1] < '4' &&
        IsOctal(text[i + 2]) && IsOctal(text[i + 3])) {
      out.push_back(static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                      (text[i + 3] - '0')));
      i += 3;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

Result<std::vector<Mount>> ParseMountinfo(std::string_view text) {
  std::vector<Mount> out;
  for (std::string_view line : Lines(text)) {
    Result<Mount> mount = ParseMount(line);
    if (!mount) return tl::unexpected(mount.error());
    out.push_back(std::move(*mount));
  }
  return out;
}

// Filename    Type       Size    Used  Priority
// /dev/dm-1   partition  999420  0     -2
Result<std::vector<SwapArea>> ParseSwaps(std::string_view text) {
  std::vector<SwapArea> out;
  bool heading = true;
  for (std::string_view line : Lines(text)) {
    if (std::exchange(heading, false)) continue;
    const std::vector<std::string_view> fields = Fields(line);
    if (fields.size() != 5 || (fields[1] != "partition" && fields[1] != "file")) {
      return Fail(Code::kMalformed, "swaps: " + Excerpt(line));
    }
    out.push_back({UnescapeOctal(fields[0]), fields[1] == "file"});
  }
  return out;
}

const Mount* MountOf(const std::vector<Mount>& mounts, std::string_view path,
                     std::string_view except) {
  const Mount* best = nullptr;
  for (const Mount& mount : mounts) {
    if (mount.id == except || !Holds(mount, path)) continue;
    if (!best || mount.mount_point.size() >= best->mount_point.size()) best = &mount;
  }
  return best;
}

}  // namespace sallyport
