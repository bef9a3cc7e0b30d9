// SPDX-License-Identifier: Apache-2.0
// Access lists as text and as they are judged. That Windows enforces them is not shown here: Wine
// does not.
#include "agent/service/access_windows.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "agent/collector/progress_file.h"
#include "agent/places.h"
#include "agent/service/data_folder_windows.h"
#include "platform/security_descriptor_windows.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

constexpr char kSystem[] = "S-1-5-18";
constexpr char kLocalService[] = "S-1-5-19";
constexpr char kAnn[] = "S-1-5-21-1-2-3-1000";

Trust JudgeSddl(const std::string& sddl, const std::optional<UserId>& agent = {}) {
  return Judge(DescriptorOf(sddl).value().get(), kSystem, agent);
}

TEST(FolderSddl, LetsSystemAndAdministratorsInAndTheAgentIntoItsOwn) {
  EXPECT_EQ(FolderSddl(kSystem, {}), "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)");
  EXPECT_EQ(FolderSddl(kSystem, kLocalService),
            "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;S-1-5-19)");
  EXPECT_EQ(FolderSddl(kAnn, kAnn),
            "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;S-1-5-21-1-2-3-1000)");
}

TEST(ProcessSddl, LeavesOtherProcessesOfTheAccountOut) {
  EXPECT_EQ(ProcessSddl(kSystem), "D:P(A;;GA;;;SY)(A;;GA;;;BA)");
  EXPECT_EQ(ProcessSddl(kAnn), "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;S-1-5-21-1-2-3-1000)");
}

TEST(Sddl, ThatIsNoneIsAnError) {
  EXPECT_EQ(DescriptorOf("D:(A;;XX;;;SY)").error().code, Code::kInvalidArgument);
}

TEST(Judge, WhatTheServiceMadeIsOurs) {
  EXPECT_EQ(JudgeSddl("O:SY" + FolderSddl(kSystem, {})), Trust::kOurs);
  EXPECT_EQ(JudgeSddl("O:BA" + FolderSddl(kSystem, {})), Trust::kOurs);
  EXPECT_EQ(JudgeSddl("O:BA" + FolderSddl(kSystem, kLocalService), kLocalService), Trust::kOurs);
}

TEST(Judge, AFolderOfAnotherOwnerIsForeignWhateverItsListSays) {
  EXPECT_EQ(JudgeSddl(std::string("O:") + kAnn + FolderSddl(kSystem, {})), Trust::kForeign);
  EXPECT_EQ(JudgeSddl("O:BU" + FolderSddl(kSystem, {})), Trust::kForeign);
  EXPECT_EQ(JudgeSddl(FolderSddl(kSystem, {})), Trust::kForeign);  // nobody's
}

TEST(Judge, AnyRightToWriteOfAStrangerIsForeign) {
  const std::string ours = "O:SYD:P(A;OICI;FA;;;SY)";
  for (const char* ace :
       {"(A;;GA;;;WD)", "(A;OICI;GW;;;BU)", "(A;;0x2;;;BU)", "(A;;0x4;;;BU)", "(A;CIIO;0x2;;;BU)",
        "(A;;SD;;;AU)", "(A;;WD;;;AU)", "(A;;WO;;;AU)", "(A;;0x40;;;AU)", "(A;;FA;;;S-1-5-19)"}) {
    EXPECT_EQ(JudgeSddl(ours + ace), Trust::kForeign) << ace;
  }
  EXPECT_EQ(JudgeSddl("O:SY"), Trust::kForeign);  // no list: everybody
}

TEST(Judge, AStrangerWhoMayOnlyReadIsPutRightAndADenialIsNothing) {
  EXPECT_EQ(JudgeSddl("O:SYD:P(A;;FA;;;SY)(A;OICI;FR;;;BU)"), Trust::kReadable);
  EXPECT_EQ(JudgeSddl("O:SYD:P(D;;FA;;;BU)(A;;FA;;;SY)(A;OICIIO;GA;;;CO)"), Trust::kOurs);
}

class PrepareFolderTest : public testing::Test {
 protected:
  Result<std::string> Prepare(const std::string& name) {
    return PrepareFolder(Path(name), OwnUser(), {});
  }
  std::string Path(const std::string& name) const {
    return std::filesystem::path(temp_ / name).make_preferred().string();
  }
  TempFolder temp_;
};

TEST_F(PrepareFolderTest, MakesAFolderAndTakesItUpAgain) {
  EXPECT_EQ(Prepare("a"), "");
  temp_.Write("a/kept", "x");
  EXPECT_EQ(Prepare("a"), "");
  EXPECT_EQ(temp_.Read("a/kept"), "x");
}

TEST_F(PrepareFolderTest, WhatIsNoFolderIsSetAsideWithItsContent) {
  temp_.Write("a", "planted");
  const auto aside = Prepare("a");
  ASSERT_TRUE(aside.has_value()) << aside.error().message;
  EXPECT_TRUE(aside->starts_with(Path("a") + ".foreign-")) << *aside;
  EXPECT_TRUE(std::filesystem::is_regular_file(*aside));
  EXPECT_TRUE(std::filesystem::is_directory(Path("a")));
}

TEST_F(PrepareFolderTest, AFolderThatEverybodyMayWriteIsSetAsideAndNothingInItBelieved) {
  const auto open = DescriptorOf("D:P(A;OICI;FA;;;WD)");
  SECURITY_ATTRIBUTES attributes{sizeof attributes, open->get(), FALSE};
  ASSERT_TRUE(CreateDirectoryA(Path("a").c_str(), &attributes));
  // Wine makes folders within its umask.
  ASSERT_TRUE(SetFileSecurityA(Path("a").c_str(), DACL_SECURITY_INFORMATION, open->get()));
  temp_.Write("a/agent/service.spki", "planted");
  const auto aside = Prepare("a");
  ASSERT_TRUE(aside.has_value()) << aside.error().message;
  EXPECT_FALSE(aside->empty());
  EXPECT_TRUE(std::filesystem::exists(*aside + "\\agent\\service.spki"));
  EXPECT_TRUE(std::filesystem::is_empty(Path("a")));
}

TEST_F(PrepareFolderTest, AFolderThatCannotBeMadeIsNamed) {
  const auto failed = PrepareFolder("Z:\\proc\\sallyport", OwnUser(), {});
  ASSERT_FALSE(failed.has_value());
  EXPECT_NE(failed.error().message.find("Z:\\proc\\sallyport"), std::string::npos);
  EXPECT_EQ(Prepare("none/a").error().code, Code::kNotFound);
}

TEST(Places, LieInProgramDataWhateverTheEnvironmentSays) {
  SetEnvironmentVariableW(L"ProgramData", L"C:\\elsewhere");
  const Places places = DefaultPlaces();
  EXPECT_EQ(places.state, "C:\\ProgramData\\Sallyport\\agent");
  EXPECT_EQ(places.collector_state, "C:\\ProgramData\\Sallyport\\collector");
  EXPECT_EQ(AgentSocket(places.run), "\\\\.\\pipe\\sallyport-agent");
  EXPECT_EQ(CollectorSocket(places.run), "\\\\.\\pipe\\sallyport-collector");
  EXPECT_EQ(ProgressPath(CollectorSocket(places.run), places.collector_state),
            "C:\\ProgramData\\Sallyport\\collector\\collector.progress");
}

TEST(ProgressFile, IsReadBackWhileItIsWrittenAndIsOfItsMaker) {
  const TempFolder temp;
  EXPECT_EQ(ReadOwnFile(temp / "p"), "");
  temp.Write("p", "somebody's long old text");
  auto file = ProgressFile::MakeAnew(temp / "p");
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(ReadOwnFile(temp / "p"), "");
  ASSERT_TRUE(file->Write("a\nboot\n1\n"));
  ASSERT_TRUE(file->Write("b\n"));
  EXPECT_EQ(ReadOwnFile(temp / "p"), "b\nboot\n1\n");
  EXPECT_EQ(ReadOwnFile(temp.path()), "");  // no file
}

}  // namespace
}  // namespace sallyport
