// SPDX-License-Identifier: Apache-2.0
// The enrollment listener's service: identities for tokens, TLS leaves for identities.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "attestation/certificates.h"
#include "sallyport/v1/enrollment.grpc.pb.h"
#include "service/clock.h"
#include "service/counters.h"
#include "service/store.h"
#include "service/token.h"

namespace sallyport {

// Nonces for RenewLeaf: each good once, for kLifetime. Bounded: the oldest gives way. Any thread.
class ChallengeBook {
 public:
  static constexpr Millis kLifetime{60'000};
  static constexpr size_t kOutstanding = 20'000;

  std::string Make(Now now);
  // kConflict: not given here, spent, or too old.
  Status Spend(std::string_view nonce, Now now);

 private:
  struct Out {
    std::string nonce;
    Millis given{0};
  };
  std::mutex mutex_;
  std::deque<Out> out_;  // oldest first
};

class EnrollmentService final : public v1::Enrollment::CallbackService {
 public:
  static constexpr int kInFlight = 64;

  struct Terms {
    std::string attestation_address;  // told to those who enroll
    std::string service_spki;         // signs manifests, DER
    std::chrono::seconds leaf_lifetime{8 * 3600};
    std::chrono::seconds vpn_lifetime{7 * 24 * 3600};
  };
  EnrollmentService(Store& store, const CertificateAuthority& ca, Counters& counters, Clock clock,
                    Terms terms)
      : store_(store),
        ca_(ca),
        counters_(counters),
        clock_(std::move(clock)),
        terms_(std::move(terms)) {}

  // The listener's port is known only when it listens, before the first call can come.
  void set_attestation_address(std::string address) {
    terms_.attestation_address = std::move(address);
  }

  grpc::ServerUnaryReactor* Enroll(grpc::CallbackServerContext* context,
                                   const v1::EnrollRequest* request,
                                   v1::EnrollResponse* response) override;
  grpc::ServerUnaryReactor* Challenge(grpc::CallbackServerContext* context,
                                      const v1::ChallengeRequest* request,
                                      v1::ChallengeResponse* response) override;
  grpc::ServerUnaryReactor* RenewLeaf(grpc::CallbackServerContext* context,
                                      const v1::Envelope* request,
                                      v1::RenewLeafResponse* response) override;

 private:
  void Enrolled(grpc::ServerUnaryReactor* reactor, const std::string& host,
                const std::string& vpn_csr, const Result<DeviceRecord>& device,
                v1::EnrollResponse* response);
  Result<std::string> LeafFor(const v1::Envelope& envelope);
  Result<std::string> VpnFor(const std::string& csr, const DeviceRecord& device);
  grpc::Status Refused(const Error& error, const char* what);

  Store& store_;
  const CertificateAuthority& ca_;
  Counters& counters_;
  Clock clock_;
  Terms terms_;
  ChallengeBook challenges_;
  GuessLimit guesses_;
  std::atomic<int> in_flight_{0};
};

}  // namespace sallyport
