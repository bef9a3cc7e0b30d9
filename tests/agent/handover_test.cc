// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/handover.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

TEST(Handover, UserThatThereIsNotIsNotFound) {
  const auto handover = Handover::To("sallyport-nobody-is-called-so");
  ASSERT_FALSE(handover.has_value());
  EXPECT_EQ(handover.error().code, Code::kNotFound);
  EXPECT_NE(handover.error().message.find("sallyport-nobody-is-called-so"), std::string::npos);
}

TEST(Handover, WithoutAUserNothingIsGiven) {
  EXPECT_TRUE(Handover::To("")->Give("no such folder"));
}

TEST(EraseFile, RemovesTheFile) {
  const TempFolder folder;
  folder.Write("token", "secret");
  ASSERT_TRUE(EraseFile(folder / "token"));
  EXPECT_FALSE(std::filesystem::exists(folder / "token"));
  EXPECT_EQ(EraseFile(folder / "token").error().code, Code::kNotFound);
}

// A second name of the file shows what the first one's bytes became.
TEST(EraseFile, OverwritesWhatItRemoves) {
  const TempFolder folder;
  folder.Write("token", "secret");
  std::filesystem::create_hard_link(folder / "token", folder / "copy");
  ASSERT_TRUE(EraseFile(folder / "token"));
  EXPECT_EQ(folder.Read("copy"), std::string(6, '\0'));
}

}  // namespace
}  // namespace sallyport
