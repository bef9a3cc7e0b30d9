// SPDX-License-Identifier: Apache-2.0
// Agent: puts the attester between the service's stream, the collector's socket and the local
// socket, and waits for enrollment when there is none.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/attester.h"
#include "agent/collector_link.h"
#include "agent/local_server.h"
#include "agent/spool.h"
#include "agent/uplink.h"
#include "agent/wake_timer.h"
#include "attestation/enrollment.h"
#include "attestation/evidence.h"
#include "base/result.h"
#include "platform/host.h"
#include "platform/watcher.h"
#include "sallyport/v1/local.pb.h"

namespace sallyport {

struct AgentOptions {
  std::string state;             // the enrollment folder; chain, spool and manifest lie beside it
  std::string collector_socket;  // where the collector listens
  std::string socket;            // where this agent listens
  std::set<UserId> owners;       // who may ask for more than the status
  Spool::Limits spool;
};

class Agent {
 public:
  // `host` outlives the agent; it is asked for the time and which system this is, only.
  Agent(AgentOptions options, const Host& host);
  ~Agent();

  // Serves the local socket; the rest follows once the folder is enrolled. kConflict when another
  // agent serves it.
  Status Start();

 private:
  // Everything that there is only once the laptop is enrolled.
  struct Enrolled;

  void TryEnrollment();
  Status Begin(const EnrollmentRecord& record);
  std::unique_ptr<Uplink> MakeUplink(const EnrollmentRecord& record, const SigningKey& key);
  void Do(const Actions& actions);
  void DoOne(const Action& action);
  void OnRequest(const v1::LocalRequest& request, const LocalServer::Reply& reply);
  void OnCollectorMessage(const v1::CollectorMessage& message);
  void OnCheckNow(const LocalServer::Reply& reply);
  void FinishChecks();
  void TellWatchers();
  void WatchNetwork();
  void KeepManifest(const v1::Envelope& manifest);
  v1::AgentStatus StatusNow() const;
  std::string StatePath(const std::string& name) const { return options_.state + "/" + name; }
  Now Time() const { return host_.Time(); }

  AgentOptions options_;
  const Host& host_;
  std::unique_ptr<LocalServer> server_;
  std::unique_ptr<Watcher> watcher_;  // of the enrollment, later of the network in an outage
  std::unique_ptr<Enrolled> enrolled_;
  std::string start_error_;  // enrolled, and yet it cannot begin
  WakeTimer retry_;
  std::vector<LocalServer::Reply> checks_;
  WakeTimer checks_end_;
  v1::AgentStatus told_;  // to those who watch
  WakeTimer access_ends_;
};

}  // namespace sallyport
