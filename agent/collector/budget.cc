// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/budget.h"

#include <algorithm>
#include <utility>

#include "base/timestamp.h"

namespace sallyport {

BudgetHost::BudgetHost(const Host& host, const Budget& budget, UsageFn usage)
    : host_(host),
      budget_(budget),
      usage_(std::move(usage)),
      before_(usage_()),
      looked_(host.Time().boot) {}

bool BudgetHost::LooksAgain() const {
  const Millis now = host_.Time().boot;
  if (!over_ && ++questions_ % kQuestionsBetweenLooks != 0 && now < looked_ + kTimeBetweenLooks) {
    return false;
  }
  looked_ = now;
  return true;
}

std::optional<std::string> BudgetHost::Over() const {
  if (over_) return over_;
  const OwnUsage now = usage_();
  if (now.awake - before_.awake > budget_.deadline) {
    over_ = "took over " + std::to_string(budget_.deadline.count()) + " ms";
  } else if (now.cpu - before_.cpu > budget_.cpu) {
    over_ = "used over " + std::to_string(budget_.cpu.count()) + " ms of CPU";
  } else if (now.bytes > before_.bytes && now.bytes - before_.bytes > budget_.bytes) {
    over_ = "took over " + std::to_string(budget_.bytes >> 20) + " MiB of memory";
  }
  return over_;
}

Result<CommandOutput> BudgetHost::Run(const Command& command) const {
  return Ask([&] {
    const Millis left = before_.awake + budget_.deadline - usage_().awake;
    Command bounded = command;
    bounded.deadline = std::clamp(left, Millis(1), std::max(command.deadline, Millis(1)));
    return host_.Run(bounded);
  });
}

void Overruns::Note(const std::string& how, Now now) {
  if (count_ == 0) since_ = now.wall;
  ++count_;
  how_ = how;
  wait_ = count_ == 1 ? kFirstWait : std::min(wait_ * 2, kLongestWait);
  held_until_ = now.boot + wait_;
}

void Overruns::Explain(TableResult* result) const {
  result->rows.clear();
  result->state = count_ > kBorne ? State::kSuppressed : State::kTimeout;
  result->error = "since " + Timestamp(since_) + ": it " + how_ +
                  (count_ == 1 ? "" : ", " + std::to_string(count_) + " times in a row") +
                  "; read again after " + std::to_string(wait_.count() / 1000) + " s";
}

}  // namespace sallyport
