// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/progress_marker.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
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

Result<ProgressMarker> ProgressMarker::Open(const std::string& folder, const std::string& boot_id,
                                            Now now) {
  ProgressMarker marker;
  marker.folder_ = folder;
  marker.boot_id_ = boot_id;
  const auto killed = ReadSmallFile(folder + "/collector.killed");
  if (!killed && killed.error().code != Code::kNotFound) return tl::unexpected(killed.error());
  const std::string kills_text = killed.value_or("");
  for (std::string_view line : Lines(kills_text)) {  // "<count> <table>"
    const auto fields = Fields(line);
    const auto count = fields.size() == 2 ? ParseInt(fields[0]) : std::nullopt;
    if (!count || *count < 1 || *count > kMostKills) {
      return Fail(Code::kMalformed, folder + "/collector.killed: " + Excerpt(line));
    }
    const int kills = static_cast<int>(*count);
    marker.kills_[std::string(fields[1])] = {kills, now.boot + WaitAfter(kills)};
  }
  const auto left = ReadSmallFile(folder + "/collector.progress");
  if (!left && left.error().code != Code::kNotFound) return tl::unexpected(left.error());
  const std::string left_text = left.value_or("");
  const auto lines = Lines(left_text);  // table, boot id
  if (lines.size() == 2 && !lines[0].empty() && lines[1] == boot_id) {
    marker.killed_in_ = lines[0];
    Kills& kills = marker.kills_[marker.killed_in_];
    kills.count = std::min(kills.count + 1, kMostKills);
    kills.held_until = now.boot + WaitAfter(kills.count);
    if (const Status saved = marker.SaveKills(); !saved) return tl::unexpected(saved.error());
  }
  std::error_code ignored;
  std::filesystem::remove(folder + "/collector.progress", ignored);
  return marker;
}

Millis ProgressMarker::HeldUntil(std::string_view table) const {
  const auto found = kills_.find(table);
  return found == kills_.end() ? Millis(0) : found->second.held_until;
}

// Not synced: it has to outlive this process, not this boot.
Status ProgressMarker::Begin(const std::string& table) {
  const std::string path = folder_ + "/collector.progress";
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << table << '\n' << boot_id_ << '\n';
  out.close();
  if (!out) return Fail(Code::kInternal, path + ": cannot be written");
  return {};
}

void ProgressMarker::End(const std::string& table) {
  std::error_code ignored;
  std::filesystem::remove(folder_ + "/collector.progress", ignored);
  if (kills_.erase(table) > 0) static_cast<void>(SaveKills());  // read again at the next start
}

Status ProgressMarker::SaveKills() const {
  std::string text;
  for (const auto& [table, kills] : kills_) {
    text += std::to_string(kills.count) + " " + table + "\n";
  }
  return ReplaceFile(folder_ + "/collector.killed", text, FileAccess::kOwner);
}

}  // namespace sallyport
