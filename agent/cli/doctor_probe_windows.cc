// SPDX-License-Identifier: Apache-2.0
// clang-format off
#include <winsock2.h>  // before windows.h
#include <ws2tcpip.h>
#include <windows.h>
// clang-format on

#include <algorithm>
#include <memory>

#include "agent/cli/doctor_probe.h"
#include "attestation/durable_file.h"
#include "attestation/keys.h"
#include "platform/handle_windows.h"

namespace sallyport {
namespace {

using Clock = std::chrono::steady_clock;

class Winsock {
 public:
  Winsock() {
    WSADATA data{};
    started_ = WSAStartup(MAKEWORD(2, 2), &data) == 0;
  }
  ~Winsock() {
    if (started_) WSACleanup();
  }
  Winsock(const Winsock&) = delete;
  Winsock& operator=(const Winsock&) = delete;

 private:
  bool started_ = false;
};

class Socket {
 public:
  explicit Socket(int family) : socket_(socket(family, SOCK_STREAM, 0)) {
    u_long on = 1;
    ioctlsocket(socket_, static_cast<long>(FIONBIO), &on);
  }
  ~Socket() { closesocket(socket_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  SOCKET get() const { return socket_; }

 private:
  SOCKET socket_;
};

tl::unexpected<Error> FailSocket(int error, const std::string& name) {
  switch (error) {
    case WSAECONNREFUSED:
      return Fail(Code::kUnavailable, name + ": connection refused");
    case WSAENETUNREACH:
    case WSAEHOSTUNREACH:
      return Fail(Code::kUnavailable, name + ": no way there");
    case WSAEACCES:
      return Fail(Code::kDenied, name + ": not allowed, by a firewall perhaps");
    default:
      return Fail(Code::kUnavailable, name + ": Windows error " + std::to_string(error));
  }
}

// A connect that fails is among select's exceptions; WSAPoll tells it only since Windows 10 2004.
Status ConnectWithin(const Socket& socket, const addrinfo& to, const std::string& name,
                     Clock::time_point until) {
  if (connect(socket.get(), to.ai_addr, static_cast<int>(to.ai_addrlen)) == 0) return {};
  if (WSAGetLastError() != WSAEWOULDBLOCK) return FailSocket(WSAGetLastError(), name);
  const auto left = std::chrono::ceil<std::chrono::microseconds>(until - Clock::now()).count();
  const auto wait = std::max<long long>(left, 0);
  timeval limit{static_cast<long>(wait / 1'000'000), static_cast<long>(wait % 1'000'000)};
  fd_set written{1, {socket.get()}};
  fd_set failed{1, {socket.get()}};
  const int ready = select(0, nullptr, &written, &failed, &limit);
  if (ready < 0) return FailSocket(WSAGetLastError(), name);
  if (ready == 0) return Fail(Code::kTimeout, name + ": no answer in time");
  int error = 0;
  int size = sizeof(error);
  getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &size);
  if (error != 0) return FailSocket(error, name);
  return {};
}

}  // namespace

Result<Millis> ProbeTcp(const std::string& address, std::chrono::milliseconds deadline) {
  const auto parts = SplitAddress(address);
  if (!parts) return tl::unexpected(parts.error());
  const Winsock winsock;
  const Clock::time_point begin = Clock::now();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  const int found = getaddrinfo(parts->host.c_str(), parts->port.c_str(), &hints, &raw);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(raw, freeaddrinfo);
  if (found != 0) {
    return Fail(Code::kNotFound, parts->host + ": no such host (" + std::to_string(found) + ")");
  }
  Status last = Fail(Code::kNotFound, parts->host + ": no address");
  for (const addrinfo* one = list.get(); one != nullptr; one = one->ai_next) {
    const Socket socket(one->ai_family);
    last = ConnectWithin(socket, *one, address, begin + deadline);
    if (last) return std::chrono::duration_cast<Millis>(Clock::now() - begin);
  }
  return tl::unexpected(last.error());
}

// CheckOwnerOnly says kDenied also of a file whose access list may not be looked at: that is asked
// first.
Result<KeyFile> ProbeKeyFile(const std::string& uri) {
  const Result<std::string> path = PathOfUri(uri);
  if (!path) return tl::unexpected(path.error());
  const auto wide = Wide(*path);
  if (!wide) return tl::unexpected(wide.error());
  const DWORD others = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  const Handle file = Owned(CreateFileW(wide->c_str(), READ_CONTROL, others, nullptr, OPEN_EXISTING,
                                        FILE_ATTRIBUTE_NORMAL, nullptr));
  if (!file) return FailWindows(GetLastError(), *path);
  const Status closed = CheckOwnerOnly(*path);
  if (closed) return KeyFile{false, "for the agent, SYSTEM and Administrators alone"};
  if (closed.error().code == Code::kDenied) return KeyFile{true, "others may read it"};
  return tl::unexpected(closed.error());
}

Result<std::string> ProbeVici(const std::string& socket_path, std::chrono::milliseconds) {
  return Fail(Code::kUnsupported, socket_path + ": there is no charon on Windows");
}

}  // namespace sallyport
