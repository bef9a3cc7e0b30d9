// SPDX-License-Identifier: Apache-2.0
// proc_sys(5), sysctl.d(5), sysctl(8).
#include <algorithm>
#include <map>

#include "base/text.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/sysctl_config.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

constexpr std::string_view kRoot = "/proc/sys/";
constexpr int kMaxDepth = 12;
constexpr size_t kMaxValue = 1 << 20;

// Keys of the kernel's own that are nobody's business, and a value that is another at each look.
bool IsNeverRead(std::string_view name) {
  return name.ends_with(".tcp_fastopen_key") || name.ends_with(".stable_secret") ||
         name == "kernel.random.uuid";
}

// What can only be written is no setting: NULL. What may not be read is unknown.
Value CurrentValue(const Host& host, const std::string& path, std::string_view name) {
  if (IsNeverRead(name)) return Unknown{};
  const auto text = host.ReadFile(path, kMaxValue);
  if (text) return Cell(Trim(*text));
  const auto stat = host.Stat(path);
  constexpr uint32_t kReadable = 0444;
  if (stat && (stat->mode & kReadable) == 0) return Cell(std::nullopt);
  return Unknown{};
}

class Walk {
 public:
  Walk(const Host& host, const SysctlConfig& config, TableRows* rows)
      : host_(host), config_(config), rows_(rows) {}

  void AddValue(const std::string& path) {
    const std::string name = SysctlName(path.substr(kRoot.size()));
    const std::optional<std::string> configured = config_.ValueOf(name);
    rows_->Add({{"name", Cell(name)},
                {"subsystem", Cell(name.substr(0, name.find('.')))},
                {"current_value", CurrentValue(host_, path, name)},
                {"config_value", configured ? Cell(*configured) : Cell(std::nullopt)},
                {"type", Cell("string")}});
  }

  // An interface, and so its folder, may go while it is looked at.
  Status AddFolder(const std::string& folder, int depth) {
    const auto entries = host_.ListDir(folder);
    if (!entries) {
      const bool gone = depth > 0 && entries.error().code == Code::kNotFound;
      return gone ? Status() : tl::unexpected(entries.error());
    }
    if (depth > kMaxDepth) return Fail(Code::kTooLarge, folder + ": too deep");
    for (const DirEntry& entry : *entries) {
      const std::string path = folder + entry.name;
      if (entry.type != FileType::kDirectory) {
        AddValue(path);
      } else if (const Status ok = AddFolder(path + "/", depth + 1); !ok) {
        return ok;
      }
    }
    return {};
  }

 private:
  const Host& host_;
  const SysctlConfig& config_;
  TableRows* rows_;
};

// Below /proc/sys, without a step up.
std::optional<std::string> PathOfName(const std::string& name) {
  const std::string path = SysctlPath(name);
  for (const std::string_view part : Split(path, '/')) {
    if (part.empty() || part == "." || part == "..") return std::nullopt;
  }
  return std::string(kRoot) + path;
}

}  // namespace

Result<Rows> SystemControlsLinux(const Host& host, const Keys& keys) {
  const Result<SysctlConfig> config = ReadSysctlConfig(host);
  if (!config) return tl::unexpected(config.error());
  TableRows rows(kSystemControls);
  Walk walk(host, *config, &rows);
  if (const auto name = FixedBy(keys, "name")) {
    const auto path = PathOfName(*name);
    const auto stat = path ? host.Stat(*path) : Result<FileStat>(Fail(Code::kNotFound, *name));
    if (stat && stat->type == FileType::kFile) walk.AddValue(*path);
    if (!stat && stat.error().code != Code::kNotFound) return tl::unexpected(stat.error());
    return rows.Take(keys);
  }
  if (const Status ok = walk.AddFolder(std::string(kRoot), 0); !ok) {
    return tl::unexpected(ok.error());
  }
  return rows.Take(keys);
}

}  // namespace sallyport
