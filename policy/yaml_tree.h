// SPDX-License-Identifier: Apache-2.0
// YAML of a stranger as a bounded tree. Budgets are counted while the events arrive, before
// anything is walked: an alias bomb is refused at the alias that goes over.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sallyport {

struct YamlNode;
using YamlPtr = std::shared_ptr<const YamlNode>;  // an alias shares the node of its anchor

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  Kind kind = Kind::kNull;
  int line = 0;  // from 1
  std::string text;
  std::vector<YamlPtr> items;
  std::vector<std::pair<YamlPtr, YamlPtr>> entries;  // keys are scalars, each at most once
};

struct YamlBudget {
  size_t bytes = 1 << 20;
  size_t nodes = 100'000;           // with every alias counted as the nodes it stands for
  size_t expanded_bytes = 4 << 20;  // of scalars, counted likewise
  size_t depth = 32;
};

// All documents of a file. kTooLarge names the budget, kMalformed the line: syntax, a key twice in
// one map, a key that is no scalar, text with a NUL or that is not UTF-8, an alias to itself.
Result<std::vector<YamlPtr>> ParseYaml(std::string_view yaml, std::string_view file_name,
                                       const YamlBudget& budget = {});

}  // namespace sallyport
