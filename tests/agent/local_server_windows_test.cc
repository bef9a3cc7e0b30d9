// SPDX-License-Identifier: Apache-2.0
// Named pipes: the access list, who takes a name, what only Windows has. Wine does not enforce
// access lists, and all of its processes are one user.
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/agent/local_server_rig.h"
// After headers whose words it defines.
// clang-format off
#include "agent/pipe_windows.h"
#include <aclapi.h>
#include <sddl.h>
// clang-format on

namespace sallyport {
namespace {

constexpr DWORD kServerAccess = PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED;

TEST(PipeSddl, EverybodyMayAskAndNobodyElseMayServe) {
  EXPECT_EQ(PipeSddl("S-1-5-18", std::nullopt),
            "O:S-1-5-18D:P(D;;FA;;;NU)(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;S-1-5-18)"
            "(A;;0x120083;;;AU)");
}

TEST(PipeSddl, OneUserMayAskInsteadOfEverybody) {
  EXPECT_EQ(PipeSddl("S-1-5-18", "S-1-5-19"),
            "O:S-1-5-18D:P(D;;FA;;;NU)(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;S-1-5-18)"
            "(A;;0x120083;;;S-1-5-19)");
}

TEST(PipeSddl, GrantsWhatAClientOpensWithAndNotTheRightToServe) {
  EXPECT_EQ(kPipeClientAccess, 0x120083u);
  EXPECT_EQ(kPipeClientAccess & FILE_CREATE_PIPE_INSTANCE, 0u);
}

TEST(PipeName, IsOfThisMachineAndStaysAmongThePipes) {
  EXPECT_TRUE(PipeName("\\\\.\\pipe\\sallyport-agent").has_value());
  for (const std::string name :
       {"", "sallyport", "\\\\.\\pipe\\", "\\\\laptop\\pipe\\sallyport", "C:\\sallyport",
        "\\\\.\\pipe\\..\\PhysicalDrive0", "\\\\.\\pipe\\a/b"}) {
    EXPECT_EQ(PipeName(name).error().code, Code::kInvalidArgument) << name;
    EXPECT_EQ(ConnectLocal(name).error().code, Code::kInvalidArgument) << name;
  }
  EXPECT_EQ(PipeName(std::string("\\\\.\\pipe\\a\0b", 12)).error().code, Code::kInvalidArgument);
  EXPECT_EQ(PipeName("\\\\.\\pipe\\\xFF").error().code, Code::kInvalidArgument);
}

TEST(Pipe, RemoteClientsAreRejectedByItsMode) {
  EXPECT_NE(kPipeMode & PIPE_REJECT_REMOTE_CLIENTS, 0u);
}

TEST(SystemsAccount, IsWhatServicesRunAs) {
  for (const char* user : {"S-1-5-18", "S-1-5-19", "S-1-5-20", "S-1-5-32-544", "S-1-5-80-1-2"}) {
    EXPECT_TRUE(IsSystemsAccount(user)) << user;
  }
  for (const char* user : {"", "S-1-5-21-1-2-3-1000", "S-1-5-32-545", "S-1-1-0", "S-1-5-180"}) {
    EXPECT_FALSE(IsSystemsAccount(user)) << user;
  }
}

class LocalServerWindows : public LocalServerRig {
 protected:
  // One who serves our name before us.
  Handle Squat(const std::string& name, const wchar_t* sddl) {
    void* descriptor = nullptr;
    EXPECT_TRUE(ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1,
                                                                     &descriptor, nullptr));
    SECURITY_ATTRIBUTES attributes{sizeof(attributes), descriptor, FALSE};
    Handle pipe = Owned(CreateNamedPipeW(Wide(name).value().c_str(), kServerAccess, PIPE_TYPE_BYTE,
                                         PIPE_UNLIMITED_INSTANCES, 4096, 4096, 0, &attributes));
    LocalFree(descriptor);
    EXPECT_TRUE(pipe != nullptr);
    return pipe;
  }
};

TEST_F(LocalServerWindows, AccessListIsTheOneThatWasAskedFor) {
  const auto end = WhileLoopRuns([&] { return ConnectLocal(name_.text()); });
  ASSERT_TRUE(end.has_value()) << end.error().message;
  void* descriptor = nullptr;
  const DWORD what = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
  ASSERT_EQ(GetSecurityInfo(reinterpret_cast<HANDLE>(end->native()), SE_KERNEL_OBJECT, what,
                            nullptr, nullptr, nullptr, nullptr, &descriptor),
            DWORD{ERROR_SUCCESS});
  wchar_t* text = nullptr;
  ASSERT_TRUE(ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor, SDDL_REVISION_1,
                                                                   what, &text, nullptr));
  const std::string found = Narrow(text, "sddl").value();
  LocalFree(text);
  LocalFree(descriptor);
  EXPECT_EQ(found, PipeSddl(OwnUser(), std::nullopt));
}

TEST_F(LocalServerWindows, NameThatIsTakenIsAConflictThatNamesThePipe) {
  const LocalName name;
  const Handle squatter = Squat(name.text(), L"D:(A;;FA;;;WD)");
  const auto listener = LocalListener::Listen(name.text(), {}, [](LocalEnd, const Peer&) {});
  ASSERT_FALSE(listener.has_value());
  EXPECT_EQ(listener.error().code, Code::kConflict);
  EXPECT_EQ(listener.error().message, name.text() + ": another process has a pipe of this name");
}

TEST_F(LocalServerWindows, BothEndsKnowEachOther) {
  const LocalName name;
  std::optional<Peer> client;
  const auto listener =
      LocalListener::Listen(name.text(), {}, [&](LocalEnd, const Peer& peer) { client = peer; });
  ASSERT_TRUE(listener.has_value());
  const Result<LocalEnd> end = ConnectLocal(name.text());
  ASSERT_TRUE(end.has_value()) << end.error().message;
  ASSERT_TRUE(RunUntil([&] { return client.has_value(); }));
  EXPECT_TRUE(OwnUser().starts_with("S-1-5-21-")) << OwnUser();
  EXPECT_EQ(client->user, OwnUser());
  const Result<Peer> server = PeerOf(*end);
  ASSERT_TRUE(server.has_value()) << server.error().message;
  EXPECT_EQ(server->user, OwnUser());
}

// It is the pipe's owner who is believed, whoever may serve it.
TEST_F(LocalServerWindows, PipeOfAnotherUserIsNotTakenForTheAgents) {
  const LocalName name;
  const Handle squatter = Squat(name.text(), L"O:S-1-5-21-1-2-3-1001D:(A;;FA;;;WD)");
  const Result<LocalEnd> end = ConnectLocal(name.text());
  ASSERT_TRUE(end.has_value()) << end.error().message;
  const Result<Peer> server = PeerOf(*end);
  ASSERT_TRUE(server.has_value()) << server.error().message;
  EXPECT_EQ(server->user, "S-1-5-21-1-2-3-1001");
  EXPECT_FALSE(server->administrator);

  const Handle again = Squat(name.text(), L"O:S-1-5-21-1-2-3-1001D:(A;;FA;;;WD)");
  const auto asked = Ask(name.text(), StatusRequest(), kPatience);
  ASSERT_FALSE(asked.has_value());
  EXPECT_EQ(asked.error().code, ExitCode::kPermission);
  EXPECT_NE(asked.error().message.find("S-1-5-21-1-2-3-1001"), std::string::npos);
}

TEST_F(LocalServerWindows, PipeThatHasNoRoomIsUnavailableAndIsWaitedForUntilTheMoment) {
  const LocalName name;
  const Handle squatter = Squat(name.text(), L"D:(A;;FA;;;WD)");
  const Result<LocalEnd> first = ConnectLocal(name.text());
  ASSERT_TRUE(first.has_value()) << first.error().message;
  EXPECT_EQ(ConnectLocal(name.text()).error().code, Code::kUnavailable);
  const auto late = BlockingEnd::Connect(
      name.text(), std::chrono::steady_clock::now() + std::chrono::milliseconds(50));
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, Code::kTimeout);
}

// A write of no bytes ends the read at the other end with no bytes: that is no end of the stream.
TEST_F(LocalServerWindows, ClientThatWritesNothingIsNotTakenForOneThatIsGone) {
  const auto end = WhileLoopRuns([&] { return ConnectLocal(name_.text()); });
  ASSERT_TRUE(end.has_value()) << end.error().message;
  ASSERT_TRUE(RunUntil([&] { return server_->clients() == 1; }));
  HANDLE const pipe = reinterpret_cast<HANDLE>(end->native());
  PipeTransfer nothing;
  PipeTransfer frame;
  const std::string request = FrameOf(CheckRequest());
  nothing.Write(pipe, "", 0);
  frame.Write(pipe, request.data(), request.size());
  EXPECT_TRUE(RunUntil([&] { return later_ != nullptr; }));
  EXPECT_EQ(server_->clients(), 1u);
  nothing.Cancel();
  frame.Cancel();
}

// The system writes into a read's buffer until the read has ended.
TEST_F(LocalServerWindows, ReadThatIsUnderWayHasEndedBeforeItsBufferGoes) {
  std::optional<LocalEnd> accepted;
  const LocalName name;
  const auto listener = LocalListener::Listen(
      name.text(), {}, [&](LocalEnd end, const Peer&) { accepted.emplace(std::move(end)); });
  const Result<LocalEnd> client = ConnectLocal(name.text());
  ASSERT_TRUE(RunUntil([&] { return accepted.has_value(); }));
  std::string buffer(16, '.');
  PipeTransfer read;
  read.Read(reinterpret_cast<HANDLE>(accepted->native()), buffer.data(), buffer.size());
  EXPECT_FALSE(read.Take().has_value());
  read.Cancel();
  EXPECT_FALSE(read.pending());
  PipeTransfer write;
  write.Write(reinterpret_cast<HANDLE>(client->native()), "late", 4);
  const auto written = write.Take();
  ASSERT_TRUE(written.has_value() && written->has_value());
  EXPECT_EQ(buffer, std::string(16, '.'));
}

TEST_F(LocalServerWindows, ManyComeAndGoAtOnce) {
  std::vector<std::thread> crowd;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 6; ++i) {
    crowd.emplace_back([&] {
      for (int j = 0; j < 20; ++j) {
        if (Ask(name_.text(), StatusRequest(), kPatience)) ++answered;
      }
      QMetaObject::invokeMethod(
          QCoreApplication::instance(), [] {}, Qt::QueuedConnection);  // wakes RunUntil
    });
  }
  RunUntil([&] { return answered == 120; }, std::chrono::seconds(30));
  for (std::thread& one : crowd) one.join();
  EXPECT_EQ(answered, 120);
  EXPECT_TRUE(RunUntil([&] { return server_->clients() == 0; }));
}

}  // namespace
}  // namespace sallyport
