// SPDX-License-Identifier: Apache-2.0
// What one table may cost: BudgetHost stops a read that goes over it, Overruns holds a table back
// that did.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/now.h"
#include "base/table.h"
#include "collectors/collector.h"
#include "platform/host.h"
#include "platform/own_usage.h"

namespace sallyport {

using UsageFn = std::function<OwnUsage()>;

// A Host that answers every question with kTimeout once the work since its making has gone over the
// budget, and gives a command no more time than is left. A collector that asks nothing and does not
// return is the supervisor's.
class BudgetHost : public Host {
 public:
  // `host` outlives it.
  BudgetHost(const Host& host, const Budget& budget, UsageFn usage);

  // "took over 10000 ms"; nothing while the work is within its budget. Once over, always over.
  std::optional<std::string> Over() const;
  static constexpr int kQuestionsBetweenLooks = 64;  // a look costs what ten questions do
  static constexpr Millis kTimeBetweenLooks{50};

  Os os() const override { return host_.os(); }
  Now Time() const override { return host_.Time(); }
  Result<std::string> ReadFile(const std::string& path,
                               size_t max_bytes = kMaxFileBytes) const override {
    return Ask([&] { return host_.ReadFile(path, max_bytes); });
  }
  Result<std::string> ReadHead(const std::string& path, size_t bytes) const override {
    return Ask([&] { return host_.ReadHead(path, bytes); });
  }
  Result<std::vector<DirEntry>> ListDir(const std::string& path) const override {
    return Ask([&] { return host_.ListDir(path); });
  }
  Result<FileStat> Stat(const std::string& path) const override {
    return Ask([&] { return host_.Stat(path); });
  }
  Result<FileDetails> Inspect(const std::string& path) const override {
    return Ask([&] { return host_.Inspect(path); });
  }
  Result<std::string> ReadLink(const std::string& path) const override {
    return Ask([&] { return host_.ReadLink(path); });
  }
  Result<std::string> RealPath(const std::string& path) const override {
    return Ask([&] { return host_.RealPath(path); });
  }
  Result<CommandOutput> Run(const Command& command) const override;
  Result<Value> ReadDbusProperty(const DbusProperty& property) const override {
    return Ask([&] { return host_.ReadDbusProperty(property); });
  }
  Result<FileSystemUse> StatFileSystem(const std::string& path) const override {
    return Ask([&] { return host_.StatFileSystem(path); });
  }
  Result<std::vector<SystemdUnit>> SystemdUnits() const override {
    return Ask([&] { return host_.SystemdUnits(); });
  }
  Result<Rows> QueryWmi(const std::string& name_space, const std::string& wql) const override {
    return Ask([&] { return host_.QueryWmi(name_space, wql); });
  }
  Result<Row> CallWmi(const WmiCall& call) const override {
    return Ask([&] { return host_.CallWmi(call); });
  }
  Result<Value> ReadRegistry(const std::string& key, const std::string& name) const override {
    return Ask([&] { return host_.ReadRegistry(key, name); });
  }
  Result<RegistryContent> ReadRegistryKey(const std::string& key) const override {
    return Ask([&] { return host_.ReadRegistryKey(key); });
  }
  Result<std::vector<std::string>> ListRegistry(const std::string& key) const override {
    return Ask([&] { return host_.ListRegistry(key); });
  }
  Result<std::vector<ServiceInfo>> Services() const override {
    return Ask([&] { return host_.Services(); });
  }
  Result<std::vector<ProcessInfo>> Processes() const override {
    return Ask([&] { return host_.Processes(); });
  }

 private:
  template <typename Question>
  auto Ask(Question question) const -> decltype(question()) {
    if (LooksAgain() && Over()) return Fail(Code::kTimeout, "stopped: it " + *over_);
    return question();
  }
  bool LooksAgain() const;

  const Host& host_;
  const Budget budget_;
  const UsageFn usage_;
  const OwnUsage before_;
  // Asking is const; what it cost is kept.
  mutable std::optional<std::string> over_;
  mutable int questions_ = 0;
  mutable Millis looked_{0};  // boot
};

// A table that went over its budget is left alone for a minute, then for twice as long each time,
// up to an hour; so long as it is, it says `timeout`, and from the third time in a row
// `suppressed`, each with since when. One read within the budget forgives all. A table's probe and
// its refresh are held back likewise, each by itself; the table is read without them.
class Overruns {
 public:
  static constexpr int kBorne = 2;
  static constexpr Millis kFirstWait{60'000};
  static constexpr Millis kLongestWait{3'600'000};

  void Note(const std::string& how, Now now);
  void Forgive() { *this = {}; }
  Millis held_until() const { return held_until_; }  // boot; zero: it may be read
  // Its state and why; the text is the same until it is read again.
  void Explain(TableResult* result) const;

 private:
  int count_ = 0;
  Millis since_{0};  // wall: the first time in a row
  Millis wait_{0};
  Millis held_until_{0};
  std::string how_;
};

}  // namespace sallyport
