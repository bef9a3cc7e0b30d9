// SPDX-License-Identifier: Apache-2.0
// The patterns of the fuzz corpus, damaged from fixed seeds: a bounded run of what
// fuzz_sql_functions does without end.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/sql_functions_input.h"

namespace sallyport {
namespace {

std::vector<std::string> Corpus() {
  std::vector<std::string> out;
  const std::filesystem::path folder =
      std::filesystem::path(SALLYPORT_SOURCE_DIR) / "tests/fuzz/corpus/sql_functions";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    out.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  std::ranges::sort(out);
  return out;
}

std::string Damaged(std::string text, std::mt19937* random) {
  constexpr std::string_view kPieces("(()[]{}*+?|^$\\.%1239,-sdqc \0\xc3\xff", 30);
  const auto below = [&](size_t n) { return n == 0 ? 0 : (*random)() % n; };
  for (size_t n = 1 + below(6); n > 0; --n) {
    const size_t at = below(text.size() + 1);
    switch (below(4)) {
      case 0:
        text.insert(at, 1, kPieces[below(kPieces.size())]);
        break;
      case 1:
        text.erase(at, below(6));
        break;
      case 2:
        text.insert(at, text.substr(below(text.size()), below(40)));
        break;
      default:
        std::swap(text[below(text.size())], text[below(text.size())]);
    }
    if (text.empty()) text = "x";
  }
  return text;
}

TEST(DamagedPatterns, GiveAPieceOfTheTextOrAnErrorInTime) {
  SqlFunctionsInput functions;
  std::mt19937 random(11);
  const std::vector<std::string> corpus = Corpus();
  ASSERT_GE(corpus.size(), 11U);
  const auto start = std::chrono::steady_clock::now();
  int answers = 0;
  int runs = 0;
  for (const std::string& input : corpus) {
    answers += functions.Run(input);
    for (int i = 0; i < 300; ++i, ++runs) answers += functions.Run(Damaged(input, &random));
  }
  EXPECT_GT(answers, runs) << "the functions are reached";
  EXPECT_LT(answers, 9 * runs) << "and so are their errors";
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

}  // namespace
}  // namespace sallyport
