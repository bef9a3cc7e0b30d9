// SPDX-License-Identifier: Apache-2.0
// The agent's token and process. The child is agent_stand_in_windows.cc, which writes what it is.
#include "agent/service/agent_process_windows.h"

#include <gtest/gtest.h>
#include <sddl.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "agent/service/access_windows.h"
#include "agent/service/agent_token_windows.h"
#include "agent/service/this_program_windows.h"

namespace sallyport {
namespace {

using std::chrono::seconds;

// What a child says, line by line.
class Said {
 public:
  void Add(const LogLine& line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(line.text);
    came_.notify_all();
  }
  std::string Next() {
    std::unique_lock lock(mutex_);
    if (!came_.wait_for(lock, seconds(20), [this] { return !lines_.empty(); })) return "(nothing)";
    std::string line = lines_.front();
    lines_.pop_front();
    return line;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<std::string> lines_;
};

class AgentProcessTest : public testing::Test {
 protected:
  Result<std::unique_ptr<AgentProcess>> Start(std::vector<std::string> arguments) {
    std::vector<std::string> argv{ThisFolder().value() + "\\agent_stand_in_windows.exe"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return AgentProcess::Start(argv, "C:\\windows\\temp", token_.value(),
                               [this](const LogLine& line) { said_.Add(line); });
  }
  Said said_;
  Result<AgentToken> token_ = MakeAgentToken();
};

std::vector<std::string> Privileges(HANDLE token) {
  alignas(TOKEN_PRIVILEGES) unsigned char buffer[4096];
  DWORD size = 0;
  EXPECT_TRUE(GetTokenInformation(token, TokenPrivileges, buffer, sizeof buffer, &size));
  const auto* const held = reinterpret_cast<const TOKEN_PRIVILEGES*>(buffer);
  std::vector<std::string> names;
  for (DWORD i = 0; i < held->PrivilegeCount; ++i) {
    char name[64];
    DWORD length = sizeof name;
    LUID luid = held->Privileges[i].Luid;
    EXPECT_TRUE(LookupPrivilegeNameA(nullptr, &luid, name, &length));
    names.emplace_back(name);
  }
  return names;
}

// Attributes of a group in a token; 0 when it is not in it.
DWORD GroupAttributes(HANDLE token, const char* text) {
  void* sid = nullptr;
  EXPECT_TRUE(ConvertStringSidToSidA(text, &sid));
  const LocalPtr<void> freed(sid);
  alignas(TOKEN_GROUPS) unsigned char buffer[4096];
  DWORD size = 0;
  EXPECT_TRUE(GetTokenInformation(token, TokenGroups, buffer, sizeof buffer, &size));
  const auto* const groups = reinterpret_cast<const TOKEN_GROUPS*>(buffer);
  for (DWORD i = 0; i < groups->GroupCount; ++i) {
    if (EqualSid(groups->Groups[i].Sid, sid)) return groups->Groups[i].Attributes;
  }
  return 0;
}

TEST(RestrictedToken, HoldsOnePrivilegeAndAdministratorsForDenialsOnly) {
  const auto own = OwnToken();
  ASSERT_TRUE(own.has_value()) << own.error().message;
  ASSERT_GT(Privileges(own->get()).size(), 1u);
  ASSERT_TRUE(GroupAttributes(own->get(), "S-1-5-32-544") & SE_GROUP_ENABLED);
  const auto restricted = RestrictedToken(own->get());
  ASSERT_TRUE(restricted.has_value()) << restricted.error().message;
  EXPECT_EQ(Privileges(restricted->get()), std::vector<std::string>{"SeChangeNotifyPrivilege"});
  const DWORD administrators = GroupAttributes(restricted->get(), "S-1-5-32-544");
  EXPECT_TRUE(administrators & SE_GROUP_USE_FOR_DENY_ONLY);
  EXPECT_FALSE(administrators & SE_GROUP_ENABLED);
}

TEST_F(AgentProcessTest, RunsWithThatTokenAndNoMoreThanItsThreeHandles) {
  ASSERT_TRUE(token_.has_value()) << token_.error().message;
  const auto agent = Start({"describe"});
  ASSERT_TRUE(agent.has_value()) << agent.error().message;
  EXPECT_EQ(said_.Next(), "privileges SeChangeNotifyPrivilege");
  EXPECT_EQ(said_.Next(), "administrators deny-only");
  EXPECT_EQ(said_.Next(), "temp C:\\windows\\temp");
  EXPECT_EQ(said_.Next(), "path C:\\windows\\system32;C:\\windows");
  EXPECT_EQ(said_.Next(), "other variables");
  EXPECT_EQ(said_.Next(), "in a job");
  EXPECT_EQ(said_.Next(), "stdin ends");
}

TEST_F(AgentProcessTest, InheritsNoHandleThatHappensToBeInheritable) {
  SECURITY_ATTRIBUTES inheritable{sizeof inheritable, nullptr, TRUE};
  const Handle stray(CreateEventW(&inheritable, TRUE, FALSE, nullptr));
  const auto agent = Start({"set", std::to_string(reinterpret_cast<uintptr_t>(stray.get()))});
  ASSERT_TRUE(agent.has_value()) << agent.error().message;
  said_.Next();
  EXPECT_EQ(WaitForSingleObject(stray.get(), 0), static_cast<DWORD>(WAIT_TIMEOUT));
}

TEST_F(AgentProcessTest, EndsByItselfWhenAsked) {
  const auto agent = Start({"serve"});
  ASSERT_TRUE(agent.has_value()) << agent.error().message;
  EXPECT_EQ(said_.Next(), "serving");
  EXPECT_TRUE((*agent)->Stop(Millis(20'000), [] {}));
  EXPECT_EQ((*agent)->ExitCode(), 7u);
  EXPECT_EQ(said_.Next(), "asked to end");
}

TEST_F(AgentProcessTest, IsKilledWhenItDoesNotEnd) {
  const auto agent = Start({"hang"});
  ASSERT_TRUE(agent.has_value()) << agent.error().message;
  EXPECT_EQ(said_.Next(), "hanging");
  int waited = 0;
  EXPECT_FALSE((*agent)->Stop(Millis(1'200), [&waited] { ++waited; }));
  EXPECT_EQ(waited, 2);
  EXPECT_EQ((*agent)->ExitCode(), 1u);
}

TEST_F(AgentProcessTest, TakesItsOwnChildrenWithIt) {
  auto agent = Start({"parent"});
  ASSERT_TRUE(agent.has_value()) << agent.error().message;
  const std::string line = said_.Next();
  ASSERT_TRUE(line.starts_with("child ")) << line;
  const Handle child(
      OpenProcess(SYNCHRONIZE, FALSE, static_cast<DWORD>(std::stoul(line.substr(6)))));
  ASSERT_TRUE(child);
  agent->reset();
  EXPECT_EQ(WaitForSingleObject(child.get(), 20'000), WAIT_OBJECT_0);
}

TEST_F(AgentProcessTest, AProgramThatIsNotThereIsNamed) {
  const auto agent = AgentProcess::Start({"C:\\none\\agent.exe"}, "C:\\windows\\temp",
                                         token_.value(), [](const LogLine&) {});
  ASSERT_FALSE(agent.has_value());
  EXPECT_EQ(agent.error().code, Code::kNotFound);
  EXPECT_TRUE(agent.error().message.starts_with("C:\\none\\agent.exe")) << agent.error().message;
}

}  // namespace
}  // namespace sallyport
