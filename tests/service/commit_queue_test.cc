// SPDX-License-Identifier: Apache-2.0
#include "service/commit_queue.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/service/running_service.h"

namespace sallyport {
namespace {

Result<Database> Fresh(const TempFolder& folder) {
  Result<Database> database = Database::Open(folder.path() + "/queue.db");
  if (!database) return database;
  const Status made =
      database->Execute("PRAGMA journal_mode = WAL; CREATE TABLE t(n INTEGER UNIQUE);");
  if (!made) return tl::unexpected(made.error());
  return database;
}

std::vector<int64_t> Numbers(const TempFolder& folder) {
  Result<Database> database = Database::Open(folder.path() + "/queue.db");
  std::vector<int64_t> numbers;
  EXPECT_TRUE(database->Each("SELECT n FROM t ORDER BY n", {},
                             [&](const SqlRow& row) { numbers.push_back(row.Int(0)); }));
  return numbers;
}

CommitQueue::Work Insert(int n) {
  return [n](Database& db) { return db.Run("INSERT INTO t VALUES(?)", {Arg(n)}); };
}

TEST(CommitQueue, AWriteThatFailsLosesItselfAndNoneOfItsBatch) {
  const TempFolder folder;
  CommitQueue queue(Fresh(folder).value());
  std::promise<void> gate;
  const std::shared_future<void> opened = gate.get_future().share();
  // Holds the writer until all that follows is queued, so that it is one batch.
  queue.Submit(
      [opened](Database&) {
        opened.wait();
        return Status();
      },
      nullptr);
  std::vector<std::string> outcomes;
  const auto note = [&outcomes](const Status& s) { outcomes.push_back(s ? "ok" : "failed"); };
  queue.Submit(Insert(1), note);
  queue.Submit(Insert(1), note);
  queue.Submit(Insert(2), note);
  gate.set_value();
  queue.Flush();
  EXPECT_EQ(outcomes, (std::vector<std::string>{"ok", "failed", "ok"}));
  EXPECT_EQ(Numbers(folder), (std::vector<int64_t>{1, 2}));
}

TEST(CommitQueue, AnswersOnlyWhenAnotherConnectionSeesTheWrite) {
  const TempFolder folder;
  CommitQueue queue(Fresh(folder).value());
  std::promise<std::vector<int64_t>> seen;
  queue.Submit(Insert(41), [&](const Status&) { seen.set_value(Numbers(folder)); });
  EXPECT_EQ(seen.get_future().get(), std::vector<int64_t>{41});
}

TEST(CommitQueue, AnswersEveryoneInOrderBeforeItGoes) {
  const TempFolder folder;
  std::vector<int> order;
  {
    CommitQueue queue(Fresh(folder).value());
    for (int i = 0; i < 2500; ++i) {
      queue.Submit(Insert(i), [&order, i](const Status& s) {
        if (s) order.push_back(i);
      });
    }
  }
  ASSERT_EQ(order.size(), 2500u);
  EXPECT_TRUE(std::ranges::is_sorted(order));
  EXPECT_EQ(Numbers(folder).size(), 2500u);
}

}  // namespace
}  // namespace sallyport
