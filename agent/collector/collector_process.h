// SPDX-License-Identifier: Apache-2.0
// CollectorProcess: what reads the machine for the agent, in the Qt loop of the thread that made
// it: joins link, collection, watcher and timer. Opens no network connection.
#pragma once

#include <QTimer>
#include <memory>
#include <string>

#include "agent/collector/agent_link.h"
#include "agent/collector/collection.h"
#include "agent/collector/limited_machine.h"
#include "agent/collector/manifest_keeper.h"
#include "agent/collector/progress_marker.h"
#include "agent/local_end.h"
#include "agent/wake_timer.h"
#include "base/result.h"
#include "platform/host.h"
#include "platform/watcher.h"

namespace sallyport {

struct CollectorOptions {
  std::string socket;       // where the agent connects, LocalListener
  std::string state;        // folder for what outlives a restart
  std::string progress;     // file of the ProgressMarker
  std::string service_key;  // file: key that signs manifests (SubjectPublicKeyInfo, DER)
  std::string limit;        // file of paths that are never read; empty: the default limit
  UserId agent_user;        // who is served, beside administrators
};

class CollectorProcess {
 public:
  static Result<std::unique_ptr<CollectorProcess>> Make(const CollectorOptions& options);

 private:
  CollectorProcess(const CollectorOptions& options, const PathLimit& limit, ProgressMarker marker);

  Status Start(const CollectorOptions& options);
  CollectionPorts Ports();
  void OnRequest(const v1::CollectorRequest& request);
  void Send(v1::CollectedTables tables);
  void Notice(const std::string& text);
  void Continue();  // works until the next piece, and arranges for it

  LimitedMachine machine_;
  ProgressMarker marker_;
  ManifestKeeper keeper_;
  std::unique_ptr<Collection> collection_;
  std::unique_ptr<Watcher> watcher_;
  WakeTimer timer_;
  std::unique_ptr<AgentLink> link_;
  QTimer next_step_;
};

}  // namespace sallyport
