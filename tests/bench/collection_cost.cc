// SPDX-License-Identifier: Apache-2.0
// What looking at this machine costs: for the policies of each FILE, for those of all files but the
// first, and for all tables. Each is read in a process of its own, so that nothing is known from
// before: once cold, then again. Cold is the program's memory; the kernel has the files.
//
// A line for each set: what, CPU of the first read and median of the later ones in microseconds
// (programs that it starts included), programs started cold and warm, results, rows and bytes of
// evidence. With --tables a line of each table, too, the dearest first.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <string_view>

#include "agent/collector/asked_columns.h"
#include "attestation/evidence.h"
#include "collectors/tables.h"
#include "platform/host_linux.h"
#include "policy/key_roles.h"
#include "policy/policy.h"
#include "policy/reads.h"

namespace sallyport {
namespace {

constexpr int kRounds = 11;

class CountingHost : public LinuxHost {
 public:
  Result<CommandOutput> Run(const Command& command) const override {
    auto output = LinuxHost::Run(command);
    const bool ran =
        output || (output.error().code != Code::kNotFound && output.error().code != Code::kDenied);
    programs_ += ran ? 1 : 0;
    return output;
  }
  int programs() const { return programs_; }

 private:
  mutable int programs_ = 0;
};

int64_t CpuMicroseconds() {
  int64_t total = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    for (const timeval& t : {usage.ru_utime, usage.ru_stime}) {
      total += int64_t{t.tv_sec} * 1'000'000 + t.tv_usec;
    }
  }
  return total;
}

struct Asked {
  const Collector* collector = nullptr;
  Keys keys;
  AskedColumns columns;  // that are sent
};

struct Cost {
  std::vector<int64_t> cpu;   // of each round
  std::vector<int> programs;  // likewise
  size_t rows = 0;
  size_t bytes = 0;

  int64_t Warm() const {
    std::vector<int64_t> later(cpu.begin() + 1, cpu.end());
    std::ranges::sort(later);
    return later[later.size() / 2];
  }
};

// The cost of all, and of each.
std::pair<Cost, std::vector<Cost>> Measure(const std::vector<Asked>& all) {
  const CountingHost host;
  Cost whole;
  std::vector<Cost> each(all.size());
  for (int round = 0; round < kRounds; ++round) {
    int64_t spent = 0;
    const int programs = host.programs();
    for (size_t i = 0; i < all.size(); ++i) {
      const int64_t before = CpuMicroseconds();
      const int programs_before = host.programs();
      const TableResult result = Collect(*all[i].collector, host, all[i].keys);
      each[i].cpu.push_back(CpuMicroseconds() - before);
      each[i].programs.push_back(host.programs() - programs_before);
      spent += each[i].cpu.back();
      if (round > 0) continue;
      v1::TableResult message;
      ToProto(all[i].columns.Only(result), &message);
      whole.rows += each[i].rows = result.rows.size();
      whole.bytes += each[i].bytes = message.ByteSizeLong();
    }
    whole.cpu.push_back(spent);
    whole.programs.push_back(host.programs() - programs);
  }
  return {whole, each};
}

void Print(const std::string& what, size_t results, const Cost& cost) {
  std::cout << what << "\t" << cost.cpu.front() << "\t" << cost.Warm() << "\t"
            << cost.programs.front() << "\t" << cost.programs.back() << "\t" << results << "\t"
            << cost.rows << "\t" << cost.bytes << "\n";
}

std::string Name(const Asked& asked) {
  std::string name = "  " + std::string(asked.collector->schema.name);
  for (const Key& key : asked.keys) name += " " + key.column + (key.like ? "~" : "=") + key.value;
  return name;
}

// In a process of its own.
bool Report(const std::string& what, const std::vector<Asked>& all, bool tables) {
  std::cout.flush();
  const pid_t child = fork();
  if (child != 0) {
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
  }
  const auto [whole, each] = Measure(all);
  Print(what, all.size(), whole);
  std::vector<size_t> order(each.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, std::greater(), [&each = each](size_t i) { return each[i].cpu[0]; });
  for (const size_t i : order) {
    if (tables) Print(Name(all[i]), 1, each[i]);
  }
  std::cout.flush();
  _exit(0);
}

Result<PolicySet> ReadPolicies(const std::vector<std::string>& files) {
  PolicySet set;
  for (const std::string& name : files) {
    std::ifstream file(name, std::ios::binary);
    std::ostringstream yaml;
    yaml << file.rdbuf();
    auto read = ParsePolicies(yaml.str(), name);
    if (!read) return tl::unexpected(read.error());
    for (Policy& policy : read->policies) set.policies.push_back(std::move(policy));
  }
  return set;
}

struct Wanted {
  std::vector<Asked> by_key;
  std::vector<Asked> wide;   // with all columns
  std::vector<Asked> whole;  // the tables of these keys, as a whole where they can be read so
};

AskedColumns ColumnsOf(const TableRead& read) {
  v1::Manifest manifest;
  manifest.set_names_columns(true);
  v1::TableRequest request;
  for (const Key& key : read.keys) ToProto(key, request.add_keys());
  request.mutable_columns()->Add(read.columns.begin(), read.columns.end());
  return {manifest, request};
}

Result<Wanted> WantedBy(const PolicySet& set) {
  const auto reads = LearnReads(set, AllSchemas());
  if (!reads) return tl::unexpected(reads.error());
  Wanted out;
  std::set<std::string> seen;
  for (const TableRead& read : reads->tables) {
    const Collector* collector = FindCollector(Os::kLinux, read.table);
    if (collector == nullptr || !read.systems.contains(Os::kLinux)) continue;
    out.by_key.push_back({collector, read.keys, ColumnsOf(read)});
    out.wide.push_back({collector, read.keys, {}});
    if (KeyRoles(collector->schema).never_whole()) {
      out.whole.push_back({collector, read.keys, {}});
    } else if (seen.insert(read.table).second) {
      out.whole.push_back({collector, {}, {}});
    }
  }
  return out;
}

int Run(std::vector<std::string> arguments) {
  const bool tables = std::erase(arguments, "--tables") > 0;
  if (arguments.empty()) return 2;
  const std::vector<std::vector<std::string>> sets{{arguments.front()},
                                                   {arguments.begin() + 1, arguments.end()}};
  for (const auto& files : sets) {
    if (files.empty()) continue;
    const auto set = ReadPolicies(files);
    const auto wanted = set ? WantedBy(*set) : tl::unexpected(set.error());
    if (!wanted) {
      std::cerr << wanted.error().message << "\n";
      return 1;
    }
    const std::string count = std::to_string(set->policies.size()) + " policies";
    if (!Report(count + ": what they ask for", wanted->by_key, tables)) return 1;
    if (!Report(count + ": that, with all columns", wanted->wide, tables)) return 1;
    if (!Report(count + ": their tables, whole", wanted->whole, tables)) return 1;
  }
  std::vector<Asked> all;
  for (const Collector& collector : Collectors(Os::kLinux)) {
    if (!KeyRoles(collector.schema).never_whole()) all.push_back({&collector, {}, {}});
  }
  return Report("all whole tables", all, tables) ? 0 : 1;
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) { return sallyport::Run({argv + 1, argv + argc}); }
