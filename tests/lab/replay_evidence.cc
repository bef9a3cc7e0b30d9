// SPDX-License-Identifier: Apache-2.0
// What a thief of a laptop's folder could try: sends evidence that was already used, as it was or
// with one bit of its payload flipped, on a stream of its own.
//
//   replay_evidence save --socket AGENT_SOCKET --out FILE         the evidence sent last
//   replay_evidence send --enrollment FOLDER [--flip] FILE...     one JSON line per file
#include <arpa/inet.h>
#include <grpcpp/grpcpp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "attestation/enrollment.h"
#include "base/result.h"
#include "sallyport/v1/attestation.grpc.pb.h"
#include "sallyport/v1/local.pb.h"

namespace sallyport {
namespace {

constexpr std::chrono::seconds kDeadline{15};
constexpr uint32_t kMaxAnswer = 8 << 20;

using Stream = grpc::ClientReaderWriter<v1::AgentMessage, v1::ServiceMessage>;

Error Errno(const std::string& what) {
  return Error{Code::kUnavailable, what + ": " + std::strerror(errno)};
}

Status WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = write(fd, bytes.data(), bytes.size());
    if (sent <= 0) return tl::unexpected(Errno("write"));
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return {};
}

Result<std::string> ReadExactly(int fd, size_t count) {
  std::string bytes(count, '\0');
  for (size_t at = 0; at < count;) {
    const ssize_t got = read(fd, bytes.data() + at, count - at);
    if (got < 0) return tl::unexpected(Errno("read"));
    if (got == 0) return Fail(Code::kUnavailable, "the agent closed the connection");
    at += static_cast<size_t>(got);
  }
  return bytes;
}

// One question to the agent: proto/sallyport/v1/local.proto says how it is framed.
Result<v1::LocalResponse> AskOn(int fd, const v1::LocalRequest& request) {
  const std::string body = request.SerializeAsString();
  const uint32_t length = htonl(static_cast<uint32_t>(body.size()));
  std::string frame(reinterpret_cast<const char*>(&length), sizeof length);
  if (const Status sent = WriteAll(fd, frame + body); !sent) return tl::unexpected(sent.error());

  const Result<std::string> head = ReadExactly(fd, sizeof length);
  if (!head) return tl::unexpected(head.error());
  uint32_t size = 0;
  std::memcpy(&size, head->data(), sizeof size);
  if (ntohl(size) > kMaxAnswer) return Fail(Code::kTooLarge, "the agent's answer");
  const Result<std::string> answer = ReadExactly(fd, ntohl(size));
  if (!answer) return tl::unexpected(answer.error());
  v1::LocalResponse response;
  if (!response.ParseFromString(*answer)) return Fail(Code::kMalformed, "the agent's answer");
  return response;
}

Result<v1::Envelope> LastEvidence(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Fail(Code::kInvalidArgument, path);
  path.copy(address.sun_path, path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return tl::unexpected(Errno("socket"));
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const Error error = Errno(path);
    close(fd);
    return tl::unexpected(error);
  }
  v1::LocalRequest request;
  request.mutable_evidence();
  const Result<v1::LocalResponse> answer = AskOn(fd, request);
  close(fd);
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->has_evidence()) return Fail(Code::kNotFound, answer->error().message());
  return answer->evidence().envelope();
}

Status Save(const std::string& socket_path, const std::string& out) {
  const Result<v1::Envelope> envelope = LastEvidence(socket_path);
  if (!envelope) return tl::unexpected(envelope.error());
  std::ofstream file(out, std::ios::binary);
  if (!envelope->SerializeToOstream(&file) || !file.flush()) {
    return Fail(Code::kInternal, out + ": cannot be written");
  }
  return {};
}

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
  app.require_subcommand(1);
  std::string socket_path, out, folder;
  std::vector<std::string> files;
  bool flip = false;
  CLI::App* save = app.add_subcommand("save", "keep the evidence that the agent sent last");
  save->add_option("--socket", socket_path)->required();
  save->add_option("--out", out)->required();
  CLI::App* send = app.add_subcommand("send", "send kept evidence");
  send->add_option("--enrollment", folder)->required();
  send->add_flag("--flip", flip, "flip one bit of the payload");
  send->add_option("files", files)->required();
  CLI11_PARSE(app, argc, argv);

  const Status done = *save ? Save(socket_path, out) : Replay(folder, files, flip);
  if (!done) std::cerr << "replay_evidence: " << done.error().message << "\n";
  return done ? 0 : 1;
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return sallyport::Main(argc, argv);
}
