// SPDX-License-Identifier: Apache-2.0
// What the state folder's access lists become. Wine keeps them and does not enforce them.
#include <gtest/gtest.h>

#include "agent/cli/handover.h"
#include "agent/cli/handover_windows.h"
#include "attestation/durable_file.h"
#include "tests/platform/temp_folder.h"
// After headers whose words it defines.
#include "platform/handle_windows.h"

namespace sallyport {
namespace {

std::string ThisUserName() {
  wchar_t name[257];
  DWORD size = 257;
  EXPECT_TRUE(GetUserNameW(name, &size));
  return Narrow(name, "user").value();
}

TEST(HandoverWindows, FolderAndFilesAreForSystemAdministratorsAndTheUser) {
  EXPECT_EQ(HandoverSddl("S-1-5-19", true),
            "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;S-1-5-19)");
  EXPECT_EQ(HandoverSddl("S-1-5-19", false), "D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;S-1-5-19)");
}

// Of a folder and a file that everybody could read; CheckOwnerOnly looks at what Wine kept.
TEST(HandoverWindows, WhatIsGivenIsTakenFromOthers) {
  const TempFolder folder;
  ASSERT_TRUE(CreateSmallFile(folder / "key.pem", "key", FileAccess::kEveryoneReads));
  ASSERT_FALSE(CheckOwnerOnly(folder / "key.pem"));
  const auto handover = Handover::To(ThisUserName());
  ASSERT_TRUE(handover.has_value()) << handover.error().message;
  const Status given = handover->Give(folder.path());
  ASSERT_TRUE(given.has_value()) << given.error().message;
  EXPECT_TRUE(CheckOwnerOnly(folder / "key.pem"));
  EXPECT_TRUE(CheckOwnerOnly(folder.path()));
}

}  // namespace
}  // namespace sallyport
