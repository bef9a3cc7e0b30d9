// SPDX-License-Identifier: Apache-2.0
// The files of the fuzz corpus, damaged from fixed seeds: a bounded run of what fuzz_linux_files
// does without end.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>

#include "collectors/os_release.h"
#include "collectors/tables.h"
#include "tests/fuzz/text_host.h"

namespace sallyport {
namespace {

std::map<std::string, std::string> Corpus() {
  std::map<std::string, std::string> out;
  const std::filesystem::path folder =
      std::filesystem::path(SALLYPORT_SOURCE_DIR) / "tests/fuzz/corpus/linux_files";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    out[entry.path().filename().string()] = {std::istreambuf_iterator<char>(file), {}};
  }
  return out;
}

std::string Damaged(std::string text, std::mt19937* random) {
  constexpr std::string_view kPieces("\n\n :=[]()\"\\!-/.,\t#\0\xff", 21);
  const auto below = [&](size_t n) { return n == 0 ? 0 : (*random)() % n; };
  for (size_t n = 1 + below(5); n > 0; --n) {
    const size_t at = below(text.size() + 1);
    switch (below(4)) {
      case 0:
        text.insert(at, 1, kPieces[below(kPieces.size())]);
        break;
      case 1:
        text.erase(at, below(12));
        break;
      case 2:
        text.insert(at, text.substr(below(text.size()), below(60)));
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

// Both ways out are taken, and each result fits its table.
TEST(DamagedFiles, GiveWholeRowsOrAnErrorThatIsNoBug) {
  std::mt19937 random(4);
  size_t rows = 0;
  std::map<State, int> states;
  const auto corpus = Corpus();
  ASSERT_GE(corpus.size(), 14u);
  for (const auto& [name, text] : corpus) {
    for (int i = 0; i < 150; ++i) {
      const TextHost host(i == 0 ? text : Damaged(text, &random));
      (void)ReadOsRelease(host);
      for (const Collector& collector : LinuxCollectors()) {
        const TableResult result = Collect(collector, host, {});
        ++states[result.state];
        rows += result.rows.size();
        EXPECT_EQ(result.error.find("cells for"), std::string::npos) << name << result.error;
        EXPECT_LT(result.error.size(), 1000u) << name;
      }
    }
  }
  EXPECT_GT(rows, 10'000u);
  EXPECT_GT(states[State::kValue], 1000);
  EXPECT_GT(states[State::kError], 1000);
}

}  // namespace
}  // namespace sallyport
