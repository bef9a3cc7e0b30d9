// SPDX-License-Identifier: Apache-2.0
// MacosHost against the Mac that runs the test: what only macOS has. host_posix_test.cc has the
// rest.
#include "platform/host_macos.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

TEST(MacosHostTime, BootTimeIsTheOneOfTheKernel) {
  const MacosHost host;
  // kern.boottime: { sec = 1700000000, usec = 0 } Tue Nov 14 22:13:20 2023
  const auto said = host.Run({{"/usr/sbin/sysctl", "-n", "kern.boottime"}});
  const auto words = Fields(said.value().out);
  ASSERT_GE(words.size(), 4u);
  const int64_t booted_s = ParseInt(words[3].substr(0, words[3].find(','))).value();
  const Now now = host.Time();
  EXPECT_NEAR(static_cast<double>(now.boot.count()),
              static_cast<double>(now.wall.count() - booted_s * 1000), 60'000);
}

TEST(MacosHostRun, TheEnvironmentIsOursAndStdinIsEmpty) {
  const MacosHost host({"/usr/bin/env", "/bin/cat"});
  EXPECT_EQ(host.Run({{"/usr/bin/env"}}).value().out,
            "LC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n");
  EXPECT_EQ(host.Run({{"/bin/cat"}}).value(), (CommandOutput{0, "", ""}));
}

TEST(MacosHostRun, ACommandThatHangsIsKilledAtTheDeadline) {
  const MacosHost host({"/bin/sleep"});
  EXPECT_EQ(host.Run({{"/bin/sleep", "600"}, std::chrono::milliseconds(300)}).error(),
            (Error{Code::kTimeout, "/bin/sleep: not done after 300 ms"}));
}

TEST(MacosHostFiles, TheGuardSeesThroughLinksOfTheSystem) {
  std::string seen;
  const MacosHost host({}, [&](const std::string& real) -> Status {
    seen = real;
    return {};
  });
  ASSERT_TRUE(host.ReadFile("/etc/hosts"));
  EXPECT_EQ(seen, "/private/etc/hosts");
}

TEST(ThisMac, HasOneBootIdForEveryProcess) {
  const auto said = MacosHost().Run({{"/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"}});
  EXPECT_EQ(BootId().value(), Trim(said.value().out));
}

}  // namespace
}  // namespace sallyport
