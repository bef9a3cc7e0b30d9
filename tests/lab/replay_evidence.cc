// SPDX-License-Identifier: Apache-2.0
// What a thief of a laptop's folder could try: sends evidence that was already used, as it was or
// with one bit of its payload flipped, on a stream of its own.
//
//   replay_evidence --enrollment FOLDER [--flip] FILE...
//
// FILE: an envelope, as `sallyport evidence show --raw FILE` keeps it. Prints one JSON line per
// file: what the service answered.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "attestation/enrollment.h"
#include "attestation/tls13.h"
#include "base/result.h"
#include "sallyport/v1/attestation.grpc.pb.h"

namespace sallyport {
namespace {

constexpr std::chrono::seconds kDeadline{15};

using Stream = grpc::ClientReaderWriter<v1::AgentMessage, v1::ServiceMessage>;

Result<v1::Envelope> Load(const std::string& path, bool flip) {
  std::ifstream file(path, std::ios::binary);
  v1::Envelope envelope;
  if (!file || !envelope.ParseFromIstream(&file) || envelope.payload().empty()) {
    return Fail(Code::kMalformed, path + ": no envelope");
  }
  if (flip) envelope.mutable_payload()->at(envelope.payload().size() / 2) ^= 1;
  return envelope;
}

// The answer to an evidence; what else the service says meanwhile is passed over.
Result<v1::AttestationResult> Send(Stream* stream, const v1::Envelope& envelope) {
  v1::AgentMessage message;
  *message.mutable_evidence() = envelope;
  if (!stream->Write(message)) return Fail(Code::kUnavailable, "the service closed the stream");
  v1::ServiceMessage answer;
  while (stream->Read(&answer)) {
    if (answer.has_result()) return answer.result();
    if (answer.has_goodbye()) return Fail(Code::kDenied, "goodbye: " + answer.goodbye().reason());
  }
  return Fail(Code::kUnavailable, "the stream ended: " + stream->Finish().error_message());
}

void Print(const std::string& file, const v1::AttestationResult& result) {
  const nlohmann::json line = {{"schema", "sallyport.replay/v1"},
                               {"file", file},
                               {"verdict", v1::AttestationResult::Verdict_Name(result.verdict())},
                               {"reason", result.reason()},
                               {"detail", result.detail()},
                               {"lease_ttl_ms", result.lease_ttl_ms()}};
  std::cout << line.dump() << std::endl;
}

// Says hello as an agent does.
Status Greet(Stream* stream, grpc::ClientContext* context) {
  v1::AgentMessage hello;
  hello.mutable_hello()->set_agent_version("replay");
  hello.mutable_hello()->set_platform("linux");
  v1::ServiceMessage answer;
  if (!stream->Write(hello) || !stream->Read(&answer) || !answer.has_hello()) {
    context->TryCancel();
    return Fail(Code::kUnavailable, "no hello: " + stream->Finish().error_message());
  }
  return {};
}

Status Replay(const std::string& folder, const std::vector<std::string>& files, bool flip) {
  const auto record = LoadEnrollment(folder);
  if (!record) return tl::unexpected(record.error());
  const auto identity = SigningKey::Open(record->identity_key_uri);
  if (!identity) return tl::unexpected(identity.error());
  const auto leaf = FetchLeaf(*record, *identity, kDeadline);
  if (!leaf) return tl::unexpected(leaf.error());

  const auto stub = v1::Attestation::NewStub(
      grpc::CreateChannel(record->attestation_address, LeafCredentials(*record, *leaf)));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  const std::unique_ptr<Stream> stream = stub->Attest(&context);
  if (const auto greeted = Greet(stream.get(), &context); !greeted) {
    return tl::unexpected(greeted.error());
  }
  for (const std::string& file : files) {
    const Result<v1::Envelope> envelope = Load(file, flip);
    if (!envelope) return tl::unexpected(envelope.error());
    const Result<v1::AttestationResult> result = Send(stream.get(), *envelope);
    if (!result) return tl::unexpected(result.error());
    Print(file, *result);
  }
  context.TryCancel();
  return {};
}

int Main(int argc, char** argv) {
  CLI::App app("sends evidence that was already used");
  std::string folder;
  std::vector<std::string> files;
  bool flip = false;
  app.add_option("--enrollment", folder, "the laptop's folder")->required();
  app.add_flag("--flip", flip, "flip one bit of the payload");
  app.add_option("files", files, "kept evidence")->required();
  CLI11_PARSE(app, argc, argv);

  Status done = RequireTls13();
  if (done) done = Replay(folder, files, flip);
  if (!done) std::cerr << "replay_evidence: " << done.error().message << "\n";
  return done ? 0 : 1;
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return sallyport::Main(argc, argv);
}
