// SPDX-License-Identifier: Apache-2.0
// The spool against a kill.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/spool.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

v1::Envelope Envelope(const std::string& payload) {
  v1::Envelope envelope;
  envelope.set_payload(payload);
  return envelope;
}

TEST(SpoolPosix, SurvivesKillMinusNineInTheMiddleOfWriting) {
  TempFolder folder;
  const std::string path = folder.path() + "/spool.db";
  int told[2];
  ASSERT_EQ(pipe(told), 0);
  const pid_t writer = fork();
  ASSERT_GE(writer, 0);
  if (writer == 0) {
    Spool spool = Spool::Open(path, {}).value();
    for (uint64_t i = 1;; ++i) {
      if (!spool.Append(Envelope("evidence " + std::to_string(i)), i, 0)) _exit(1);
      const char done = 1;
      if (write(told[1], &done, 1) != 1) _exit(2);
    }
  }
  close(told[1]);
  uint64_t acknowledged = 0;
  char done = 0;
  while (acknowledged < 20 && read(told[0], &done, 1) == 1) ++acknowledged;
  ASSERT_EQ(kill(writer, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(waitpid(writer, &status, 0), writer);
  ASSERT_TRUE(WIFSIGNALED(status));
  while (read(told[0], &done, 1) == 1) ++acknowledged;
  close(told[0]);

  Spool spool = Spool::Open(path, {}).value();
  EXPECT_GE(spool.size(), acknowledged);
  EXPECT_LE(spool.size(), acknowledged + 1);
  EXPECT_EQ(spool.Front().value()->envelope.payload(), "evidence 1");
  EXPECT_TRUE(spool.Append(Envelope("after"), 99, 0));
}

}  // namespace
}  // namespace sallyport
