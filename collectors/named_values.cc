// SPDX-License-Identifier: Apache-2.0
#include "collectors/named_values.h"

#include <optional>

#include "base/text.h"

namespace sallyport {

NamedValues ParseNamedValues(std::string_view text) {
  NamedValues out;
  for (const std::string_view line : Lines(text)) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    out.emplace(Trim(line.substr(0, colon)), Trim(line.substr(colon + 1)));
  }
  return out;
}

Result<NamedValues> AskNamedValues(const Host& host, const std::vector<std::string>& argv) {
  const Result<CommandOutput> output = host.Run({argv});
  if (!output) return tl::unexpected(output.error());
  NamedValues values = ParseNamedValues(output->out);
  if (!values.empty()) return values;
  return Fail(Code::kMalformed, Join(argv, " ") + ": exit " + std::to_string(output->exit_code) +
                                    ", no values: " + Excerpt(Trim(output->err)));
}

Value TextOf(const NamedValues& values, const std::string& name) {
  const auto at = values.find(name);
  if (at == values.end()) return Unknown{};
  return at->second.empty() ? Cell(std::nullopt) : Cell(at->second);
}

Value NumberOf(const NamedValues& values, const std::string& name) {
  const auto at = values.find(name);
  const std::optional<int64_t> number = at == values.end() ? std::nullopt : ParseInt(at->second);
  return number ? Cell(*number) : Cell(Unknown{});
}

}  // namespace sallyport
