// SPDX-License-Identifier: Apache-2.0
// sallyport.exe itself, asked by its command line.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/utf8_path.h"
#include "platform/host_windows.h"
#include "tests/agent/local_server_rig.h"
#include "tests/agent/signed_sample.h"
#include "tests/platform/temp_folder.h"
// After headers whose words it defines.
#include "platform/handle_windows.h"

namespace sallyport {
namespace {

class CommandWindows : public LocalServerRig {
 protected:
  static std::string Program() {
    std::wstring path(32'768, L'\0');
    path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
    const std::string test = Narrow(path, "path").value();
    return test.substr(0, test.rfind('\\')) + "\\sallyport.exe";
  }

  CommandOutput Sallyport(std::vector<std::string> words) {
    words.insert(words.begin(), Program());
    auto output = WhileLoopRuns([&] {
      return WindowsHost({Program()}).Run({words, std::chrono::seconds(20), 1 << 20});
    });
    EXPECT_TRUE(output.has_value()) << output.error().message;
    return output ? *std::move(output) : CommandOutput();
  }
};

TEST_F(CommandWindows, StatusIsAnswered) {
  const CommandOutput output = Sallyport({"--socket", name_.text(), "status"});
  EXPECT_EQ(output.exit_code, static_cast<int>(ExitCode::kCannotTell)) << output.err;
  EXPECT_NE(output.out.find("laptop-1"), std::string::npos) << output.out;
}

TEST_F(CommandWindows, NoAgentIsNotRunningAndSaysHowToStartIt) {
  const LocalName nobody;
  const CommandOutput output = Sallyport({"--socket", nobody.text(), "status"});
  EXPECT_EQ(output.exit_code, static_cast<int>(ExitCode::kNotRunning));
  EXPECT_NE(output.err.find("start it: sc start Sallyport"), std::string::npos) << output.err;
}

TEST_F(CommandWindows, LettersOfEveryAlphabetArriveWhole) {
  const LocalName nobody;
  const std::string name = nobody.text() + "-\u017c\u00f3\u0142\u0107-\u65e5\u672c";
  const CommandOutput output = Sallyport({"--socket", name, "status"});
  EXPECT_NE(output.err.find(name), std::string::npos) << output.err;
}

TEST_F(CommandWindows, EvidenceIsWrittenUnderAnyName) {
  const TempFolder folder;
  const std::string file = folder / "\u8a3c\u62e0.bin";
  evidence_ = MakeResponse().response;
  const CommandOutput output =
      Sallyport({"--socket", name_.text(), "evidence", "show", "--raw", file});
  EXPECT_EQ(output.exit_code, 0) << output.err;
  std::ifstream written(PathOf(file), std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(written), {});
  EXPECT_EQ(bytes, evidence_->envelope().SerializeAsString());
}

TEST_F(CommandWindows, TablesNeedNoAgent) {
  const CommandOutput output = Sallyport({"tables"});
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_NE(output.out.find("disk_volumes"), std::string::npos);
}

TEST_F(CommandWindows, DoctorWithoutAnAgentFindsThatAndTheDisk) {
  const LocalName nobody;
  const CommandOutput output =
      Sallyport({"--socket", nobody.text(), "doctor", "--state", "C:\\windows", "--vici", "x"});
  EXPECT_EQ(output.exit_code, static_cast<int>(ExitCode::kFindings)) << output.err;
  EXPECT_NE(output.out.find("FAIL  DR001"), std::string::npos) << output.out;
  EXPECT_NE(output.out.find("fix: sc start Sallyport"), std::string::npos) << output.out;
  EXPECT_NE(output.out.find("there is no charon on Windows"), std::string::npos) << output.out;
  EXPECT_NE(output.out.find("MiB free"), std::string::npos) << output.out;
}

}  // namespace
}  // namespace sallyport
