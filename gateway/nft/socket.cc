// SPDX-License-Identifier: Apache-2.0
#include "gateway/nft/socket.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "gateway/nft/attribute_reader.h"

namespace sallyport::gateway::nft {
namespace {

constexpr int kAnswerMillis = 5000;
constexpr int kSendBuffer = 8 << 20;
constexpr int kReceiveBuffer = 8 << 20;
constexpr size_t kReadBuffer = 64 * 1024;

Code CodeOfErrno(int number) {
  switch (number) {
    case ENOENT:
      return Code::kNotFound;
    case EEXIST:
    case EBUSY:
      return Code::kConflict;
    case EPERM:
    case EACCES:
      return Code::kDenied;
    case ENOSPC:
    case ENFILE:
    case ENOMEM:
      return Code::kExhausted;
    case EOPNOTSUPP:
      return Code::kUnsupported;
    default:
      return Code::kInternal;
  }
}

tl::unexpected<Error> KernelError(int number, const std::string& about) {
  return Fail(CodeOfErrno(number), "nf_tables: " + about + ": " + std::strerror(number));
}

// The error of an NLMSG_ERROR message: 0 is an ACK.
int ErrnoOf(const nlmsghdr& message) {
  const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(&message));
  if (message.nlmsg_len < mnl_nlmsg_size(sizeof(nlmsgerr))) return EBADMSG;
  return -error->error;
}

// Our table's own changes, whatever the object: the first attribute of each is the table's name.
bool IsAboutOurTable(const nlmsghdr& message) {
  if (message.nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES) return false;
  if ((message.nlmsg_type & 0xff) == NFT_MSG_NEWGEN) return false;
  if (mnl_nlmsg_get_payload_len(&message) < sizeof(nfgenmsg)) return false;
  const auto* generic = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(&message));
  if (generic->nfgen_family != NFPROTO_INET) return false;
  static_assert(NFTA_TABLE_NAME == 1 && NFTA_CHAIN_TABLE == 1 && NFTA_RULE_TABLE == 1 &&
                NFTA_SET_TABLE == 1 && NFTA_SET_ELEM_LIST_TABLE == 1);
  bool ours = false;
  ForEachAttribute(message, [&ours](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) != NFTA_TABLE_NAME) return;
    ours = mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0 &&
           std::strcmp(mnl_attr_get_str(attribute), kTable) == 0;
  });
  return ours;
}

}  // namespace

void Socket::Close::operator()(mnl_socket* socket) const { mnl_socket_close(socket); }

Result<Socket> Socket::Open() {
  mnl_socket* raw = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
  if (raw == nullptr) return KernelError(errno, "socket");
  Socket socket(raw);
  if (mnl_socket_bind(raw, 0, MNL_SOCKET_AUTOPID) < 0) return KernelError(errno, "bind");
  // A whole fleet's batch is larger than the default buffer.
  const int fd = mnl_socket_get_fd(raw);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &kSendBuffer, sizeof kSendBuffer);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer);
  socket.buffer_.resize(kReadBuffer);
  return socket;
}

uint32_t Socket::portid() const { return mnl_socket_get_portid(socket_.get()); }

Result<std::string_view> Socket::Receive() {
  pollfd entry{mnl_socket_get_fd(socket_.get()), POLLIN, 0};
  int ready = 0;
  do {
    ready = poll(&entry, 1, kAnswerMillis);
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) return Fail(Code::kTimeout, "nf_tables: the kernel did not answer");
  const ssize_t got = mnl_socket_recvfrom(socket_.get(), buffer_.data(), buffer_.size());
  if (got < 0) return KernelError(errno, "receive");
  return std::string_view(buffer_.data(), static_cast<size_t>(got));
}

Status Socket::Commit(const Transaction& transaction) {
  if (transaction.empty()) return {};
  const uint32_t first = sequence_;
  const uint32_t last = transaction.LastSequence(first);
  const std::string bytes = transaction.Bytes(first);
  sequence_ = last + 2;
  if (mnl_socket_sendto(socket_.get(), bytes.data(), bytes.size()) < 0) {
    return KernelError(errno, "send");
  }
  Status outcome;
  for (;;) {
    const auto data = Receive();
    if (!data) return tl::unexpected(data.error());
    int left = static_cast<int>(data->size());
    for (auto* message = reinterpret_cast<const nlmsghdr*>(data->data());
         mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
      // An answer to an earlier transaction that was given up on.
      if (message->nlmsg_type != NLMSG_ERROR || message->nlmsg_seq < first) continue;
      const int number = ErrnoOf(*message);
      if (number != 0 && outcome) {
        outcome = KernelError(number, transaction.About(first, message->nlmsg_seq));
      }
      // A commit that fails is reported under the begin mark and nothing else need follow.
      if (message->nlmsg_seq == last || (number != 0 && message->nlmsg_seq == first)) {
        return outcome;
      }
    }
  }
}

Status Socket::Ask(uint16_t type, uint16_t flags, const Attributes& attributes,
                   const std::string& about, const std::function<void(const nlmsghdr&)>& each,
                   bool* interrupted) {
  const uint32_t sequence = sequence_++;
  std::vector<char> request(MNL_NLMSG_HDRLEN + sizeof(nfgenmsg) + attributes.bytes().size() + 64);
  nlmsghdr* header = mnl_nlmsg_put_header(request.data());
  header->nlmsg_type = static_cast<uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type);
  header->nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  header->nlmsg_seq = sequence;
  auto* generic = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(nfgenmsg)));
  generic->nfgen_family = NFPROTO_INET;
  generic->version = NFNETLINK_V0;
  std::memcpy(mnl_nlmsg_get_payload_tail(header), attributes.bytes().data(),
              attributes.bytes().size());
  header->nlmsg_len += static_cast<uint32_t>(attributes.bytes().size());
  if (mnl_socket_sendto(socket_.get(), header, header->nlmsg_len) < 0) {
    return KernelError(errno, "send");
  }
  for (;;) {
    const auto data = Receive();
    if (!data) return tl::unexpected(data.error());
    int left = static_cast<int>(data->size());
    for (auto* message = reinterpret_cast<const nlmsghdr*>(data->data());
         mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
      if (message->nlmsg_seq != sequence) continue;
      if (message->nlmsg_flags & NLM_F_DUMP_INTR) *interrupted = true;
      if (message->nlmsg_type == NLMSG_DONE) return {};
      if (message->nlmsg_type == NLMSG_ERROR) {
        const int number = ErrnoOf(*message);
        if (number == EINTR) {
          *interrupted = true;
          return {};
        }
        if (number != 0) return KernelError(number, about);
        return {};
      }
      each(*message);
    }
  }
}

Status Socket::Dump(uint16_t type, const Attributes& attributes, const std::string& about,
                    const std::function<void(const nlmsghdr&)>& each,
                    const std::function<void()>& restart) {
  for (int tries = 0; tries < 10; ++tries) {
    restart();
    bool interrupted = false;
    Status dumped = Ask(type, NLM_F_DUMP, attributes, about, each, &interrupted);
    if (!dumped || !interrupted) return dumped;
  }
  return Fail(Code::kConflict, "nf_tables: " + about + " does not stand still");
}

Status Socket::Get(uint16_t type, const Attributes& attributes, const std::string& about,
                   const std::function<void(const nlmsghdr&)>& each) {
  bool interrupted = false;  // never of one object: it is one message
  return Ask(type, NLM_F_ACK, attributes, about, each, &interrupted);
}

Result<Monitor> Monitor::Open() {
  mnl_socket* raw = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (raw == nullptr) return KernelError(errno, "monitor socket");
  Monitor monitor(std::shared_ptr<mnl_socket>(raw, mnl_socket_close));
  if (mnl_socket_bind(raw, 0, MNL_SOCKET_AUTOPID) < 0) return KernelError(errno, "monitor bind");
  int group = NFNLGRP_NFTABLES;
  if (mnl_socket_setsockopt(raw, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0) {
    return KernelError(errno, "monitor group");
  }
  setsockopt(mnl_socket_get_fd(raw), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer,
             sizeof kReceiveBuffer);
  return monitor;
}

int Monitor::fd() const { return mnl_socket_get_fd(socket_.get()); }

bool Monitor::ChangedByOthers(uint32_t own) {
  bool changed = false;
  std::vector<char> buffer(kReadBuffer);
  for (;;) {
    const ssize_t got = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return changed;
    if (got < 0) {
      changed = true;  // ENOBUFS: messages were lost, and with them perhaps a flush
      if (errno != ENOBUFS) return changed;
      continue;
    }
    int left = static_cast<int>(got);
    for (auto* message = reinterpret_cast<const nlmsghdr*>(buffer.data());
         mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
      if (IsAboutOurTable(*message) && message->nlmsg_pid != own) {
        changed = true;
      }
    }
  }
}

}  // namespace sallyport::gateway::nft
