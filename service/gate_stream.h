// SPDX-License-Identifier: Apache-2.0
// The gRPC side of Gateway.Connect: gates ask for leases and are told of changes.
#pragma once

#include "attestation/certificates.h"
#include "sallyport/v1/gate.grpc.pb.h"
#include "service/verdicts.h"

namespace sallyport {

class GatewayService final : public v1::Gateway::CallbackService {
 public:
  GatewayService(ServiceParts parts, Agenda& leaf_ends, const CertificateAuthority& ca)
      : parts_(std::move(parts)), leaf_ends_(leaf_ends), ca_(ca) {}

  grpc::ServerBidiReactor<v1::GateMessage, v1::GateCommand>* Connect(
      grpc::CallbackServerContext* context) override;

 private:
  ServiceParts parts_;
  Agenda& leaf_ends_;
  const CertificateAuthority& ca_;
};

}  // namespace sallyport
