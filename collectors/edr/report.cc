// SPDX-License-Identifier: Apache-2.0
#include "collectors/edr/report.h"

#include <algorithm>

#include "base/text.h"

namespace sallyport {
namespace {

std::string Plain(std::string_view text) {
  text = Trim(text);
  if (const size_t bracket = text.find(" ["); bracket != std::string_view::npos) {
    text = Trim(text.substr(0, bracket));
  }
  while (!text.empty() && (text.back() == '.' || text.back() == '"' || text.back() == '\'')) {
    text.remove_suffix(1);
  }
  while (!text.empty() && (text.front() == '"' || text.front() == '\'')) text.remove_prefix(1);
  return Lower(text);
}

Result<std::string> ReadReport(const Host& host, const ProductReport& report) {
  if (!report.file.empty()) return host.ReadFile(std::string(report.file), 1 << 20);
  Command command;
  for (std::string_view word : report.command) command.argv.emplace_back(word);
  const Result<CommandOutput> output = host.Run(command);
  if (!output) return tl::unexpected(output.error());
  if (output->exit_code != 0) return Fail(Code::kUnavailable, command.argv.front());
  return output->out;
}

// 1 when all hold, 0 when one does not, else unknown.
Value AllHold(const Settings& settings, std::span<const Requirement> requirements) {
  bool certain = true;
  for (const Requirement& requirement : requirements) {
    const auto found = settings.find(requirement.name);
    if (found == settings.end()) {
      certain = false;
    } else if (requirement.value.empty() ? found->second.empty()
                                         : found->second != requirement.value) {
      return Cell(false);
    }
  }
  return certain ? Cell(true) : Cell(Unknown{});
}

// Does a setting have this value? NULL for a product without such a setting.
Value Has(const Settings& settings, const Requirement& requirement) {
  if (requirement.name.empty()) return Cell(std::nullopt);
  return AllHold(settings, {&requirement, 1});
}

// Whatever it must and does not is less than it should.
Value DegradedBy(const Value& said, const Value& enforcing) {
  if (said == Cell(std::nullopt) || said == Cell(true)) return said;
  return IsUnknown(enforcing) ? enforcing : Cell(enforcing == Cell(false));
}

}  // namespace

Settings ParseSettings(std::string_view text) {
  constexpr std::string_view kUnset = " is not set";
  Settings out;
  for (std::string_view line : Lines(text)) {
    if (Trim(line).starts_with('#')) continue;
    for (std::string_view piece : Split(line, ',')) {
      if (const size_t unset = piece.find(kUnset); unset != std::string_view::npos) {
        out[Plain(piece.substr(0, unset))] = "";
        continue;
      }
      const size_t at = piece.find_first_of("=:");
      if (at != std::string_view::npos) {
        out[Plain(piece.substr(0, at))] = Plain(piece.substr(at + 1));
      }
    }
  }
  return out;
}

ReportCells AskReport(const Host& host, const ProductReport& report) {
  ReportCells out;
  const Result<std::string> text = ReadReport(host, report);
  const Settings settings = text ? ParseSettings(*text) : Settings();
  out.enforcing = AllHold(settings, report.must);
  out.degraded = DegradedBy(Has(settings, report.degraded), out.enforcing);
  out.tamper = Has(settings, report.tamper);
  if (report.degraded.name.empty()) return out;
  const auto mode = settings.find(report.degraded.name);
  out.mode = mode == settings.end() ? Cell(Unknown{})
                                    : Cell(std::string(report.degraded.name) + "=" + mode->second);
  return out;
}

}  // namespace sallyport
