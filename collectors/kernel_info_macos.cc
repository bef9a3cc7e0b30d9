// SPDX-License-Identifier: Apache-2.0
#include "collectors/kernel_info.h"
#include "collectors/named_values.h"

namespace sallyport {

// What was booted and from where is in the device tree, for which there is no question here:
// unknown.
Result<Rows> KernelInfoMacos(const Host& host, const Keys&) {
  const Result<NamedValues> said =
      AskNamedValues(host, {"/usr/sbin/sysctl", "kern.osrelease", "kern.bootargs"});
  if (!said) return tl::unexpected(said.error());
  const Value arguments = TextOf(*said, "kern.bootargs");
  return Rows{{
      TextOf(*said, "kern.osrelease"),
      IsNull(arguments) ? Cell("") : arguments,  // as on Linux: a command line without any
      Unknown{},
      Unknown{},
  }};
}

}  // namespace sallyport
