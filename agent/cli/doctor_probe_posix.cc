// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <utility>

#include "agent/cli/doctor_probe.h"
#include "agent/unix_socket_posix.h"
#include "attestation/keys.h"
#include "base/bytes.h"
#include "platform/errno_posix.h"
#include "platform/fd_posix.h"

namespace sallyport {
namespace {

using Clock = std::chrono::steady_clock;

bool WaitFor(int fd, short events, Clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
  pollfd entry{fd, events, 0};
  return left.count() > 0 && poll(&entry, 1, static_cast<int>(left.count())) > 0;
}

Status ConnectWithin(int fd, const sockaddr* address, socklen_t length, const std::string& name,
                     Clock::time_point until) {
  if (connect(fd, address, length) == 0) return {};
  if (errno != EINPROGRESS && errno != EAGAIN) {
    return Fail(errno == EACCES ? Code::kDenied : Code::kUnavailable,
                name + ": " + std::strerror(errno));
  }
  if (!WaitFor(fd, POLLOUT, until)) return Fail(Code::kTimeout, name + ": no answer in time");
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return Fail(Code::kUnavailable, name + ": " + std::strerror(error));
  return {};
}

Result<std::string> ReadWithin(int fd, size_t count, Clock::time_point until) {
  std::string bytes;
  while (bytes.size() < count) {
    if (!WaitFor(fd, POLLIN, until)) return Fail(Code::kTimeout, "vici: no answer in time");
    char buffer[4096];
    const ssize_t got = recv(fd, buffer, std::min(sizeof(buffer), count - bytes.size()), 0);
    if (got <= 0) return Fail(Code::kUnavailable, "vici: the connection was closed");
    bytes.append(buffer, static_cast<size_t>(got));
  }
  return bytes;
}

// CMD_RESPONSE (1), then KEY_VALUE elements (3): name with an 8 bit length, value with 16 bits.
Result<std::map<std::string, std::string>> ParseVersion(std::string_view packet) {
  ByteReader reader(packet);
  const Result<uint8_t> type = reader.U8();
  if (!type || *type != 1) return Fail(Code::kMalformed, "vici: not the answer to a command");
  std::map<std::string, std::string> values;
  while (!reader.done()) {
    const Result<uint8_t> element = reader.U8();
    if (!element || *element != 3) return Fail(Code::kMalformed, "vici: not a key and a value");
    const Result<uint8_t> name_length = reader.U8();
    const auto name = name_length ? reader.Take(*name_length) : Result<std::string_view>("");
    if (!name_length || !name) return Fail(Code::kMalformed, "vici: a key that is cut off");
    const Result<uint16_t> length = reader.U16();
    const auto value = length ? reader.Take(*length) : Result<std::string_view>("");
    if (!length || !value) return Fail(Code::kMalformed, "vici: a value that is cut off");
    values[std::string(*name)] = std::string(*value);
  }
  return values;
}

}  // namespace

Result<Millis> ProbeTcp(const std::string& address, std::chrono::milliseconds deadline) {
  const auto parts = SplitAddress(address);
  if (!parts) return tl::unexpected(parts.error());
  const Clock::time_point begin = Clock::now();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  const int found = getaddrinfo(parts->host.c_str(), parts->port.c_str(), &hints, &raw);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(raw, freeaddrinfo);
  if (found != 0) return Fail(Code::kNotFound, parts->host + ": " + gai_strerror(found));
  Status last = Fail(Code::kNotFound, parts->host + ": no address");
  for (const addrinfo* one = list.get(); one != nullptr; one = one->ai_next) {
    const Fd fd(socket(one->ai_family, SOCK_STREAM, 0));
    fcntl(fd.get(), F_SETFL, O_NONBLOCK);
    last = ConnectWithin(fd.get(), one->ai_addr, one->ai_addrlen, address, begin + deadline);
    if (last) return std::chrono::duration_cast<Millis>(Clock::now() - begin);
  }
  return tl::unexpected(last.error());
}

Result<KeyFile> ProbeKeyFile(const std::string& uri) {
  const Result<std::string> path = PathOfUri(uri);
  if (!path) return tl::unexpected(path.error());
  struct stat info {};
  if (stat(path->c_str(), &info) != 0) return FailErrno(errno, *path);
  char mode[16];
  std::snprintf(mode, sizeof(mode), "mode %04o", info.st_mode & 07777);
  return KeyFile{(info.st_mode & 077) != 0, mode};
}

Result<std::string> ProbeVici(const std::string& socket_path, std::chrono::milliseconds deadline) {
  const Clock::time_point until = Clock::now() + deadline;
  const auto address = UnixAddress::Of(socket_path);
  if (!address) return tl::unexpected(address.error());
  const Result<int> made = MakeUnixSocket();
  if (!made) return tl::unexpected(made.error());
  const Fd fd(*made);
  const Status connected =
      ConnectWithin(fd.get(), address->get(), UnixAddress::size(), socket_path, until);
  if (!connected) return tl::unexpected(connected.error());

  // CMD_REQUEST (0) "version"
  std::string packet;
  PutU8(packet, 0);
  PutU8(packet, 7);
  packet += "version";
  std::string frame;
  PutU32(frame, static_cast<uint32_t>(packet.size()));
  frame += packet;
  if (send(fd.get(), frame.data(), frame.size(), SendFlags()) !=
      static_cast<ssize_t>(frame.size())) {
    return Fail(Code::kUnavailable, socket_path + ": " + std::strerror(errno));
  }
  const Result<std::string> head = ReadWithin(fd.get(), 4, until);
  if (!head) return tl::unexpected(head.error());
  const uint32_t length = ByteReader(*head).U32().value_or(0);
  if (length == 0 || length > 512 * 1024) return Fail(Code::kMalformed, "vici: packet length");
  const Result<std::string> body = ReadWithin(fd.get(), length, until);
  if (!body) return tl::unexpected(body.error());
  auto values = ParseVersion(*body);
  if (!values) return tl::unexpected(values.error());
  return (*values)["daemon"] + " " + (*values)["version"];
}

}  // namespace sallyport
