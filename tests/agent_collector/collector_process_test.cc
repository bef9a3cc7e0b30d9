// SPDX-License-Identifier: Apache-2.0
// The real sallyport-collector on this machine, with the test as its agent. It runs in a mount
// namespace where /etc/swanctl is a folder of the test.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "agent/frame.h"
#include "attestation/dsse.h"
#include "collectors/edr_products.h"
#include "platform/fd_posix.h"
#include "sallyport/v1/local.pb.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

constexpr const char* kSwanctl = "/etc/swanctl";
constexpr const char* kWeak =
    "connections { old { remote_addrs = 192.0.2.1\n proposals = aes128-sha1-modp1024\n"
    " remote { auth = psk } } }\n";

class Agent {
 public:
  // Waits for the collector's socket; after ten seconds the connection is not valid.
  explicit Agent(const std::string& path) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    fd_ = Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    while (connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      if (std::chrono::steady_clock::now() > end) {
        fd_.Close();
        return;
      }
      std::this_thread::yield();
    }
    const timeval patience{20, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  bool connected() const { return fd_.valid(); }
  void Send(const v1::CollectorRequest& request) {
    SendBytes(EncodeFrame(request.SerializeAsString()).value());
  }
  void SendBytes(const std::string& bytes) {
    ASSERT_EQ(send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // Empty (no kind set) at the end of the stream or after 20 s.
  v1::CollectorMessage Receive() {
    v1::CollectorMessage message;
    for (;;) {
      if (const auto frame = reader_.Next().value()) {
        EXPECT_TRUE(message.ParseFromString(*frame));
        return message;
      }
      char chunk[1 << 16];
      const ssize_t got = recv(fd_.get(), chunk, sizeof chunk, 0);
      if (got <= 0) return message;
      reader_.Add({chunk, static_cast<size_t>(got)});
    }
  }
  // The next tables whose trigger begins so; others are skipped.
  v1::CollectedTables Await(const std::string& trigger) {
    for (;;) {
      const v1::CollectorMessage message = Receive();
      if (message.kind_case() == v1::CollectorMessage::KIND_NOT_SET) return {};
      if (message.has_tables() && message.tables().trigger().starts_with(trigger)) {
        return message.tables();
      }
    }
  }
  std::string AwaitNotice() {
    for (;;) {
      const v1::CollectorMessage message = Receive();
      if (message.has_notice()) return message.notice().text();
      if (!message.has_tables()) return "no notice came";
    }
  }

 private:
  Fd fd_;
  FrameReader reader_;
};

std::string TablesOf(const v1::CollectedTables& tables) {
  std::string out;
  for (const auto& table : tables.tables()) {
    out += (out.empty() ? "" : " ") + table.result().table() + "=" +
           v1::TableResult::State_Name(table.result().state()).substr(6);
  }
  return out;
}

// The state cell of the row of clamav.
std::string Clamav(const v1::CollectedTables& tables) {
  for (const v1::Row& row : tables.tables(0).result().rows()) {
    if (row.cells(0).text() == "clamav") return row.cells(kEdrProducts.IndexOf("state")).text();
  }
  return "no row";
}

class CollectorProcessTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root for a mount namespace";
    if (!std::filesystem::is_directory(kSwanctl)) GTEST_SKIP() << "needs " << kSwanctl;
    folder_.Write("swanctl/swanctl.conf", "include conf.d/*.conf\n");
    std::filesystem::create_directory(folder_ / "swanctl/conf.d");
    folder_.Write("service.spki", key_.public_key().spki());
    ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  }
  void TearDown() override { Stop(SIGKILL); }

  void Start(std::vector<std::string> more = {}) {
    std::vector<std::string> args = {
        SALLYPORT_COLLECTOR, "--socket",      folder_ / "socket",      "--state",
        folder_ / "state",   "--service-key", folder_ / "service.spki"};
    args.insert(args.end(), more.begin(), more.end());
    std::vector<char*> argv;
    for (std::string& arg : args) argv.push_back(arg.data());
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount((folder_ / "swanctl").c_str(), kSwanctl, nullptr, MS_BIND, nullptr) != 0) {
      _exit(126);
    }
    execv(argv[0], argv.data());
    _exit(127);
  }
  int Stop(int signal) {
    if (pid_ <= 0) return -1;
    int status = 0;
    kill(pid_, signal);
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  // In the collector's mount namespace.
  int InItsMounts(const std::string& command) const {
    return std::system(
        ("nsenter --mount=/proc/" + std::to_string(pid_) + "/ns/mnt " + command).c_str());
  }

  v1::CollectorRequest Manifest(uint64_t version, const std::vector<std::string>& tables,
                                const SigningKey& key) {
    v1::Manifest manifest;
    manifest.set_version(version);
    for (const std::string& table : tables) manifest.add_tables()->set_table(table);
    v1::CollectorRequest request;
    *request.mutable_manifest() =
        SignEnvelope(key, kManifestType, manifest.SerializeAsString()).value();
    return request;
  }
  v1::CollectorRequest Manifest(uint64_t version, const std::vector<std::string>& tables) {
    return Manifest(version, tables, key_);
  }

  TempFolder folder_;
  SigningKey key_ = SigningKey::Generate().value();
  pid_t pid_ = -1;
};

TEST_F(CollectorProcessTest, AManifestBringsThisMachinesTablesAndAChangeBringsTheChangedOne) {
  Start();
  Agent agent(folder_ / "socket");
  ASSERT_TRUE(agent.connected());
  agent.Send(Manifest(1, {"os_version", "kernel_info", "vpn_connections", "no_such_table"}));
  const v1::CollectedTables all = agent.Await("start");
  EXPECT_EQ(TablesOf(all),
            "os_version=VALUE kernel_info=VALUE vpn_connections=VALUE no_such_table=UNSUPPORTED");
  EXPECT_EQ(all.tables(2).result().rows_size(), 0);
  EXPECT_GT(all.tables(0).collected_boot_ms(), 0u);

  folder_.Write("swanctl/conf.d/old.conf", kWeak);
  v1::CollectedTables changed = agent.Await("inotify /etc/swanctl/conf.d");
  if (changed.tables(0).result().rows_size() == 0) changed = agent.Await("inotify");
  EXPECT_EQ(TablesOf(changed), "vpn_connections=VALUE");
  EXPECT_EQ(changed.tables(0).result().rows_size(), 1);
  EXPECT_EQ(changed.manifest_digest(), all.manifest_digest());

  std::filesystem::remove(folder_ / "swanctl/conf.d/old.conf");
  // The file may be gone already when its end is read for the writing.
  const v1::CollectedTables gone = agent.Await("inotify /etc/swanctl/conf.d");
  EXPECT_EQ(gone.tables(0).result().rows_size(), 0);
}

TEST_F(CollectorProcessTest, AFileThatIsIncludedFromElsewhereIsWatchedToo) {
  folder_.Write("elsewhere/a.conf", "connections { }\n");
  folder_.Write("swanctl/swanctl.conf", "include " + folder_ / "elsewhere/*.conf" + "\n");
  Start();
  Agent agent(folder_ / "socket");
  ASSERT_TRUE(agent.connected());
  agent.Send(Manifest(1, {"vpn_connections"}));
  EXPECT_EQ(agent.Await("start").tables(0).result().rows_size(), 0);

  folder_.Write("elsewhere/a.conf.new", kWeak);
  std::filesystem::rename(folder_ / "elsewhere/a.conf.new", folder_ / "elsewhere/a.conf");
  const v1::CollectedTables changed = agent.Await("");
  EXPECT_EQ(TablesOf(changed), "vpn_connections=VALUE");
  EXPECT_EQ(changed.tables(0).result().rows_size(), 1) << changed.trigger();
}

TEST_F(CollectorProcessTest, AVolumeThatIsMountedIsSeenAtOnce) {
  folder_.Write("image", std::string(1 << 20, '\0'));
  ASSERT_EQ(std::system(("mkfs.ext2 -q " + folder_ / "image").c_str()), 0);
  std::filesystem::create_directory(folder_ / "mounted");
  Start();
  Agent agent(folder_ / "socket");
  ASSERT_TRUE(agent.connected());
  agent.Send(Manifest(1, {"disk_volumes"}));
  const int before = agent.Await("start").tables(0).result().rows_size();
  ASSERT_EQ(InItsMounts("mount -o loop " + folder_ / "image" + " " + folder_ / "mounted"), 0);
  EXPECT_EQ(agent.Await("/proc/self/mountinfo").tables(0).result().rows_size(), before + 1);
  ASSERT_EQ(InItsMounts("umount " + folder_ / "mounted"), 0);
  EXPECT_EQ(agent.Await("/proc/self/mountinfo").tables(0).result().rows_size(), before);
}

// The product's program is sleep(1) here: clamd takes long to start, and longer to fail.
TEST_F(CollectorProcessTest, AProductsProcessThatStartsAndEndsIsSeenAtOnce) {
  if (!std::filesystem::exists("/usr/sbin/clamd")) GTEST_SKIP() << "needs clamd";
  Start();
  Agent agent(folder_ / "socket");
  ASSERT_TRUE(agent.connected());
  ASSERT_EQ(InItsMounts("mount --bind /bin/sleep /usr/sbin/clamd"), 0);
  agent.Send(Manifest(1, {"edr_products"}));
  if (Clamav(agent.Await("start")) != "stopped") GTEST_SKIP() << "another clamd runs here";
  const std::string mounts = "--mount=/proc/" + std::to_string(pid_) + "/ns/mnt";
  const pid_t clamd = fork();
  if (clamd == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execlp("nsenter", "nsenter", mounts.c_str(), "/usr/sbin/clamd", "1000", nullptr);
    _exit(127);
  }
  EXPECT_EQ(Clamav(agent.Await("inotify /usr/sbin/clamd: opened")), "running");
  kill(clamd, SIGKILL);
  EXPECT_EQ(Clamav(agent.Await("exit " + std::to_string(clamd))), "stopped");
  waitpid(clamd, nullptr, 0);
}

TEST_F(CollectorProcessTest, WithoutAManifestThereIsNothingAndAForeignOneIsRefused) {
  Start();
  Agent agent(folder_ / "socket");
  ASSERT_TRUE(agent.connected());
  v1::CollectorRequest now;
  now.mutable_collect_now();
  agent.Send(now);
  agent.Send(Manifest(1, {"os_version"}, SigningKey::Generate().value()));
  const v1::CollectorMessage first = agent.Receive();
  EXPECT_TRUE(first.notice().text().starts_with("refused: manifest")) << first.DebugString();
  agent.Send(Manifest(5, {"os_version"}));
  EXPECT_EQ(TablesOf(agent.Await("start")), "os_version=VALUE");
  agent.Send(Manifest(4, {"kernel_info"}));
  EXPECT_EQ(agent.AwaitNotice(),
            "refused: manifest: version 4 is older than version 5, which was taken before");
  agent.Send(now);
  EXPECT_EQ(TablesOf(agent.Await("asked")), "os_version=VALUE");
}

TEST_F(CollectorProcessTest, WithoutAServiceKeyAManifestIsRefused) {
  std::filesystem::remove(folder_ / "service.spki");
  Start();
  Agent agent(folder_ / "socket");
  ASSERT_TRUE(agent.connected());
  agent.Send(Manifest(1, {"os_version"}));
  EXPECT_TRUE(agent.AwaitNotice().starts_with("refused: manifest: no key of the service"));
}

TEST_F(CollectorProcessTest, OneAgentAtATimeAndTheNextOneGetsWhatIsHeld) {
  Start();
  {
    Agent first(folder_ / "socket");
    ASSERT_TRUE(first.connected());
    first.Send(Manifest(1, {"os_version"}));
    EXPECT_EQ(TablesOf(first.Await("start")), "os_version=VALUE");
    Agent second(folder_ / "socket");
    EXPECT_EQ(second.Receive().kind_case(), v1::CollectorMessage::KIND_NOT_SET);  // turned away
  }
  Agent next(folder_ / "socket");
  EXPECT_EQ(TablesOf(next.Await("start")), "os_version=VALUE");
}

TEST_F(CollectorProcessTest, BrokenFramesAndBrokenMessagesEndTheConnectionNotTheCollector) {
  Start();
  for (const std::string& bytes : {std::string("\xff\xff\xff\xff"), EncodeFrame("\xff").value()}) {
    Agent agent(folder_ / "socket");
    ASSERT_TRUE(agent.connected());
    agent.SendBytes(bytes);
    EXPECT_EQ(agent.Receive().kind_case(), v1::CollectorMessage::KIND_NOT_SET);
  }
  Agent agent(folder_ / "socket");
  agent.Send(Manifest(1, {"os_version"}));
  EXPECT_EQ(TablesOf(agent.Await("start")), "os_version=VALUE");
}

TEST_F(CollectorProcessTest, ForeignUsersAreNotServed) {
  Start({"--agent-user", "65533"});
  { ASSERT_TRUE(Agent(folder_ / "socket").connected()); }
  struct stat status {};
  ASSERT_EQ(stat((folder_ / "socket").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0660u);
  EXPECT_EQ(status.st_uid, 65533u);
  // Even where the file's mode would let it in, the peer's uid does not.
  ASSERT_EQ(chmod((folder_ / "socket").c_str(), 0666), 0);
  const pid_t stranger = fork();
  if (stranger == 0) {
    if (setresuid(65534, 65534, 65534) != 0) _exit(100);
    Agent agent(folder_ / "socket");
    _exit(agent.Receive().kind_case() == v1::CollectorMessage::KIND_NOT_SET ? 0 : 1);
  }
  int exit_status = 0;
  waitpid(stranger, &exit_status, 0);
  EXPECT_EQ(exit_status, 0);
}

TEST_F(CollectorProcessTest, ATableThatKilledItIsToldOfAfterTheRestart) {
  std::filesystem::create_directory(folder_ / "state");
  std::ifstream boot("/proc/sys/kernel/random/boot_id");
  std::string boot_id;
  boot >> boot_id;
  folder_.Write("collector.progress", "kernel_info\n" + boot_id + "\n5\n");
  Start();
  Agent agent(folder_ / "socket");
  agent.Send(Manifest(1, {"os_version", "kernel_info"}));
  const v1::CollectedTables tables = agent.Await("start");
  EXPECT_EQ(TablesOf(tables), "os_version=VALUE kernel_info=TIMEOUT");
  const std::string& error = tables.tables(1).result().error();
  EXPECT_TRUE(error.starts_with("since 20")) << error;
  EXPECT_TRUE(error.ends_with("Z: the collector was killed while reading this table")) << error;
}

TEST_F(CollectorProcessTest, EndsOnTermAndSaysThatNothingIsRead) {
  Start();
  Agent agent(folder_ / "socket");
  agent.Send(Manifest(1, {"os_version", "kernel_info"}));
  agent.Await("start");
  EXPECT_EQ(Stop(SIGTERM), 0);
  EXPECT_TRUE(folder_.Read("collector.progress").starts_with("\n"));
}

TEST_F(CollectorProcessTest, ALimitThatCannotBeUnderstoodStopsTheStart) {
  folder_.Write("limit", "not/absolute\n");
  Start({"--limit", folder_ / "limit"});
  int status = 0;
  waitpid(std::exchange(pid_, -1), &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 70);
}

TEST_F(CollectorProcessTest, TheLimitsPathsAreNeverReadWhateverTheManifestSays) {
  folder_.Write("limit", "/etc/swanctl/conf.d\n");
  Start({"--limit", folder_ / "limit"});
  Agent agent(folder_ / "socket");
  agent.Send(Manifest(1, {"vpn_connections"}));
  const v1::CollectedTables tables = agent.Await("start");
  EXPECT_EQ(TablesOf(tables), "vpn_connections=DENIED");
}

}  // namespace
}  // namespace sallyport
