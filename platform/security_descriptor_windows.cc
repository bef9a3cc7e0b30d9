// SPDX-License-Identifier: Apache-2.0
// clang-format off
#include <windows.h>
#include <sddl.h>
// clang-format on

#include "platform/security_descriptor_windows.h"

namespace sallyport {

Result<LocalPtr<void>> DescriptorOf(const std::string& sddl) {
  const auto wide = Wide(sddl);
  if (!wide) return tl::unexpected(wide.error());
  void* descriptor = nullptr;
  if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(wide->c_str(), SDDL_REVISION_1,
                                                            &descriptor, nullptr)) {
    return Fail(Code::kInvalidArgument, "not an access list: " + sddl);
  }
  return LocalPtr<void>(descriptor);
}

}  // namespace sallyport
