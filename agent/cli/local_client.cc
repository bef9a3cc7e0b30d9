// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/local_client.h"

#include <optional>
#include <utility>

#include "agent/cli/blocking_end.h"
#include "agent/frame.h"

namespace sallyport {
namespace {

using Clock = std::chrono::steady_clock;

// One connection to the agent.
class Line {
 public:
  explicit Line(std::string path) : path_(std::move(path)) {}

  std::optional<AskError> Connect(Clock::time_point until);
  std::optional<AskError> Send(const v1::LocalRequest& request, Clock::time_point until);
  // An error that the agent tells is an error here.
  tl::expected<v1::LocalResponse, AskError> Receive(std::optional<Clock::time_point> until);

 private:
  AskError NotRunning(const std::string& why) const {
    return {ExitCode::kNotRunning, "the agent does not answer on " + path_ + ": " + why};
  }
  tl::expected<v1::LocalResponse, AskError> Open(const std::string& frame) const;

  std::string path_;
  std::optional<BlockingEnd> end_;
  FrameReader reader_;
};

std::optional<AskError> Line::Connect(Clock::time_point until) {
  auto end = BlockingEnd::Connect(path_, until);
  if (end) {
    end_ = std::move(*end);
    return {};
  }
  const auto& [code, why] = end.error();
  if (code == Code::kInvalidArgument) return AskError{ExitCode::kUsage, why};
  if (code == Code::kDenied) return AskError{ExitCode::kPermission, path_ + ": " + why};
  return NotRunning(why);
}

std::optional<AskError> Line::Send(const v1::LocalRequest& request, Clock::time_point until) {
  const Result<std::string> frame = EncodeFrame(request.SerializeAsString());
  if (!frame) return AskError{ExitCode::kInternal, frame.error().message};
  const Status written = end_->Write(*frame, until);
  if (!written) return NotRunning(written.error().message);
  return {};
}

tl::expected<v1::LocalResponse, AskError> Line::Open(const std::string& frame) const {
  v1::LocalResponse response;
  if (!response.ParseFromString(frame)) {
    return tl::unexpected(NotRunning("its answer is malformed"));
  }
  if (!response.has_error()) return response;
  return tl::unexpected(
      AskError{static_cast<ExitCode>(response.error().exit_code()), response.error().message()});
}

tl::expected<v1::LocalResponse, AskError> Line::Receive(std::optional<Clock::time_point> until) {
  for (;;) {
    const Result<std::optional<std::string>> frame = reader_.Next();
    if (!frame) return tl::unexpected(NotRunning(frame.error().message));
    if (*frame) return Open(**frame);
    const Result<std::string> bytes = end_->Read(until);
    if (!bytes) return tl::unexpected(NotRunning(bytes.error().message));
    reader_.Add(*bytes);
  }
}

}  // namespace

tl::expected<v1::LocalResponse, AskError> Ask(const std::string& socket_path,
                                              const v1::LocalRequest& request,
                                              std::chrono::milliseconds patience) {
  const Clock::time_point until = Clock::now() + patience;
  Line line(socket_path);
  if (const auto error = line.Connect(until)) return tl::unexpected(*error);
  if (const auto error = line.Send(request, until)) return tl::unexpected(*error);
  return line.Receive(until);
}

AskError Watch(const std::string& socket_path, std::chrono::milliseconds patience,
               const std::function<void(const v1::AgentStatus&)>& on_status) {
  const Clock::time_point until = Clock::now() + patience;
  v1::LocalRequest request;
  request.mutable_watch();
  Line line(socket_path);
  if (const auto error = line.Connect(until)) return *error;
  if (const auto error = line.Send(request, until)) return *error;
  auto response = line.Receive(until);
  while (response) {
    on_status(response->status());
    response = line.Receive(std::nullopt);
  }
  return response.error();
}

}  // namespace sallyport
