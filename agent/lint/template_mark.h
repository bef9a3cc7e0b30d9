// SPDX-License-Identifier: Apache-2.0
// Marks of template languages in a configuration file: what stands there is not what a program
// will read.
#pragma once

#include <optional>
#include <string_view>

namespace sallyport {

struct TemplateMark {
  int line = 0;
  std::string_view opening;  // "{{", "{%", "${", "<%"

  friend bool operator==(const TemplateMark&, const TemplateMark&) = default;
};

// The first one: Jinja and Go ({{ }}, {% %}), Terraform and shells (${ }), ERB (<% %>), each closed
// later on. Those of Terraform and shells do not count in comments, which scripts often bring
// along.
std::optional<TemplateMark> FindTemplate(std::string_view text);

}  // namespace sallyport
