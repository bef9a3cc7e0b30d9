// SPDX-License-Identifier: Apache-2.0
#include "service/ctl/client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace sallyport {
namespace {

constexpr std::chrono::seconds kDeadline{30};

Code CodeOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::NOT_FOUND:
      return Code::kNotFound;
    case grpc::StatusCode::INVALID_ARGUMENT:
      return Code::kInvalidArgument;
    case grpc::StatusCode::PERMISSION_DENIED:
      return Code::kDenied;
    case grpc::StatusCode::UNAVAILABLE:
      return Code::kUnavailable;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return Code::kTimeout;
    default:
      return Code::kInternal;
  }
}

}  // namespace

AdminClient::AdminClient(const std::string& socket)
    : socket_(socket),
      stub_(v1::Admin::NewStub(
          grpc::CreateChannel("unix:" + socket, grpc::experimental::LocalCredentials(UDS)))) {}

template <typename Response, typename Call>
Result<Response> AdminClient::Ask(Call call) {
  if (access(socket_.c_str(), R_OK | W_OK) != 0) {
    if (errno == EACCES) return Fail(Code::kDenied, socket_ + ": may not be opened by this user");
    return Fail(Code::kUnavailable, socket_ + ": no such socket; is sallyport-policyd running?");
  }
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  Response response;
  const grpc::Status status = call(&context, &response);
  if (status.ok()) return response;
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    return Fail(Code::kUnavailable, socket_ + ": sallyport-policyd does not answer");
  }
  return Fail(CodeOf(status.error_code()), status.error_message());
}

Result<v1::ListDevicesResponse> AdminClient::ListDevices() {
  return Ask<v1::ListDevicesResponse>(
      [this](auto* context, auto* response) { return stub_->ListDevices(context, {}, response); });
}

Result<v1::ShowDeviceResponse> AdminClient::ShowDevice(const std::string& id) {
  v1::ShowDeviceRequest request;
  request.set_device_id(id);
  return Ask<v1::ShowDeviceResponse>(
      [&](auto* context, auto* response) { return stub_->ShowDevice(context, request, response); });
}

Result<v1::CreateTokenResponse> AdminClient::CreateToken(const v1::CreateTokenRequest& request) {
  return Ask<v1::CreateTokenResponse>([&](auto* context, auto* response) {
    return stub_->CreateToken(context, request, response);
  });
}

Result<v1::ApplyPolicyResponse> AdminClient::ApplyPolicy(const v1::ApplyPolicyRequest& request) {
  return Ask<v1::ApplyPolicyResponse>([&](auto* context, auto* response) {
    return stub_->ApplyPolicy(context, request, response);
  });
}

Result<v1::GetStatusResponse> AdminClient::GetStatus() {
  return Ask<v1::GetStatusResponse>(
      [this](auto* context, auto* response) { return stub_->GetStatus(context, {}, response); });
}

}  // namespace sallyport
