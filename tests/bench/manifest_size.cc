// SPDX-License-Identifier: Apache-2.0
// What the manifest saves on this machine: bytes of table results and time, for policy files, when
// it asks for keys, when it asks for the tables that are read, and when all tables are collected.
#include <chrono>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include "attestation/evidence.h"
#include "collectors/tables.h"
#include "platform/this_host.h"
#include "policy/key_roles.h"
#include "policy/policy.h"
#include "policy/reads.h"

namespace sallyport {
namespace {

struct Cost {
  size_t results = 0;
  size_t rows = 0;
  size_t bytes = 0;
  std::chrono::microseconds took{0};
};

void Add(Cost& cost, const Host& host, const Collector& collector, const Keys& keys) {
  const TableResult result = Collect(collector, host, keys);
  v1::TableResult message;
  ToProto(result, &message);
  ++cost.results;
  cost.rows += result.rows.size();
  cost.bytes += message.ByteSizeLong();
  cost.took += result.took;
}

void Print(const char* what, const Cost& cost) {
  std::cout << what << ": " << cost.results << " results, " << cost.rows << " rows, " << cost.bytes
            << " bytes, " << cost.took.count() / 1000 << " ms\n";
}

int Run(int argc, char** argv) {
  PolicySet set;
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    std::ostringstream yaml;
    yaml << file.rdbuf();
    auto read = ParsePolicies(yaml.str(), argv[i]);
    if (!read) {
      std::cerr << read.error().message << "\n";
      return 1;
    }
    for (Policy& policy : read->policies) set.policies.push_back(std::move(policy));
  }
  const auto reads = LearnReads(set, AllSchemas());
  if (!reads) {
    std::cerr << reads.error().message << "\n";
    return 1;
  }
  const auto host = MakeThisHost();
  Cost by_key;
  Cost by_table;
  Cost everything;
  std::set<std::string> whole;
  for (const TableRead& read : reads->tables) {
    const Collector* collector = FindCollector(host->os(), read.table);
    if (collector == nullptr || !read.systems.contains(host->os())) continue;
    Add(by_key, *host, *collector, read.keys);
    if (KeyRoles(collector->schema).never_whole()) {
      Add(by_table, *host, *collector, read.keys);
    } else if (whole.insert(read.table).second) {
      Add(by_table, *host, *collector, {});
    }
  }
  for (const Collector& collector : Collectors(host->os())) {
    if (!KeyRoles(collector.schema).never_whole()) Add(everything, *host, collector, {});
  }
  std::cout << set.policies.size() << " policies\n";
  Print("keys that policies ask for", by_key);
  Print("tables that they read, whole", by_table);
  Print("all tables that there are whole", everything);
  return 0;
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) { return sallyport::Run(argc, argv); }
