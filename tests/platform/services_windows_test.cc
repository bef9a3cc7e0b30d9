// SPDX-License-Identifier: Apache-2.0
// Run by ctest under Wine: its service manager, and one service of the test's own.
#include "platform/host_windows.h"

#include <gtest/gtest.h>
#include <windows.h>

#include <algorithm>
#include <optional>

#include "platform/handle_windows.h"
#include "tests/platform/service_fixture_windows.h"

namespace sallyport {
namespace {

TEST(WindowsHostServices, StandByNameWithTheirProcessAndHowTheyStart) {
  const auto services = WindowsHost().Services().value();
  EXPECT_TRUE(std::ranges::is_sorted(services, {}, &ServiceInfo::name));
  const auto rpc = std::ranges::find(services, "RpcSs", &ServiceInfo::name);
  ASSERT_NE(rpc, services.end());
  EXPECT_EQ(rpc->state, ServiceInfo::State::kRunning);
  EXPECT_FALSE(rpc->driver);
  EXPECT_EQ(rpc->start, ServiceInfo::Start::kDemand);
  EXPECT_EQ(rpc->command, R"(C:\windows\system32\rpcss.exe)");
  const auto processes = WindowsHost().Processes().value();
  const auto process = std::ranges::find(processes, rpc->pid, &ProcessInfo::pid);
  ASSERT_NE(process, processes.end());
  EXPECT_EQ(process->name, "rpcss.exe");
  const auto mounts = std::ranges::find(services, "MountMgr", &ServiceInfo::name);
  ASSERT_NE(mounts, services.end());
  EXPECT_TRUE(mounts->driver);
  EXPECT_EQ(mounts->pid, 0);
}

TEST(WindowsHostServices, OneThatIsMadeStartedAndStoppedIsSeenEachTime) {
  const auto find = [] {
    const auto services = WindowsHost().Services().value();
    const auto found = std::ranges::find(services, "SallyportHost", &ServiceInfo::name);
    return found == services.end() ? std::nullopt : std::optional(*found);
  };
  EXPECT_EQ(find(), std::nullopt);
  {
    FakeService service(L"SallyportHost");
    EXPECT_EQ(find()->state, ServiceInfo::State::kStopped);
    EXPECT_EQ(find()->pid, 0);
    EXPECT_EQ(find()->command, Narrow(service.program(), "").value());
    ASSERT_TRUE(service.Start());
    const auto started = find();
    EXPECT_TRUE(started->state == ServiceInfo::State::kRunning ||
                started->state == ServiceInfo::State::kStartPending);
    EXPECT_NE(started->pid, 0);
  }
  EXPECT_EQ(find(), std::nullopt);
}

TEST(WindowsHostProcesses, StandByPidWithTheirPrograms) {
  wchar_t path[MAX_PATH];
  GetModuleFileNameW(nullptr, path, MAX_PATH);
  const auto processes = WindowsHost().Processes().value();
  EXPECT_TRUE(std::ranges::is_sorted(processes, {}, &ProcessInfo::pid));
  const auto self = std::ranges::find(processes, int64_t{GetCurrentProcessId()}, &ProcessInfo::pid);
  ASSERT_NE(self, processes.end());
  EXPECT_EQ(self->name, "platform_test.exe");
  EXPECT_EQ(self->program, Narrow(path, "this program").value());
}

}  // namespace
}  // namespace sallyport
