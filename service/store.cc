// SPDX-License-Identifier: Apache-2.0
#include "service/store.h"

#include "base/text.h"
#include "service/store_schema.h"

namespace sallyport {
namespace {

constexpr uint64_t kIdBlock = 100'000;

SqlArg TierArg(Tier tier) { return Arg(static_cast<int>(tier)); }

// A tier that may be missing is stored as -1.
SqlArg TierArg(std::optional<Tier> tier) { return Arg(tier ? static_cast<int>(*tier) : -1); }

std::optional<Tier> TierOf(int64_t stored) {
  if (stored < 0 || stored > static_cast<int64_t>(Tier::kFull)) return std::nullopt;
  return static_cast<Tier>(stored);
}

DeviceRecord DeviceOf(const SqlRow& row) {
  return DeviceRecord{.id = row.Text(0),
                      .role = row.Int(1) == 1 ? LeafName::Role::kGateway : LeafName::Role::kDevice,
                      .spki = row.Text(2),
                      .key_id = row.Text(3),
                      .hostname = row.Text(4),
                      .platform = row.Text(5),
                      .enrolled_at = Millis{row.Int(6)},
                      .last_seen = Millis{row.Int(7)},
                      .enrollments = static_cast<int>(row.Int(8))};
}

int RoleNumber(LeafName::Role role) { return role == LeafName::Role::kGateway ? 1 : 0; }

Status WriteEvidence(Database& db, const std::string& device, const EvidenceRecord& evidence) {
  // An update in place, unlike REPLACE, leaves the index alone.
  return db.Run(
      "INSERT INTO evidence(device_id, slot, epoch, sequence, digest, offline, at, serial, "
      "envelope) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(device_id, slot) DO UPDATE SET "
      "epoch = excluded.epoch, sequence = excluded.sequence, digest = excluded.digest, "
      "offline = excluded.offline, at = excluded.at, serial = excluded.serial, "
      "envelope = excluded.envelope",
      {Arg(device), Arg(static_cast<int>(evidence.slot % Store::kEvidencePerDevice)),
       Arg(evidence.position.epoch), Arg(evidence.position.sequence),
       Arg(Blob{evidence.position.digest}), Arg(evidence.offline ? 1 : 0), Arg(evidence.at.count()),
       Arg(static_cast<int64_t>(evidence.slot)), Arg(Blob{evidence.envelope})});
}

Status WriteVerdict(Database& db, const std::string& device, const VerdictRecord& verdict) {
  const std::string memory = MemoryToText(verdict.memory);
  return db.Run(
      "INSERT OR REPLACE INTO verdicts(device_id, tier, decision_id, judged_at, memory, result) "
      "VALUES(?, ?, ?, ?, ?, ?)",
      {Arg(device), TierArg(verdict.tier), Arg(verdict.decision_id), Arg(verdict.judged_at.count()),
       Arg(memory), Arg(Blob{verdict.result})});
}

Status WriteDecision(Database& db, const std::string& device, const DecisionRecord& decision) {
  return db.Run(
      "INSERT INTO decisions(id, device_id, at, from_tier, to_tier, reason) "
      "VALUES(?, ?, ?, ?, ?, ?)",
      {Arg(decision.id), Arg(device), Arg(decision.at.count()), TierArg(decision.from),
       TierArg(decision.to), Arg(decision.reason)});
}

Status WriteDevicePart(Database& db, const DeviceWrite& write) {
  Status status;
  if (write.evidence) status = WriteEvidence(db, write.device_id, *write.evidence);
  if (status && write.verdict) status = WriteVerdict(db, write.device_id, *write.verdict);
  if (status && write.decision) status = WriteDecision(db, write.device_id, *write.decision);
  if (status && write.seen.count() != 0) {
    status = db.Run("UPDATE devices SET last_seen = ? WHERE id = ?",
                    {Arg(write.seen.count()), Arg(write.device_id)});
  }
  return status;
}

Result<std::optional<TokenRecord>> ReadToken(Database& db, const std::string& hash) {
  std::optional<TokenRecord> token;
  Status read = db.Each("SELECT role, name, uses_left, expires_at FROM tokens WHERE hash = ?",
                        {Arg(Blob{hash})}, [&](const SqlRow& row) {
                          token = TokenRecord{.hash = hash,
                                              .role = row.Int(0) == 1 ? LeafName::Role::kGateway
                                                                      : LeafName::Role::kDevice,
                                              .name = row.Text(1),
                                              .uses_left = static_cast<int>(row.Int(2)),
                                              .expires_at = Millis{row.Int(3)}};
                        });
  if (!read) return tl::unexpected(read.error());
  return token;
}

// Whether the token lets this device in; gives a gateway its name.
Status Admit(const std::optional<TokenRecord>& token, DeviceRecord* device) {
  if (!token) return Fail(Code::kNotFound, "token: not known");
  if (token->uses_left <= 0) return Fail(Code::kConflict, "token: used up");
  if (token->expires_at <= device->enrolled_at) return Fail(Code::kTimeout, "token: expired");
  device->role = token->role;
  if (token->role == LeafName::Role::kGateway) device->id = token->name;
  return {};
}

Status CheckKeyIsFree(Database& db, const DeviceRecord& device) {
  std::string holder;
  Status read = db.Each("SELECT id FROM devices WHERE key_id = ?", {Arg(device.key_id)},
                        [&holder](const SqlRow& row) { holder = row.Text(0); });
  if (read && !holder.empty() && holder != device.id) {
    return Fail(Code::kConflict, "identity key: enrolled as " + holder + " already");
  }
  return read;
}

Status WriteEnrolled(Database& db, const std::string& token_hash, const DeviceRecord& device) {
  Status written = db.Run(
      "INSERT INTO devices(id, role, spki, key_id, hostname, platform, enrolled_at, last_seen) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT(id) DO UPDATE SET role = excluded.role, "
      "spki = excluded.spki, key_id = excluded.key_id, hostname = excluded.hostname, "
      "platform = excluded.platform, enrolled_at = excluded.enrolled_at",
      {Arg(device.id), Arg(RoleNumber(device.role)), Arg(Blob{device.spki}), Arg(device.key_id),
       Arg(device.hostname), Arg(device.platform), Arg(device.enrolled_at.count())});
  if (!written) return written;
  return db.Run(
      "INSERT INTO enrollments(device_id, at, key_id, token_hash, hostname, platform) "
      "VALUES(?, ?, ?, ?, ?, ?)",
      {Arg(device.id), Arg(device.enrolled_at.count()), Arg(device.key_id), Arg(Blob{token_hash}),
       Arg(device.hostname), Arg(device.platform)});
}

constexpr const char* kSelectDevice =
    "SELECT id, role, spki, key_id, hostname, platform, enrolled_at, "
    "max(last_seen, coalesce((SELECT max(at) FROM evidence WHERE device_id = devices.id), 0)), "
    "(SELECT count(*) FROM enrollments WHERE device_id = devices.id) FROM devices WHERE id = ?";
constexpr const char* kSelectDeviceByKey =
    "SELECT id, role, spki, key_id, hostname, platform, enrolled_at, last_seen, 0 "
    "FROM devices WHERE key_id = ?";
constexpr const char* kSelectDevices =
    "SELECT id, role, spki, key_id, hostname, platform, enrolled_at, "
    "max(last_seen, coalesce((SELECT max(at) FROM evidence WHERE device_id = devices.id), 0)), 0 "
    "FROM devices WHERE role = 0 ORDER BY id";
constexpr const char* kSelectVerdict =
    "SELECT tier, decision_id, judged_at, memory, result FROM verdicts WHERE device_id = ?";

Result<std::optional<VerdictRecord>> ReadVerdict(Database& db, std::string_view device) {
  std::optional<VerdictRecord> verdict;
  std::string memory;
  Status read = db.Each(kSelectVerdict, {Arg(device)}, [&](const SqlRow& row) {
    verdict = VerdictRecord{.tier = TierOf(row.Int(0)).value_or(Tier::kNone),
                            .decision_id = row.U64(1),
                            .judged_at = Millis{row.Int(2)},
                            .memory = {},
                            .result = row.Text(4)};
    memory = row.Text(3);
  });
  if (!read) return tl::unexpected(read.error());
  if (!verdict) return verdict;
  Result<DeviceMemory> parsed = MemoryFromText(memory);
  if (!parsed) return Wrap(parsed.error(), std::string(device));
  verdict->memory = *std::move(parsed);
  return verdict;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::Open(const std::string& path) {
  Result<Database> writer = Database::Open(path);
  if (!writer) return tl::unexpected(writer.error());
  if (Status ready = PrepareStore(*writer, path); !ready) return tl::unexpected(ready.error());
  Result<Database> reader = Database::Open(path);
  if (!reader) return tl::unexpected(reader.error());
  std::unique_ptr<Store> store(
      new Store(std::make_unique<CommitQueue>(*std::move(writer)), *std::move(reader)));
  const Result<std::optional<std::string>> ceiling = store->Setting("decision_ceiling");
  if (!ceiling) return tl::unexpected(ceiling.error());
  const int64_t first = ParseInt(ceiling->value_or("1")).value_or(1);
  store->next_decision_ = static_cast<uint64_t>(first);
  store->decision_ceiling_ = static_cast<uint64_t>(first);
  if (Status reserved = store->ReserveDecisionIds(); !reserved) {
    return tl::unexpected(reserved.error());
  }
  return store;
}

Status Store::ReserveDecisionIds() {
  const uint64_t ceiling = decision_ceiling_.load() + kIdBlock;
  if (Status written = SetSetting("decision_ceiling", std::to_string(ceiling)); !written) {
    return written;
  }
  decision_ceiling_ = ceiling;
  return {};
}

// Half a block is left when the next one is asked for, so its commit comes long before its use.
uint64_t Store::NextDecisionId() {
  const uint64_t id = next_decision_.fetch_add(1);
  uint64_t ceiling = decision_ceiling_.load();
  if (id + kIdBlock / 2 >= ceiling &&
      decision_ceiling_.compare_exchange_strong(ceiling, ceiling + kIdBlock)) {
    const std::string text = std::to_string(ceiling + kIdBlock);
    commits_->Submit(
        [text](Database& db) {
          return db.Run("INSERT OR REPLACE INTO settings(name, value) VALUES(?, ?)",
                        {Arg("decision_ceiling"), Arg(Blob{text})});
        },
        nullptr);
  }
  return id;
}

void Store::Write(DeviceWrite write, Done done) {
  commits_->Submit([write = std::move(write)](Database& db) { return WriteDevicePart(db, write); },
                   std::move(done));
}

Status Store::AddToken(const TokenRecord& token) {
  return commits_->SubmitAndWait([&token](Database& db) {
    return db.Run(
        "INSERT INTO tokens(hash, role, name, uses_left, expires_at) VALUES(?, ?, ?, ?, ?)",
        {Arg(Blob{token.hash}), Arg(RoleNumber(token.role)), Arg(token.name), Arg(token.uses_left),
         Arg(token.expires_at.count())});
  });
}

void Store::Enroll(const std::string& token_hash, DeviceRecord device, EnrollDone done) {
  struct Attempt {
    DeviceRecord device;
    Status admitted;
  };
  auto attempt = std::make_shared<Attempt>(Attempt{std::move(device), {}});
  commits_->Submit(
      [token_hash, attempt](Database& db) -> Status {
        const Result<std::optional<TokenRecord>> token = ReadToken(db, token_hash);
        if (!token) return tl::unexpected(token.error());
        // A refusal has written nothing, so the transaction of the others goes on.
        attempt->admitted = Admit(*token, &attempt->device);
        if (attempt->admitted) attempt->admitted = CheckKeyIsFree(db, attempt->device);
        if (!attempt->admitted) return {};
        Status spent = db.Run("UPDATE tokens SET uses_left = uses_left - 1 WHERE hash = ?",
                              {Arg(Blob{token_hash})});
        return spent ? WriteEnrolled(db, token_hash, attempt->device) : spent;
      },
      [attempt, done = std::move(done)](const Status& status) {
        if (!status) return done(tl::unexpected(status.error()));
        if (!attempt->admitted) return done(tl::unexpected(attempt->admitted.error()));
        done(attempt->device);
      });
}

void Store::AddSessionEvent(const std::string& gateway, const std::string& kind,
                            const v1::Session& session, Millis wall) {
  commits_->Submit(
      [gateway, kind, session, wall](Database& db) {
        return db.Run(
            "INSERT INTO session_events(gateway, at, kind, device_id, session_id, session) "
            "VALUES(?, ?, ?, ?, ?, ?)",
            {Arg(gateway), Arg(wall.count()), Arg(kind), Arg(session.device_id()),
             Arg(session.session_id()), Arg(Blob{session.SerializeAsString()})});
      },
      nullptr);
}

void Store::AddCutReport(const std::string& gateway, const v1::CutReport& report, Millis wall) {
  commits_->Submit(
      [gateway, report, wall](Database& db) {
        return db.Run(
            "INSERT INTO cut_reports(gateway, at, decision_id, device_id, proven, took_us, detail) "
            "VALUES(?, ?, ?, ?, ?, ?, ?)",
            {Arg(gateway), Arg(wall.count()), Arg(report.command_id()), Arg(report.device_id()),
             Arg(report.proven() ? 1 : 0), Arg(report.took_us()), Arg(report.detail())});
      },
      nullptr);
}

Result<StoredDevice> Store::Load(std::string_view id) {
  const std::lock_guard lock(read_mutex_);
  StoredDevice loaded;
  bool found = false;
  Status read = reader_.Each(kSelectDevice, {Arg(id)}, [&](const SqlRow& row) {
    loaded.device = DeviceOf(row);
    found = true;
  });
  if (!read) return tl::unexpected(read.error());
  if (!found) return Fail(Code::kNotFound, "device " + Excerpt(id) + ": not enrolled");
  read = reader_.Each(
      "SELECT epoch, sequence, digest, serial FROM evidence WHERE device_id = ? "
      "ORDER BY serial DESC LIMIT ?",
      {Arg(id), Arg(static_cast<int>(kRecentPositions))}, [&](const SqlRow& row) {
        if (loaded.recent.empty()) loaded.next_slot = static_cast<uint32_t>(row.Int(3)) + 1;
        loaded.recent.push_back({row.U64(0), row.U64(1), row.Text(2)});
      });
  if (!read) return tl::unexpected(read.error());
  Result<std::optional<VerdictRecord>> verdict = ReadVerdict(reader_, id);
  if (!verdict) return tl::unexpected(verdict.error());
  loaded.verdict = *std::move(verdict);
  return loaded;
}

Result<DeviceRecord> Store::FindByKey(std::string_view key_id) {
  const std::lock_guard lock(read_mutex_);
  std::optional<DeviceRecord> found;
  Status read = reader_.Each(kSelectDeviceByKey, {Arg(key_id)},
                             [&](const SqlRow& row) { found = DeviceOf(row); });
  if (!read) return tl::unexpected(read.error());
  if (!found) return Fail(Code::kNotFound, "identity key: not enrolled");
  return *std::move(found);
}

Result<std::vector<DeviceRecord>> Store::Devices() {
  const std::lock_guard lock(read_mutex_);
  std::vector<DeviceRecord> devices;
  Status read = reader_.Each(kSelectDevices, {},
                             [&](const SqlRow& row) { devices.push_back(DeviceOf(row)); });
  if (!read) return tl::unexpected(read.error());
  return devices;
}

Result<std::vector<DecisionRecord>> Store::Decisions(std::string_view device_id, int newest) {
  const std::lock_guard lock(read_mutex_);
  std::vector<DecisionRecord> decisions;
  Status read = reader_.Each(
      "SELECT id, at, from_tier, to_tier, reason FROM decisions WHERE device_id = ? "
      "ORDER BY id DESC LIMIT ?",
      {Arg(device_id), Arg(newest)}, [&](const SqlRow& row) {
        decisions.push_back({.id = row.U64(0),
                             .at = Millis{row.Int(1)},
                             .from = TierOf(row.Int(2)),
                             .to = TierOf(row.Int(3)),
                             .reason = row.Text(4)});
      });
  if (!read) return tl::unexpected(read.error());
  return decisions;
}

Result<std::vector<EvidenceRecord>> Store::KeptEvidence(std::string_view device_id) {
  const std::lock_guard lock(read_mutex_);
  std::vector<EvidenceRecord> kept;
  Status read = reader_.Each(
      "SELECT epoch, sequence, digest, serial, offline, at, envelope FROM evidence "
      "WHERE device_id = ? ORDER BY serial DESC",
      {Arg(device_id)}, [&](const SqlRow& row) {
        kept.push_back({.position = {row.U64(0), row.U64(1), row.Text(2)},
                        .slot = static_cast<uint32_t>(row.Int(3)),
                        .offline = row.Int(4) != 0,
                        .at = Millis{row.Int(5)},
                        .envelope = row.Text(6)});
      });
  if (!read) return tl::unexpected(read.error());
  return kept;
}

Result<std::optional<VerdictRecord>> Store::LastVerdict(std::string_view device_id) {
  const std::lock_guard lock(read_mutex_);
  return ReadVerdict(reader_, device_id);
}

Result<std::optional<std::string>> Store::Setting(std::string_view name) {
  const std::lock_guard lock(read_mutex_);
  std::optional<std::string> value;
  Status read = reader_.Each("SELECT value FROM settings WHERE name = ?", {Arg(name)},
                             [&](const SqlRow& row) { value = row.Text(0); });
  if (!read) return tl::unexpected(read.error());
  return value;
}

Status Store::SetSetting(std::string_view name, std::string_view value) {
  return commits_->SubmitAndWait([name, value](Database& db) {
    return db.Run("INSERT OR REPLACE INTO settings(name, value) VALUES(?, ?)",
                  {Arg(name), Arg(Blob{value})});
  });
}

}  // namespace sallyport
