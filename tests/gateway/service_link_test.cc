// SPDX-License-Identifier: Apache-2.0
// Against lease_source, a process that speaks the contract over real mutual TLS.
#include "gateway/service_link.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "tests/gateway/network_namespace.h"

namespace sallyport::gateway {
namespace {

using namespace std::chrono_literals;

constexpr char kAddress[] = "127.0.0.1";

// tests/gateway/lease_source.cc, driven by lines.
class LeaseSource {
 public:
  explicit LeaseSource(const std::string& folder) {
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) abort();
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      dup2(in[0], 0);
      dup2(out[1], 1);
      execl(LEASE_SOURCE, "lease_source", folder.c_str(), kAddress, static_cast<char*>(nullptr));
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    to_ = in[1];
    from_ = out[0];
    Hear("ready");
  }
  ~LeaseSource() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    close(to_);
    close(from_);
  }
  LeaseSource(const LeaseSource&) = delete;
  LeaseSource& operator=(const LeaseSource&) = delete;

  void Say(const std::string& line) {
    const std::string bytes = line + "\n";
    EXPECT_EQ(write(to_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  // Reads on to the first line that begins so.
  std::string Hear(const std::string& start) {
    for (;;) {
      for (size_t end; (end = unread_.find('\n')) != std::string::npos;) {
        const std::string line = unread_.substr(0, end);
        unread_.erase(0, end + 1);
        if (line.starts_with(start)) return line;
      }
      pollfd entry{from_, POLLIN, 0};
      char buffer[4096];
      const bool readable = poll(&entry, 1, 15'000) == 1;
      const ssize_t got = readable ? read(from_, buffer, sizeof buffer) : 0;
      if (got <= 0) {
        ADD_FAILURE() << "the gate's peer did not say: " << start;
        return "";
      }
      unread_.append(buffer, static_cast<size_t>(got));
    }
  }

 private:
  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string unread_;
};

class ServiceLinkTest : public testing::Test {
 protected:
  // gRPC's threads outlive a test, so all tests share a namespace: its loopback has the ports free.
  static void SetUpTestSuite() {
    static NetworkNamespace everyones;
    RunOrFail("ip link set lo up");
  }

  ServiceLinkTest() {
    char name[] = "/tmp/sallyport-link-XXXXXX";
    folder_ = mkdtemp(name);
    std::filesystem::create_directory(folder_ + "/ca");
    StartSource();
    EnrollmentOptions options;
    options.folder = folder_ + "/gate";
    options.service = std::string(kAddress) + ":8442";
    options.ca_file = folder_ + "/ca/ca.pem";
    options.token = "any";
    options.role = LeafName::Role::kGateway;
    auto record = Enroll(options);
    EXPECT_TRUE(record) << record.error().message;
    record_ = record.value_or(EnrollmentRecord{});
  }
  ~ServiceLinkTest() override {
    link_.reset();
    source_.reset();
    std::filesystem::remove_all(folder_);
  }

  void StartSource() { source_ = std::make_unique<LeaseSource>(folder_ + "/ca"); }
  void StartLink() {
    link_ = std::make_unique<ServiceLink>(
        record_, SigningKey::Open(record_.identity_key_uri).value(), inbox_);
  }

  // The next note of this kind; what comes before it is dropped.
  template <typename T>
  T Next() {
    for (;;) {
      while (!notes_.empty()) {
        Note note = std::move(notes_.front());
        notes_.erase(notes_.begin());
        if (T* wanted = std::get_if<T>(&note)) return std::move(*wanted);
      }
      pollfd entry{inbox_.fd(), POLLIN, 0};
      if (poll(&entry, 1, 15'000) != 1) {
        ADD_FAILURE() << "nothing was posted";
        return T{};
      }
      for (Note& note : inbox_.Take()) notes_.push_back(std::move(note));
    }
  }
  CommandReceived NextCommand() { return Next<CommandReceived>(); }

  static v1::GateMessage RequestFor(uint64_t id, const std::string& device) {
    v1::GateMessage message;
    message.mutable_lease_request()->set_request_id(id);
    message.mutable_lease_request()->add_device_ids(device);
    return message;
  }

  std::string folder_;
  std::unique_ptr<LeaseSource> source_;
  EnrollmentRecord record_;
  Inbox inbox_;
  std::vector<Note> notes_;
  std::unique_ptr<ServiceLink> link_;
};

TEST_F(ServiceLinkTest, TheStreamIsUpFirstAndThenItsCommandsComeInOrder) {
  source_->Say("lease-length 4321");
  source_->Say("lease dev-1 limited 9000 17");
  StartLink();
  EXPECT_EQ(Next<LinkUp>().stream, 1u);
  link_->Send(1, RequestFor(5, "dev-1"));
  const CommandReceived welcome = NextCommand();
  EXPECT_EQ(welcome.stream, 1u);
  EXPECT_EQ(welcome.command.welcome().lease_ms(), 4321u);
  source_->Hear("request 5 dev-1");
  const CommandReceived grant = NextCommand();
  EXPECT_EQ(grant.stream, 1u);
  EXPECT_EQ(grant.command.grant().request_id(), 5u);
  ASSERT_EQ(grant.command.grant().leases_size(), 1);
  EXPECT_EQ(grant.command.grant().leases(0).device_id(), "dev-1");
  EXPECT_EQ(grant.command.grant().leases(0).tier(), v1::TIER_LIMITED);
  EXPECT_LE(grant.at, std::chrono::steady_clock::now());
}

TEST_F(ServiceLinkTest, ManyMessagesAreSentInTheirOrder) {
  StartLink();
  Next<LinkUp>();
  for (uint64_t id = 1; id <= 500; ++id) link_->Send(1, RequestFor(id, "dev-1"));
  for (uint64_t id = 1; id <= 500; ++id) {
    EXPECT_EQ(source_->Hear("request"), "request " + std::to_string(id) + " dev-1");
  }
}

TEST_F(ServiceLinkTest, AStreamThatIsHungUpComesBackUnderANewNumber) {
  StartLink();
  EXPECT_EQ(Next<LinkUp>().stream, 1u);
  NextCommand();
  source_->Say("hang-up");
  EXPECT_EQ(Next<LinkDown>().stream, 1u);
  EXPECT_EQ(Next<LinkUp>().stream, 2u);
  EXPECT_EQ(NextCommand().stream, 2u);
  link_->Send(1, RequestFor(8, "dev-1"));  // for the one that is over: dropped
  link_->Send(2, RequestFor(9, "dev-1"));
  EXPECT_EQ(source_->Hear("request"), "request 9 dev-1");
}

TEST_F(ServiceLinkTest, AServiceThatDiesIsReachedAgainWhenItIsBack) {
  StartLink();
  Next<LinkUp>();
  NextCommand();
  source_.reset();
  EXPECT_EQ(Next<LinkDown>().stream, 1u);
  StartSource();
  for (;;) {  // a stream that came too early is over at once
    const CommandReceived welcome = NextCommand();
    if (!welcome.command.has_welcome()) continue;
    EXPECT_GT(welcome.stream, 1u);
    link_->Send(welcome.stream, RequestFor(9, "dev-1"));
    break;
  }
  source_->Hear("request 9 dev-1");
}

TEST_F(ServiceLinkTest, AFreshLeafIsFetchedBeforeTheOldOneEnds) {
  source_->Say("leaf-lifetime 3");
  StartLink();
  EXPECT_EQ(Next<LinkUp>().stream, 1u);
  const auto begun = std::chrono::steady_clock::now();
  const LinkDown down = Next<LinkDown>();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 2800ms);
  EXPECT_EQ(down.stream, 1u);
  EXPECT_EQ(down.why, "a fresh leaf is due");
  EXPECT_EQ(Next<LinkUp>().stream, 2u);
  EXPECT_EQ(NextCommand().stream, 2u);
}

TEST_F(ServiceLinkTest, AServerOfAnotherCaIsNotSpokenTo) {
  const EnrollmentRecord ours = record_;
  const auto other = CertificateAuthority::Open(
      folder_ + "/other", "lab.example",
      {Millis{0}, Millis{std::chrono::duration_cast<Millis>(
                      std::chrono::system_clock::now().time_since_epoch())}});
  record_.ca_pem = CertificatePem(other->certificate_der());
  StartLink();
  pollfd entry{inbox_.fd(), POLLIN, 0};
  EXPECT_EQ(poll(&entry, 1, 1'000), 0) << "no stream, so no word of one";
  record_ = ours;
  StartLink();
  source_->Hear("stream up");  // the first
  EXPECT_EQ(Next<LinkUp>().stream, 1u);
}

TEST_F(ServiceLinkTest, ItEndsAtOnceWhileItsStreamIsUp) {
  StartLink();
  NextCommand();
  const auto begun = std::chrono::steady_clock::now();
  link_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
  source_->Hear("stream down");
}

TEST_F(ServiceLinkTest, ItEndsAtOnceWhileTheServiceIsAway) {
  StartLink();
  NextCommand();
  source_.reset();
  Next<LinkDown>();  // from here on it pauses and tries
  const auto begun = std::chrono::steady_clock::now();
  link_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
}

}  // namespace
}  // namespace sallyport::gateway
