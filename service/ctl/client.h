// SPDX-License-Identifier: Apache-2.0
// sallyportctl's side of the admin socket.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "sallyport/v1/admin.grpc.pb.h"

namespace sallyport {

// Each call is bounded in time; kUnavailable when nobody answers on the socket, kDenied when it may
// not be opened, else the service's own reason.
class AdminClient {
 public:
  explicit AdminClient(const std::string& socket);

  Result<v1::ListDevicesResponse> ListDevices();
  Result<v1::ShowDeviceResponse> ShowDevice(const std::string& id);
  Result<v1::CreateTokenResponse> CreateToken(const v1::CreateTokenRequest& request);
  Result<v1::ApplyPolicyResponse> ApplyPolicy(const v1::ApplyPolicyRequest& request);
  Result<v1::GetStatusResponse> GetStatus();

 private:
  template <typename Response, typename Call>
  Result<Response> Ask(Call call);

  std::string socket_;
  std::unique_ptr<v1::Admin::Stub> stub_;
};

}  // namespace sallyport
