// SPDX-License-Identifier: Apache-2.0
#include "agent/service/log_lines.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"

namespace sallyport {
namespace {

struct Mark {
  std::string_view text;
  LogLine::Level level;
};
constexpr Mark kMarks[] = {
    {"] [info] ", LogLine::Level::kInfo},       {"] [debug] ", LogLine::Level::kInfo},
    {"] [warning] ", LogLine::Level::kWarning}, {"] [error] ", LogLine::Level::kError},
    {"] [critical] ", LogLine::Level::kError},  {" info: ", LogLine::Level::kInfo},
    {" warning: ", LogLine::Level::kWarning},   {" error: ", LogLine::Level::kError},
};

// By the first mark in it; what stands before, time and name, the log has of its own.
LogLine Parse(std::string_view line) {
  LogLine out{LogLine::Level::kInfo, ""};
  size_t first = std::string_view::npos;
  size_t text = 0;
  for (const Mark& mark : kMarks) {
    const size_t at = line.find(mark.text);
    if (at == std::string_view::npos || at >= first) continue;
    first = at;
    text = at + mark.text.size();
    out.level = mark.level;
  }
  out.text = Excerpt(line.substr(text), LogLines::kMaxBytes);
  return out;
}

}  // namespace

std::vector<LogLine> LogLines::Add(std::string_view bytes, Time now) {
  std::vector<LogLine> out;
  for (const char c : bytes) {
    if (c == '\n') {
      AddLine(now, &out);
    } else if (c != '\r' && line_.size() < kMaxBytes) {
      line_.push_back(c);
    }
  }
  return out;
}

void LogLines::AddLine(Time now, std::vector<LogLine>* out) {
  LogLine line = Parse(std::exchange(line_, {}));
  if (line.text.empty()) return;
  if (line.level != LogLine::Level::kInfo) {
    const std::chrono::duration<double> passed = now - counted_;
    if (counted_ != Time{}) allowed_ = std::min(kBurst, allowed_ + passed.count());
    counted_ = now;
    if (allowed_ < 1) {
      ++left_out_;
      return;
    }
    allowed_ -= 1;
    if (left_out_ > 0) {
      line.text += " (" + std::to_string(std::exchange(left_out_, 0)) + " more were left out)";
    }
  }
  out->push_back(std::move(line));
}

}  // namespace sallyport
