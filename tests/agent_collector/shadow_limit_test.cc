// SPDX-License-Identifier: Apache-2.0
// The table shadow under the laptop's own limit.
#include <gtest/gtest.h>

#include "agent/collector/limited_host.h"
#include "collectors/osquery/linux_tables.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

TEST(ShadowTable, IsDeniedByTheLaptopsOwnLimitAlsoThroughALink) {
  FakeHost host;
  host.Put("/etc/shadow-", "alice:$y$j9T$salt$hash:19800:1:90:7:30:20000:\n");
  host.PutLink("/etc/shadow", "/etc/shadow-");
  const LimitedHost limited(host, PathLimit::Default(Os::kLinux));
  const Collector shadow{kShadow, {Os::kLinux}, ShadowLinux, {}, std::chrono::hours(1), ""};
  const TableResult result = Collect(shadow, limited, {});
  EXPECT_EQ(result.state, State::kDenied);
  EXPECT_EQ(result.error, "/etc/shadow: never read here (local limit /etc/shadow)");
  EXPECT_TRUE(result.rows.empty());
  EXPECT_EQ(Collect(shadow, host, {}).rows.size(), 1u);
}

}  // namespace
}  // namespace sallyport
