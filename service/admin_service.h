// SPDX-License-Identifier: Apache-2.0
// The admin socket's service, for sallyportctl. Whoever may open the socket may do all of it.
// On the callback API like the others: a synchronous server's thread would poll for all of them.
#pragma once

#include "sallyport/v1/admin.grpc.pb.h"
#include "service/appraiser.h"
#include "service/policy_file.h"

namespace sallyport {

class AdminService final : public v1::Admin::CallbackService {
 public:
  AdminService(ServiceParts parts, Appraiser& appraiser, PolicyFile& policies)
      : parts_(std::move(parts)), appraiser_(appraiser), policies_(policies) {}

  grpc::ServerUnaryReactor* ListDevices(grpc::CallbackServerContext* context,
                                        const v1::ListDevicesRequest* request,
                                        v1::ListDevicesResponse* response) override;
  grpc::ServerUnaryReactor* ShowDevice(grpc::CallbackServerContext* context,
                                       const v1::ShowDeviceRequest* request,
                                       v1::ShowDeviceResponse* response) override;
  grpc::ServerUnaryReactor* CreateToken(grpc::CallbackServerContext* context,
                                        const v1::CreateTokenRequest* request,
                                        v1::CreateTokenResponse* response) override;
  grpc::ServerUnaryReactor* ApplyPolicy(grpc::CallbackServerContext* context,
                                        const v1::ApplyPolicyRequest* request,
                                        v1::ApplyPolicyResponse* response) override;
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override;

 private:
  Status Describe(const DeviceRecord& record, v1::Device* out);
  Status List(v1::ListDevicesResponse* response);
  Status Show(const std::string& id, v1::ShowDeviceResponse* response);
  Status MakeTokenFor(const v1::CreateTokenRequest& request, v1::CreateTokenResponse* response);
  Status Apply(const v1::ApplyPolicyRequest& request, v1::ApplyPolicyResponse* response);

  ServiceParts parts_;
  Appraiser& appraiser_;
  PolicyFile& policies_;
};

}  // namespace sallyport
