// SPDX-License-Identifier: Apache-2.0
// The gRPC side of Attestation.Attest: one stream per device, no thread of its own.
#pragma once

#include "attestation/certificates.h"
#include "sallyport/v1/attestation.grpc.pb.h"
#include "service/appraiser.h"

namespace sallyport {

// Messages are taken as bytes and parsed here, so that one that does not parse gets an answer
// instead of the end of its stream.
class AttestationService final
    : public v1::Attestation::WithRawCallbackMethod_Attest<v1::Attestation::Service> {
 public:
  AttestationService(Appraiser& appraiser, const CertificateAuthority& ca, Counters& counters,
                     Clock clock)
      : appraiser_(appraiser), ca_(ca), counters_(counters), clock_(std::move(clock)) {}

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Attest(
      grpc::CallbackServerContext* context) override;

 private:
  Appraiser& appraiser_;
  const CertificateAuthority& ca_;
  Counters& counters_;
  Clock clock_;
};

}  // namespace sallyport
