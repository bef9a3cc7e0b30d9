// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/doctor_probe.h"

#include <gtest/gtest.h>

#include "attestation/durable_file.h"
#include "attestation/keys.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

constexpr std::chrono::milliseconds kDeadline{3'000};

TEST(DoctorProbe, AddressIsAHostAndAPort) {
  EXPECT_EQ(SplitAddress("posture.corp.example:8443")->host, "posture.corp.example");
  EXPECT_EQ(SplitAddress("posture.corp.example:8443")->port, "8443");
  EXPECT_EQ(SplitAddress("[2001:db8::1]:8443")->host, "2001:db8::1");
  EXPECT_EQ(SplitAddress("posture").error().code, Code::kInvalidArgument);
  EXPECT_EQ(SplitAddress("posture:").error().code, Code::kInvalidArgument);
}

// Port 1, tcpmux: nobody serves it.
TEST(DoctorProbe, ServiceThatDoesNotListenIsUnavailableAtOnce) {
  const auto took = ProbeTcp("127.0.0.1:1", kDeadline);
  ASSERT_FALSE(took.has_value());
  EXPECT_EQ(took.error().code, Code::kUnavailable) << took.error().message;
}

// RFC 6761: .invalid is no name.
TEST(DoctorProbe, ServiceWithoutAnAddressIsNotFound) {
  EXPECT_EQ(ProbeTcp("posture.invalid:8443", kDeadline).error().code, Code::kNotFound);
}

TEST(DoctorProbe, KeyFileOfTheOwnerAloneIsToldFromOneThatOthersRead) {
  const TempFolder folder;
  ASSERT_TRUE(CreateSmallFile(folder / "mine", "key", FileAccess::kOwner));
  ASSERT_TRUE(CreateSmallFile(folder / "ours", "key", FileAccess::kEveryoneReads));
  const auto mine = ProbeKeyFile(FileUri(folder / "mine"));
  ASSERT_TRUE(mine.has_value()) << mine.error().message;
  EXPECT_FALSE(mine->others_may_read) << mine->access;
  const auto ours = ProbeKeyFile(FileUri(folder / "ours"));
  ASSERT_TRUE(ours.has_value()) << ours.error().message;
  EXPECT_TRUE(ours->others_may_read) << ours->access;
  EXPECT_NE(mine->access, ours->access);
  EXPECT_EQ(ProbeKeyFile(FileUri(folder / "none")).error().code, Code::kNotFound);
}

TEST(DoctorProbe, DiskIsThatOfTheFolderWhateverItsName) {
  const TempFolder folder;
  const std::string named = folder / "\u65e5\u672c";
  ASSERT_TRUE(MakeOwnerFolder(named));
  EXPECT_GT(ProbeDisk(named).value_or(0), 0u);
}

TEST(DoctorProbe, EachSystemNamesAllItsRemedies) {
  const Remedies here = RemediesHere();
  for (const std::string& remedy : {here.start_agent, here.restart_collector, here.set_clock,
                                    here.close_key, here.look_at_key, here.restart_charon}) {
    EXPECT_NE(remedy, "");
  }
}

}  // namespace
}  // namespace sallyport
