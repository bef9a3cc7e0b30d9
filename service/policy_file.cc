// SPDX-License-Identifier: Apache-2.0
#include "service/policy_file.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <chrono>

#include "attestation/durable_file.h"
#include "base/text.h"
#include "collectors/tables.h"
#include "policy/lint.h"

namespace sallyport {
namespace {

constexpr size_t kFileBytes = 4 << 20;

// What lint finds; and modes below block are reported only, which is worth saying when a set blocks
// nothing at all.
std::vector<std::string> WarningsOf(const PolicySet& set) {
  std::vector<std::string> warnings = FindWeaknesses(set, AllSchemas());
  if (set.policies.empty()) warnings.push_back("no policies: every device has full access");
  size_t blocking = 0;
  for (const Policy& policy : set.policies) blocking += policy.mode == Mode::kBlock ? 1 : 0;
  if (blocking == 0 && !set.policies.empty()) {
    warnings.push_back("no policy is of mode block: every device has full access");
  }
  return warnings;
}

}  // namespace

PolicyFile::~PolicyFile() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

// A file that is replaced or rewritten changes at least one of these; stat(2).
std::string PolicyFile::Stamp() const {
  struct stat info {};
  if (stat(path_.c_str(), &info) != 0) return "none";
  return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) + ":" +
         std::to_string(info.st_size) + ":" + std::to_string(info.st_mtim.tv_sec) + "." +
         std::to_string(info.st_mtim.tv_nsec);
}

Result<std::string> PolicyFile::Read() const {
  Result<std::string> yaml = ReadSmallFile(path_, kFileBytes);
  if (!yaml) return Wrap(yaml.error(), "policies");
  return yaml;
}

Status PolicyFile::PutInForce(std::string_view yaml) {
  Result<std::shared_ptr<Ruleset>> ruleset = Ruleset::Compile(yaml, path_, engines_);
  if (!ruleset) return tl::unexpected(ruleset.error());
  Result<std::shared_ptr<const Rules>> rules =
      IssueManifest(*std::move(ruleset), manifest_key_, store_);
  if (!rules) return tl::unexpected(rules.error());
  spdlog::info("policy set {} in force: policies={} manifest={}", (*rules)->set->policies().id,
               (*rules)->set->policies().policies.size(), (*rules)->manifest_version);
  rules_.Replace(*std::move(rules));
  return {};
}

Status PolicyFile::LoadFirst() {
  const std::lock_guard loading(loading_);
  stamp_ = Stamp();
  const Result<std::string> yaml = Read();
  if (!yaml) return tl::unexpected(yaml.error());
  content_digest_ = Sha256(*yaml);
  return PutInForce(*yaml);
}

void PolicyFile::Watch(Replaced replaced) {
  replaced_ = std::move(replaced);
  thread_ = std::thread([this] { Loop(); });
}

void PolicyFile::Kick() {
  {
    const std::lock_guard lock(mutex_);
    kicked_ = true;
  }
  wake_.notify_all();
}

void PolicyFile::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_ || kicked_; });
    if (stopping_) return;
    kicked_ = false;
    lock.unlock();
    Look();
    lock.lock();
  }
}

void PolicyFile::Look() {
  const std::lock_guard loading(loading_);
  const std::string stamp = Stamp();
  if (stamp == stamp_) return;
  stamp_ = stamp;
  const Result<std::string> yaml = Read();
  Status taken;
  if (!yaml) {
    taken = tl::unexpected(yaml.error());
    content_digest_.clear();
  } else if (const std::string digest = Sha256(*yaml); digest == content_digest_) {
    return;
  } else {
    content_digest_ = digest;
    taken = PutInForce(*yaml);
  }
  {
    const std::lock_guard lock(mutex_);
    error_ = taken ? "" : taken.error().message;
  }
  if (!taken) {
    spdlog::error("policies not taken, the set before stays in force: {}", taken.error().message);
  } else if (replaced_) {
    replaced_();
  }
}

Result<PolicyFile::Summary> PolicyFile::Apply(std::string_view yaml, bool dry_run) {
  if (yaml.size() > kFileBytes) return Fail(Code::kTooLarge, "policies: over 4 MiB");
  const Result<std::shared_ptr<Ruleset>> tried =
      Ruleset::Compile(yaml, "policies", dry_run ? 1 : engines_);
  if (!tried) return tl::unexpected(tried.error());
  const PolicySet& set = (*tried)->policies();
  Summary summary{set.id, set.policies.size(), WarningsOf(set)};
  if (dry_run) return summary;
  const std::lock_guard loading(loading_);
  if (Status written = ReplaceSmallFile(path_, yaml, FileAccess::kEveryoneReads); !written) {
    return tl::unexpected(written.error());
  }
  stamp_ = Stamp();
  content_digest_ = Sha256(yaml);
  if (Status taken = PutInForce(yaml); !taken) return tl::unexpected(taken.error());
  {
    const std::lock_guard lock(mutex_);
    error_.clear();
  }
  if (replaced_) replaced_();
  return summary;
}

std::string PolicyFile::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

}  // namespace sallyport
