// SPDX-License-Identifier: Apache-2.0
#include <windows.h>

#include <QTimer>
#include <QWinEventNotifier>
#include <chrono>
#include <memory>
#include <utility>

#include "agent/local_listener.h"
#include "agent/pipe_windows.h"
#include "platform/security_descriptor_windows.h"

namespace sallyport {
namespace {

constexpr DWORD kBufferBytes = 64 * 1024;
constexpr std::chrono::milliseconds kAgain{500};

using Descriptor = LocalPtr<void>;

HANDLE Native(const LocalEnd& end) { return reinterpret_cast<HANDLE>(end.native()); }

// Asks without connecting. FILE_FLAG_FIRST_PIPE_INSTANCE is what keeps a second server out; Wine
// does not know it.
bool HasServer(const std::wstring& name) {
  return WaitNamedPipeW(name.c_str(), 1) || GetLastError() == ERROR_SEM_TIMEOUT;
}

tl::unexpected<Error> Taken(const std::string& name) {
  return Fail(Code::kConflict, name + ": another process has a pipe of this name");
}

}  // namespace

// One instance of the pipe waits for a client. The next is made before a client is handed over: the
// name is never free for another process while this one lives.
struct LocalListener::Impl {
  Impl(std::string pipe, Descriptor access, OnConnection handler)
      : name(std::move(pipe)),
        descriptor(std::move(access)),
        on_connection(std::move(handler)),
        notifier(client.event()) {
    again.setSingleShot(true);
    QObject::connect(&again, &QTimer::timeout, [this] { Await(); });
    QObject::connect(&notifier, &QWinEventNotifier::activated, [this] { OnClient(); });
  }
  ~Impl() {
    notifier.setEnabled(false);
    client.Cancel();
  }

  Result<LocalEnd> Make(DWORD first);
  void Await() { client.AwaitClient(Native(waiting)); }
  void OnClient();

  std::string name;
  Descriptor descriptor;
  OnConnection on_connection;
  LocalEnd waiting;
  PipeTransfer client;
  QWinEventNotifier notifier;
  QTimer again;
};

Result<LocalEnd> LocalListener::Impl::Make(DWORD first) {
  const auto wide = PipeName(name);
  if (!wide) return tl::unexpected(wide.error());
  if (first != 0 && HasServer(*wide)) return Taken(name);
  SECURITY_ATTRIBUTES attributes{sizeof(attributes), descriptor.get(), FALSE};
  HANDLE const pipe =
      CreateNamedPipeW(wide->c_str(), PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | first, kPipeMode,
                       PIPE_UNLIMITED_INSTANCES, kBufferBytes, kBufferBytes, 0, &attributes);
  if (pipe != INVALID_HANDLE_VALUE) return LocalEnd(reinterpret_cast<intptr_t>(pipe));
  const DWORD error = GetLastError();
  // FILE_FLAG_FIRST_PIPE_INSTANCE says ACCESS_DENIED; PIPE_BUSY: theirs may have no more instances.
  if (first != 0 && (error == ERROR_ACCESS_DENIED || error == ERROR_PIPE_BUSY)) return Taken(name);
  return FailWindows(error, name);
}

void LocalListener::Impl::OnClient() {
  const auto came = client.Take();
  if (!came) return;
  LocalEnd connected;
  if (*came) {
    if (auto next = Make(0)) {
      connected = std::move(waiting);
      waiting = *std::move(next);
    }
  } else if (came->error().code != Code::kUnavailable) {
    return again.start(kAgain);
  }
  // It has gone again, or no more instances can be made: this one takes the next client.
  if (!connected.valid()) DisconnectNamedPipe(Native(waiting));
  Await();
  if (!connected.valid()) return;
  const Result<Peer> peer = PeerOf(connected);
  if (peer) on_connection(std::move(connected), *peer);
}

LocalListener::LocalListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LocalListener::~LocalListener() = default;

Result<std::unique_ptr<LocalListener>> LocalListener::Listen(const std::string& name,
                                                             std::optional<UserId> only,
                                                             OnConnection on_connection) {
  auto descriptor = DescriptorOf(PipeSddl(OwnUser(), only));
  if (!descriptor) return tl::unexpected(descriptor.error());
  auto impl = std::make_unique<Impl>(name, *std::move(descriptor), std::move(on_connection));
  auto first = impl->Make(FILE_FLAG_FIRST_PIPE_INSTANCE);
  if (!first) return tl::unexpected(first.error());
  impl->waiting = *std::move(first);
  impl->Await();
  return std::unique_ptr<LocalListener>(new LocalListener(std::move(impl)));
}

// Windows hands over no pipes.
Result<std::unique_ptr<LocalListener>> LocalListener::Inherited(OnConnection) {
  return std::unique_ptr<LocalListener>();
}

}  // namespace sallyport
