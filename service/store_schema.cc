// SPDX-License-Identifier: Apache-2.0
#include "service/store_schema.h"

#include <nlohmann/json.hpp>

namespace sallyport {
namespace {

// evidence is a ring of `slot`s per device: writing the newest replaces the oldest in one
// statement, without a search.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE settings(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE devices(
  id TEXT PRIMARY KEY, role INTEGER NOT NULL, spki BLOB NOT NULL, key_id TEXT NOT NULL UNIQUE,
  hostname TEXT NOT NULL, platform TEXT NOT NULL, enrolled_at INTEGER NOT NULL,
  last_seen INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE enrollments(
  id INTEGER PRIMARY KEY, device_id TEXT NOT NULL, at INTEGER NOT NULL, key_id TEXT NOT NULL,
  token_hash BLOB NOT NULL, hostname TEXT NOT NULL, platform TEXT NOT NULL);
CREATE INDEX enrollments_by_device ON enrollments(device_id);
CREATE TABLE tokens(
  hash BLOB PRIMARY KEY, role INTEGER NOT NULL, name TEXT NOT NULL, uses_left INTEGER NOT NULL,
  expires_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE evidence(
  device_id TEXT NOT NULL, slot INTEGER NOT NULL, epoch INTEGER NOT NULL,
  sequence INTEGER NOT NULL, digest BLOB NOT NULL, offline INTEGER NOT NULL, at INTEGER NOT NULL,
  serial INTEGER NOT NULL, envelope BLOB NOT NULL, PRIMARY KEY(device_id, slot));
CREATE TABLE verdicts(
  device_id TEXT PRIMARY KEY, tier INTEGER NOT NULL, decision_id INTEGER NOT NULL,
  judged_at INTEGER NOT NULL, memory TEXT NOT NULL, result BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE decisions(
  id INTEGER PRIMARY KEY, device_id TEXT NOT NULL, at INTEGER NOT NULL, from_tier INTEGER,
  to_tier INTEGER, reason TEXT NOT NULL);
CREATE INDEX decisions_by_device ON decisions(device_id, id);
CREATE TABLE session_events(
  id INTEGER PRIMARY KEY, gateway TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
  device_id TEXT NOT NULL, session_id TEXT NOT NULL, session BLOB NOT NULL);
CREATE TABLE cut_reports(
  id INTEGER PRIMARY KEY, gateway TEXT NOT NULL, at INTEGER NOT NULL, decision_id INTEGER NOT NULL,
  device_id TEXT NOT NULL, proven INTEGER NOT NULL, took_us INTEGER NOT NULL,
  detail TEXT NOT NULL);
PRAGMA user_version = 1;
)sql";

}  // namespace

Status PrepareStore(Database& database, const std::string& path) {
  int64_t version = -1;
  Status read = database.Each("PRAGMA user_version", {},
                              [&version](const SqlRow& row) { version = row.Int(0); });
  if (!read) return Wrap(read.error(), path);
  if (version > kStoreVersion) {
    return Fail(Code::kConflict, path + ": made by a newer version of the service (schema " +
                                     std::to_string(version) + ", this one knows " +
                                     std::to_string(kStoreVersion) + ")");
  }
  Status set = database.Execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;");
  if (!set) return Wrap(set.error(), path);
  if (version == kStoreVersion) return {};
  Status made = database.Execute("BEGIN IMMEDIATE");
  if (made) made = database.Execute(kVersion1);
  if (made) made = database.Execute("COMMIT");
  return made;
}

std::string MemoryToText(const DeviceMemory& memory) {
  nlohmann::json out = nlohmann::json::object();
  for (const auto& [policy, held] : memory) {
    out[policy] = {{"verdict", static_cast<int>(held.verdict)},
                   {"since", held.since.count()},
                   {"failing_since", held.failing_since.count()},
                   {"unknown_since", held.unknown_since.count()},
                   {"judged", held.judged.count()}};
  }
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<DeviceMemory> MemoryFromText(std::string_view text) {
  DeviceMemory memory;
  try {  // nlohmann-json throws
    const nlohmann::json parsed = nlohmann::json::parse(text);
    for (const auto& [policy, held] : parsed.items()) {
      const int verdict = held.at("verdict").get<int>();
      if (verdict < 0 || verdict > static_cast<int>(Verdict::kStale)) {
        return Fail(Code::kMalformed, "stored verdict of " + policy);
      }
      memory[policy] =
          PolicyMemory{.verdict = static_cast<Verdict>(verdict),
                       .since = Millis{held.at("since").get<int64_t>()},
                       .failing_since = Millis{held.at("failing_since").get<int64_t>()},
                       .unknown_since = Millis{held.at("unknown_since").get<int64_t>()},
                       .judged = Millis{held.at("judged").get<int64_t>()}};
    }
  } catch (const nlohmann::json::exception& e) {
    return Fail(Code::kMalformed, std::string("stored verdicts: ") + e.what());
  }
  return memory;
}

}  // namespace sallyport
