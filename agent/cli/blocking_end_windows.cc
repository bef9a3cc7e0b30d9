// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "agent/cli/blocking_end.h"
#include "agent/pipe_windows.h"

namespace sallyport {
namespace {

using std::chrono::milliseconds;

constexpr size_t kReadBytes = 16 * 1024;

HANDLE Native(const LocalEnd& end) { return reinterpret_cast<HANDLE>(end.native()); }

// For WaitForSingleObject and WaitNamedPipe, which take 0 for "the default time": at least 1.
DWORD Left(std::optional<BlockingEnd::Moment> until) {
  if (!until) return INFINITE;
  const auto left = std::chrono::ceil<milliseconds>(*until - std::chrono::steady_clock::now());
  return static_cast<DWORD>(std::clamp<int64_t>(left.count(), 1, 24 * 3600 * 1000));
}

bool Passed(std::optional<BlockingEnd::Moment> until) {
  return until && *until <= std::chrono::steady_clock::now();
}

tl::unexpected<Error> Late() { return Fail(Code::kTimeout, "no answer in time"); }

// What has been asked of the pipe, once it has ended. None is left pending.
Result<size_t> Await(PipeTransfer& transfer, std::optional<BlockingEnd::Moment> until) {
  for (;;) {
    const auto count = transfer.Take();
    if (count) return *count;
    if (Passed(until)) {
      transfer.Cancel();
      return Late();
    }
    WaitForSingleObject(transfer.event(), Left(until));
  }
}

// Any user may take a name before the agent does.
Status CheckServer(const LocalEnd& end) {
  const Result<Peer> server = PeerOf(end);
  if (!server) return tl::unexpected(server.error());
  if (IsSystemsAccount(server->user) || server->user == OwnUser()) return {};
  return Fail(Code::kDenied, "served by user " + server->user + ", which is no agent's");
}

}  // namespace

Result<BlockingEnd> BlockingEnd::Connect(const std::string& name, Moment until) {
  for (;;) {
    if (Passed(until)) return Late();
    auto end = ConnectLocal(name);
    if (end) {
      if (const Status served = CheckServer(*end); !served) {
        return tl::unexpected(served.error());
      }
      return BlockingEnd(*std::move(end));
    }
    if (end.error().code != Code::kUnavailable) return tl::unexpected(end.error());
    // Others may be faster once more, so its answer is not asked for.
    WaitNamedPipeW(PipeName(name).value().c_str(), Left(until));
  }
}

Status BlockingEnd::Write(std::string_view bytes, Moment until) {
  PipeTransfer transfer;
  while (!bytes.empty()) {
    transfer.Write(Native(end_), bytes.data(), std::min<size_t>(bytes.size(), 64 * 1024));
    const Result<size_t> count = Await(transfer, until);
    if (!count) return tl::unexpected(count.error());
    bytes.remove_prefix(*count);
  }
  return {};
}

Result<std::string> BlockingEnd::Read(std::optional<Moment> until) {
  PipeTransfer transfer;
  char buffer[kReadBytes];
  for (;;) {
    transfer.Read(Native(end_), buffer, sizeof(buffer));
    const Result<size_t> count = Await(transfer, until);
    if (!count && count.error().code == Code::kUnavailable) {
      return Fail(Code::kUnavailable, "it closed the connection");
    }
    if (!count) return tl::unexpected(count.error());
    if (*count > 0) return std::string(buffer, *count);
  }
}

}  // namespace sallyport
