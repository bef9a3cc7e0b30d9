// SPDX-License-Identifier: Apache-2.0
// Formats: proc_pid_net(5). A socket's file is the link "socket:[inode]" in /proc/<pid>/fd.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "collectors/ip_text.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

constexpr size_t kMaxNamespaces = 256;
constexpr size_t kMaxNetFile = 64 << 20;

struct Socket {
  int64_t inode = 0;
  int64_t protocol = 0;
  int64_t family = 0;
  int64_t port = 0;
  std::string address;
  std::string path;
  std::string net_namespace;
};

struct Holder {
  int64_t pid = 0;
  int64_t fd = 0;
};

struct Protocol {
  const char* file;
  int64_t number;
  int64_t family;
};
constexpr int64_t kUnix = 1, kInet = 2, kInet6 = 10;
constexpr Protocol kProtocols[] = {
    {"icmp", 1, kInet},  {"icmp6", 1, kInet6},  {"tcp", 6, kInet},       {"tcp6", 6, kInet6},
    {"udp", 17, kInet},  {"udp6", 17, kInet6},  {"udplite", 136, kInet}, {"udplite6", 136, kInet6},
    {"raw", 255, kInet}, {"raw6", 255, kInet6},
};

// "0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4711 ...".
// What waits for anybody has no port on the other side; every other socket has a peer.
Status ReadInet(std::string_view text, const Protocol& protocol, const std::string& net_namespace,
                std::vector<Socket>* out) {
  bool heading = true;
  for (const std::string_view line : Lines(text)) {
    if (std::exchange(heading, false)) continue;
    const std::vector<std::string_view> fields = Fields(line);
    const auto malformed = [&] {
      return Fail(Code::kMalformed,
                  "/proc/net/" + std::string(protocol.file) + ": " + Excerpt(line));
    };
    if (fields.size() < 10) return malformed();
    const size_t local = fields[1].find(':');
    const size_t remote = fields[2].find(':');
    const auto inode = ParseInt(fields[9]);
    if (local == std::string_view::npos || remote == std::string_view::npos || !inode) {
      return malformed();
    }
    const auto address = ProcNetAddress(fields[1].substr(0, local));
    const auto port = ParseHex(fields[1].substr(local + 1));
    const auto peer = ParseHex(fields[2].substr(remote + 1));
    if (!address || !port || !peer || *port > 65535) return malformed();
    if (*peer != 0) continue;
    out->push_back({*inode, protocol.number, protocol.family, static_cast<int64_t>(*port), *address,
                    "", net_namespace});
  }
  return {};
}

// "0000000000000000: 00000002 00000000 00010000 0001 01 16163 /run/a socket"; @ for NUL; without a
// path it is anonymous.
Status ReadUnix(std::string_view text, const std::string& net_namespace, std::vector<Socket>* out) {
  bool heading = true;
  for (const std::string_view line : Lines(text)) {
    if (std::exchange(heading, false)) continue;
    const std::vector<std::string_view> fields = Fields(line);
    const auto inode = fields.size() < 7 ? std::nullopt : ParseInt(fields[6]);
    if (!inode) return Fail(Code::kMalformed, "/proc/net/unix: " + Excerpt(line));
    if (fields.size() == 7) continue;
    const auto path = static_cast<size_t>(fields[7].data() - line.data());
    out->push_back({*inode, 0, kUnix, 0, "", std::string(line.substr(path)), net_namespace});
  }
  return {};
}

// A kernel without IPv6, or without one of the rarer protocols, has no such file.
Status ReadNamespace(const Host& host, const std::string& folder, const std::string& net_namespace,
                     std::vector<Socket>* out) {
  for (const Protocol& protocol : kProtocols) {
    const auto text = host.ReadFile(folder + protocol.file, kMaxNetFile);
    if (!text && text.error().code == Code::kNotFound) continue;
    if (!text) return tl::unexpected(text.error());
    if (const Status ok = ReadInet(*text, protocol, net_namespace, out); !ok) return ok;
  }
  const auto text = host.ReadFile(folder + "unix", kMaxNetFile);
  if (!text) return text.error().code == Code::kNotFound ? Status() : tl::unexpected(text.error());
  return ReadUnix(*text, net_namespace, out);
}

// "net:[4026531992]", "socket:[16163]": the number.
std::string Bracketed(std::string_view link, std::string_view kind) {
  if (!link.starts_with(kind) || !link.ends_with(']')) return "";
  return std::string(link.substr(kind.size(), link.size() - kind.size() - 1));
}

struct Processes {
  std::map<std::string, int64_t> namespaces;  // and one process that is in it
  std::map<int64_t, Holder> holders;          // by the socket's inode: the process of lowest pid
  bool whole = true;                          // no process kept its files to itself
};

void ReadFiles(const Host& host, int64_t pid, Processes* processes) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
  const auto files = host.ListDir(folder);
  if (!files) {
    if (files.error().code != Code::kNotFound) processes->whole = false;
    return;
  }
  for (const DirEntry& file : *files) {
    const auto link = host.ReadLink(folder + "/" + file.name);
    const auto fd = ParseInt(file.name);
    const auto inode = link ? ParseInt(Bracketed(*link, "socket:[")) : std::nullopt;
    if (fd && inode) processes->holders.emplace(*inode, Holder{pid, *fd});
  }
}

Result<Processes> ReadProcesses(const Host& host) {
  const auto entries = host.ListDir("/proc");
  if (!entries) return tl::unexpected(entries.error());
  std::set<int64_t> pids;
  for (const DirEntry& entry : *entries) {
    if (const auto pid = ParseInt(entry.name)) pids.insert(*pid);
  }
  Processes out;
  for (const int64_t pid : pids) {
    const auto link = host.ReadLink("/proc/" + std::to_string(pid) + "/ns/net");
    if (link) out.namespaces.emplace(Bracketed(*link, "net:["), pid);
    ReadFiles(host, pid, &out);
  }
  if (out.namespaces.size() > kMaxNamespaces) {
    return Fail(Code::kTooLarge, "/proc: more network namespaces than can be looked at");
  }
  return out;
}

// Our own namespace must be told; another may end with its last process.
Result<std::vector<Socket>> ReadSockets(const Host& host, const Processes& processes) {
  const auto own = host.ReadLink("/proc/self/ns/net");
  const std::string own_number = own ? Bracketed(*own, "net:[") : "";
  std::vector<Socket> sockets;
  const Status here = ReadNamespace(host, "/proc/self/net/", own_number, &sockets);
  if (!here) return tl::unexpected(here.error());
  for (const auto& [number, pid] : processes.namespaces) {
    if (number == own_number) continue;
    const std::string folder = "/proc/" + std::to_string(pid) + "/net/";
    const Status there = ReadNamespace(host, folder, number, &sockets);
    if (!there && there.error().code != Code::kNotFound) return tl::unexpected(there.error());
  }
  return sockets;
}

}  // namespace

Result<Rows> ListeningPortsLinux(const Host& host, const Keys& keys) {
  const Result<Processes> processes = ReadProcesses(host);
  if (!processes) return tl::unexpected(processes.error());
  const auto sockets = ReadSockets(host, *processes);
  if (!sockets) return tl::unexpected(sockets.error());
  TableRows rows(kListeningPorts);
  for (const Socket& socket : *sockets) {
    const auto holder = processes->holders.find(socket.inode);
    const bool held = holder != processes->holders.end();
    // The kernel's own, or of a process that may not be looked into.
    const Value nobody = processes->whole ? Cell(-1) : Cell(Unknown{});
    const bool local = socket.family == kUnix;
    rows.Add({{"pid", held ? Cell(holder->second.pid) : nobody},
              {"port", Cell(socket.port)},
              {"protocol", Cell(socket.protocol)},
              {"family", Cell(socket.family)},
              {"address", local ? Cell("") : Cell(socket.address)},
              {"fd", held ? Cell(holder->second.fd) : nobody},
              {"socket", Cell(socket.inode)},
              {"path", local ? Cell(socket.path) : Cell("")},
              {"net_namespace",
               socket.net_namespace.empty() ? Cell(Unknown{}) : Cell(socket.net_namespace)}});
  }
  return rows.Take(keys);
}

}  // namespace sallyport
