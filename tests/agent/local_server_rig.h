// SPDX-License-Identifier: Apache-2.0
// LocalServerRig: a LocalServer that says "laptop-1", and clients of it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "agent/cli/blocking_end.h"
#include "agent/cli/local_client.h"
#include "agent/frame.h"
#include "agent/local_server.h"
#include "platform/this_host.h"
#include "tests/agent/event_loop.h"
#include "tests/agent/local_name.h"

namespace sallyport {

inline constexpr std::chrono::milliseconds kPatience{5'000};

inline v1::LocalRequest StatusRequest() {
  v1::LocalRequest request;
  request.mutable_status();
  return request;
}

inline v1::LocalRequest CheckRequest() {
  v1::LocalRequest request;
  request.mutable_check_now();
  return request;
}

inline v1::LocalRequest EvidenceRequest() {
  v1::LocalRequest request;
  request.mutable_evidence();
  return request;
}

inline v1::LocalRequest WatchRequest() {
  v1::LocalRequest request;
  request.mutable_watch();
  return request;
}

inline std::string FrameOf(const v1::LocalRequest& request) {
  return EncodeFrame(request.SerializeAsString()).value();
}

class LocalServerRig : public testing::Test {
 protected:
  LocalServerRig() {
    TestApplication();
    Listen({});
  }

  void Listen(std::set<UserId> owners) {
    server_.reset();
    auto server = LocalServer::Listen(
        name_.text(), std::move(owners), [this] { return host_->Time(); },
        [this](const v1::LocalRequest& request, LocalServer::Reply reply) {
          if (request.has_check_now()) {
            later_ = std::move(reply);
            return;
          }
          v1::LocalResponse response;
          if (request.has_status() || request.has_watch())
            response.mutable_status()->set_device_id("laptop-1");
          if (request.has_evidence()) {
            response.mutable_evidence()->mutable_envelope()->set_payload(answer_);
            if (evidence_) *response.mutable_evidence() = *evidence_;
          }
          reply(response);
        },
        patience_);
    ASSERT_TRUE(server.has_value()) << server.error().message;
    server_ = *std::move(server);
  }

  tl::expected<v1::LocalResponse, AskError> AskHere(const v1::LocalRequest& request) {
    return WhileLoopRuns([&] { return Ask(name_.text(), request, kPatience); });
  }

  static BlockingEnd::Moment InTime() { return std::chrono::steady_clock::now() + kPatience; }

  // A client that says what it likes, and hangs up when it goes. The loop runs meanwhile.
  BlockingEnd Connect() {
    auto end = WhileLoopRuns([&] { return BlockingEnd::Connect(name_.text(), InTime()); });
    EXPECT_TRUE(end.has_value()) << end.error().message;
    return *std::move(end);
  }

  void Say(BlockingEnd& client, std::string_view bytes) {
    const Status said = client.Write(bytes, InTime());
    EXPECT_TRUE(said.has_value()) << said.error().message;
  }

  const std::unique_ptr<Host> host_ = MakeThisHost();
  LocalName name_;
  LocalServer::Patience patience_;
  std::string answer_ = "evidence";  // in an envelope, or
  std::optional<v1::EvidenceResponse> evidence_;
  LocalServer::Reply later_;
  std::unique_ptr<LocalServer> server_;
};

}  // namespace sallyport
