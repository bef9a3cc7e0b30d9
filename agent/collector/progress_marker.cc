// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/progress_marker.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "attestation/durable_file.h"
#include "base/text.h"

namespace sallyport {
namespace {

constexpr int kMostKills = 1000;

// 60 s, 2 min, 4 min ... 1 h.
Millis WaitAfter(int kills) {
  Millis wait = ProgressMarker::kFirstWait;
  for (int i = 1; i < kills && wait < ProgressMarker::kLongestWait; ++i) wait *= 2;
  return std::min(wait, ProgressMarker::kLongestWait);
}

}  // namespace

Result<ProgressMarker> ProgressMarker::Open(Files files, const std::string& boot_id, Now now) {
  ProgressMarker marker;
  marker.files_ = std::move(files);
  marker.boot_id_ = boot_id;
  marker.opened_ = now.wall;
  const std::string& kills_file = marker.files_.killed;
  const auto killed = ReadSmallFile(kills_file);
  if (!killed && killed.error().code != Code::kNotFound) return tl::unexpected(killed.error());
  const std::string kills_text = killed.value_or("");
  for (std::string_view line : Lines(kills_text)) {  // "<count> <name>"
    const auto fields = Fields(line);
    const auto count = fields.size() == 2 ? ParseInt(fields[0]) : std::nullopt;
    if (!count || *count < 1 || *count > kMostKills) {
      return Fail(Code::kMalformed, kills_file + ": " + Excerpt(line));
    }
    const int kills = static_cast<int>(*count);
    marker.kills_[std::string(fields[1])] = {kills, now.boot + WaitAfter(kills)};
  }
  const std::string left = ReadOwnFile(marker.files_.progress);
  const auto lines = Lines(left);
  if (lines.size() >= 3 && !lines[0].empty() && lines[1] == boot_id) {
    marker.killed_in_ = lines[0];
    Kills& kills = marker.kills_[marker.killed_in_];
    kills.count = std::min(kills.count + 1, kMostKills);
    kills.held_until = now.boot + WaitAfter(kills.count);
    if (const Status saved = marker.SaveKills(); !saved) return tl::unexpected(saved.error());
  }
  auto made = ProgressFile::MakeAnew(marker.files_.progress);
  if (!made) return tl::unexpected(made.error());
  marker.progress_ = std::move(*made);
  return marker;
}

Millis ProgressMarker::HeldUntil(std::string_view name) const {
  const auto found = kills_.find(name);
  return found == kills_.end() ? Millis(0) : found->second.held_until;
}

Status ProgressMarker::Begin(const std::string& name) {
  const auto now = std::chrono::duration_cast<Millis>(  // counts no sleep
      std::chrono::steady_clock::now().time_since_epoch());
  return progress_.Write(name + "\n" + boot_id_ + "\n" + std::to_string(now.count()) + "\n");
}

void ProgressMarker::End(const std::string& name) {
  // What stands behind the empty line is not read. If it cannot be written, the supervisor ends us.
  static_cast<void>(progress_.Write("\n"));
  if (kills_.erase(name) > 0) static_cast<void>(SaveKills());  // read again at the next start
}

Status ProgressMarker::SaveKills() const {
  std::string text;
  for (const auto& [table, kills] : kills_) {
    text += std::to_string(kills.count) + " " + table + "\n";
  }
  return ReplaceSmallFile(files_.killed, text, FileAccess::kOwner);
}

}  // namespace sallyport
