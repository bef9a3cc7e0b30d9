// SPDX-License-Identifier: Apache-2.0
// PolicyFile: the policies in force are those of one file; a change of it takes effect, a bad
// change does not.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "attestation/keys.h"
#include "service/manifest.h"

namespace sallyport {

// Looks at the file once a second and when Kick() is called. A new set is compiled fully, and its
// manifest durable, before it replaces the old one; a bad one leaves the old in force and says why.
class PolicyFile {
 public:
  // After each replacement, on the watching thread or the one that applied it.
  using Replaced = std::function<void()>;

  PolicyFile(std::string path, size_t engines, const SigningKey& manifest_key, Store& store,
             RulesInForce& rules)
      : path_(std::move(path)),
        engines_(engines),
        manifest_key_(manifest_key),
        store_(store),
        rules_(rules) {}
  ~PolicyFile();

  // The first set; without a good one there is no service.
  Status LoadFirst();
  void Watch(Replaced replaced);
  void Kick();  // look now

  struct Summary {
    std::string policy_set;
    size_t policies = 0;
    std::vector<std::string> warnings;
  };
  // Compiles and, unless it is a dry run, writes the file and puts it in force before it returns.
  Result<Summary> Apply(std::string_view yaml, bool dry_run);

  std::string error() const;  // why the newest file was not taken; empty: it was

 private:
  Result<std::string> Read() const;
  Status PutInForce(std::string_view yaml);
  void Look();
  void Loop();
  std::string Stamp() const;

  const std::string path_;
  const size_t engines_;
  const SigningKey& manifest_key_;
  Store& store_;
  RulesInForce& rules_;
  Replaced replaced_;

  std::mutex loading_;  // one load at a time
  std::string stamp_;
  std::string content_digest_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string error_;
  bool kicked_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sallyport
