// SPDX-License-Identifier: Apache-2.0
// The admin socket's service, for sallyportctl. Whoever may open the socket may do all of it.
#pragma once

#include "sallyport/v1/admin.grpc.pb.h"
#include "service/appraiser.h"
#include "service/policy_file.h"

namespace sallyport {

class AdminService final : public v1::Admin::Service {
 public:
  AdminService(ServiceParts parts, Appraiser& appraiser, PolicyFile& policies)
      : parts_(std::move(parts)), appraiser_(appraiser), policies_(policies) {}

  grpc::Status ListDevices(grpc::ServerContext* context, const v1::ListDevicesRequest* request,
                           v1::ListDevicesResponse* response) override;
  grpc::Status ShowDevice(grpc::ServerContext* context, const v1::ShowDeviceRequest* request,
                          v1::ShowDeviceResponse* response) override;
  grpc::Status CreateToken(grpc::ServerContext* context, const v1::CreateTokenRequest* request,
                           v1::CreateTokenResponse* response) override;
  grpc::Status ApplyPolicy(grpc::ServerContext* context, const v1::ApplyPolicyRequest* request,
                           v1::ApplyPolicyResponse* response) override;
  grpc::Status GetStatus(grpc::ServerContext* context, const v1::GetStatusRequest* request,
                         v1::GetStatusResponse* response) override;

 private:
  Status Describe(const DeviceRecord& record, v1::Device* out);

  ServiceParts parts_;
  Appraiser& appraiser_;
  PolicyFile& policies_;
};

}  // namespace sallyport
