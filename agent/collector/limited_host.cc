// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/limited_host.h"

namespace sallyport {

Status LimitedHost::Check(const std::string& path) const {
  if (const Status named = limit_.Check(path); !named) return named;
  const auto real = host_.RealPath(path);
  if (!real) return tl::unexpected(real.error());
  return limit_.Check(*real);
}

Result<std::string> LimitedHost::ReadFile(const std::string& path, size_t max_bytes) const {
  if (const Status ok = Check(path); !ok) return tl::unexpected(ok.error());
  return host_.ReadFile(path, max_bytes);
}

Result<std::string> LimitedHost::ReadHead(const std::string& path, size_t bytes) const {
  if (const Status ok = Check(path); !ok) return tl::unexpected(ok.error());
  return host_.ReadHead(path, bytes);
}

Result<std::vector<DirEntry>> LimitedHost::ListDir(const std::string& path) const {
  if (const Status ok = Check(path); !ok) return tl::unexpected(ok.error());
  return host_.ListDir(path);
}

}  // namespace sallyport
