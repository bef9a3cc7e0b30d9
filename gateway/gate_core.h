// SPDX-License-Identifier: Apache-2.0
// What the gate decides, without any system: sessions and leases in, moves of elements out.
//
// The one invariant: an element is there exactly when the newest established holder of its address
// is a device whose lease is live. Everything else (events, listings, grants, cuts, time) only
// changes sessions or leases, and the elements follow. Times are CLOCK_BOOTTIME.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/now.h"
#include "gateway/lease.h"
#include "gateway/session.h"
#include "sallyport/v1/gate.pb.h"

namespace sallyport::gateway {

// A cut to be proven: by a dump, a listing and a counter.
struct Proof {
  uint64_t command_id = 0;
  std::string device;
  Tier left = Tier::kNone;        // what the device may still have
  std::vector<Place> places;      // that it held when it was cut
  std::vector<uint64_t> ike_ids;  // to be absent; empty when something is left
  std::vector<uint32_t> spis;
};

// In this order: moves first, in one transaction; then the rest.
struct Actions {
  std::vector<Move> moves;
  std::vector<uint64_t> terminate;  // IKE_SAs by unique id, by force
  std::vector<Proof> proofs;
  std::vector<v1::GateMessage> send;
  bool list_again = false;  // the sessions are not certain: a fresh listing is needed
};

class GateCore {
 public:
  struct Settings {
    std::string gateway;  // this gate's name
    std::string trust_domain;
    std::vector<std::string> interfaces;
  };
  static constexpr Millis kDefaultLease{10 * 60 * 1000};
  static constexpr int kDevicesPerRequest = 1000;

  explicit GateCore(Settings settings) : settings_(std::move(settings)) {}

  // A listing is taken beside the stream of events. Events between the two calls count as newer
  // than the listing.
  void ListingBegins();
  Actions Listed(std::vector<IkeSa> sas, Millis now);
  Actions Heard(const SaEvent& event, Millis now);
  Actions SessionsLost(Millis now);  // charon is not there: nobody holds anything

  // What the kernel holds now. The first time after a start it also brings back the leases that an
  // earlier run of the gate granted: each for the device that the element names, and only if that
  // device holds the address.
  Actions Dumped(const std::vector<Element>& elements, Millis now);

  // A stream is new: requests of the one before are unknown from here on.
  Actions StreamUp(Millis now);
  void StreamDown() { stream_up_ = false; }
  Actions Commanded(const v1::GateCommand& command, Millis now);

  Actions Tick(Millis now);                    // leases that ended, leases to be renewed
  std::optional<Millis> NextDeadline() const;  // when Tick is wanted

  size_t sessions() const { return sas_.size(); }
  uint64_t ignored_grants() const { return ignored_grants_; }

 private:
  struct Sa {
    IkeSa sa;
    std::string device;    // empty: an identity that is none of ours
    uint64_t arrival = 0;  // grows
  };
  struct Lease {
    Tier tier = Tier::kNone;
    Millis end{0};
    uint64_t request_id = 0;  // 0: brought back from the kernel, or of an earlier stream
    uint64_t decision_id = 0;
  };
  struct Installed {
    Tier tier = Tier::kNone;
    Millis end{0};
    std::string device;
  };

  void Stand(IkeSa sa, Actions& out, std::set<std::string>& ask);
  void Go(uint64_t id, Actions& out);
  void Rekey(const SaRekeyed& event, Actions& out, std::set<std::string>& ask);
  void Replay(const SaEvent& event, Actions& out, std::set<std::string>& ask);
  void Hold(Ipv4 address, uint64_t id);
  void Release(Ipv4 address, uint64_t id);
  void Settle(Millis now, Actions& out);  // the elements of every address in touched_
  void SettlePlace(const Place& place, Millis now, Actions& out);
  std::string OwnerOf(Ipv4 address) const;
  void TouchDevice(const std::string& device);

  void Grant(const v1::LeaseGrant& grant, Millis now, Actions& out);
  void TakeLease(const std::string& device, Lease lease, Millis now, Actions& out);
  void Cut(const v1::Cut& cut, Millis now, Actions& out);
  void PutLease(const std::string& device, const Lease& lease);
  void DropLease(const std::string& device);
  void TerminateAll(const std::string& device, Actions& out) const;
  void Ask(const std::set<std::string>& devices, Millis now, Actions& out);
  std::set<std::string> DevicesWithSessions() const;
  v1::Session ToMessage(const Sa& sa) const;
  void Report(const Sa& sa, v1::SessionEvent::Kind kind, Actions& out) const;

  Settings settings_;
  std::map<uint64_t, Sa> sas_;
  uint64_t next_arrival_ = 1;
  std::map<Ipv4, std::vector<uint64_t>> holders_;  // oldest first
  std::unordered_map<std::string, std::set<uint64_t>> sas_of_device_;
  bool listing_ = false;
  std::vector<SaEvent> since_listing_;

  std::unordered_map<std::string, Lease> leases_;
  std::set<std::pair<Millis, std::string>> ends_;
  std::map<Place, Installed> installed_;
  std::set<Ipv4> touched_;
  bool adopted_ = false;

  bool stream_up_ = false;
  uint64_t next_request_ = 1;
  std::map<uint64_t, Millis> requests_;  // when each was sent
  Millis lease_{kDefaultLease};
  Millis next_renewal_{0};
  uint64_t ignored_grants_ = 0;
};

}  // namespace sallyport::gateway
