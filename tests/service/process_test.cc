// SPDX-License-Identifier: Apache-2.0
// sallyport-policyd and sallyportctl as processes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "attestation/openssl_ptr.h"
#include "service/store.h"
#include "tests/service/running_service.h"

namespace sallyport {
namespace {

std::vector<char*> Argv(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  return argv;
}

// A child with stdout and stderr in files.
pid_t Spawn(const std::vector<std::string>& words, const std::string& out, const std::string& err) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  dup2(open(out.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600), 1);
  dup2(open(err.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600), 2);
  execv(words[0].c_str(), Argv(words).data());
  _exit(127);
}

int Wait(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

class Policyd {
 public:
  // `more`: lines of the configuration file.
  explicit Policyd(const std::string& more = "") {
    WriteFile(folder_.path() + "/p.yml", kEdrPolicy);
    WriteFile(folder_.path() + "/conf", "trust-domain = \"test.example\"\nlease = \"7m\"\n" + more);
    Start();
  }
  ~Policyd() {
    if (pid_ > 0) kill(pid_, SIGKILL), Wait(pid_);
  }

  void Start() {
    const std::string ready = folder_.path() + "/ready.json";
    std::filesystem::remove(ready);
    std::vector<std::string> words = {POLICYD,
                                      "--config",
                                      folder_.path() + "/conf",
                                      "--state",
                                      folder_.path() + "/state",
                                      "--policies",
                                      folder_.path() + "/p.yml",
                                      "--ready-file",
                                      ready};
    if (!ready_.is_null()) {
      words.insert(words.end(),
                   {"--enroll-listen", ready_["enroll"], "--attest-listen", ready_["attest"]});
    }
    pid_ = Spawn(words, folder_.path() + "/out", folder_.path() + "/log");
    if (!Eventually([&] { return std::filesystem::exists(ready); })) {
      throw std::runtime_error("policyd: " + log());
    }
    ready_ = nlohmann::json::parse(ReadFile(ready));
    enroller_ = std::make_unique<TestEnroller>(ready_["enroll"].get<std::string>(),
                                               ReadFile(ready_["ca_file"]));
  }

  // Exit code, or 1000 + signal.
  int End(int signal) {
    kill(pid_, signal);
    return Wait(std::exchange(pid_, -1));
  }

  struct Said {
    int code;
    std::string out;
    std::string err;
  };
  Said Ctl(std::vector<std::string> words) {
    words.insert(words.begin(), {CTL, "--socket", ready_["admin_socket"]});
    const std::string out = folder_.path() + "/ctl.out";
    const std::string err = folder_.path() + "/ctl.err";
    const int code = Wait(Spawn(words, out, err));
    return {code, ReadFile(out), ReadFile(err)};
  }

  std::unique_ptr<TestDevice> Device() {
    std::string token = Ctl({"token", "create", "--role", "device"}).out;
    token.pop_back();
    const auto identity = enroller_->Enroll(token, LeafName::Role::kDevice);
    if (!identity) throw std::runtime_error(identity.error().message);
    auto device = std::make_unique<TestDevice>(*identity, *enroller_->FetchLeaf(*identity));
    if (Status s = device->Connect(); !s) throw std::runtime_error(s.error().message);
    return device;
  }

  std::string log() const { return ReadFile(folder_.path() + "/log"); }
  std::string ready(const char* key) const { return ready_[key]; }
  const std::string& folder() const { return folder_.path(); }

 private:
  TempFolder folder_;
  pid_t pid_ = -1;
  nlohmann::json ready_;
  std::unique_ptr<TestEnroller> enroller_;
};

// A TLS client of our own: the highest version that the server agrees to, or "".
std::string HandshakeVersion(const std::string& address, int least, int most) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context, least);
  SSL_CTX_set_max_proto_version(context, most);
  BIO* bio = BIO_new_ssl_connect(context);
  BIO_set_conn_hostname(bio, address.c_str());
  SSL* ssl = nullptr;
  BIO_get_ssl(bio, &ssl);
  const bool done = BIO_do_handshake(bio) == 1;
  const std::string version = done ? SSL_get_version(ssl) : "";
  BIO_free_all(bio);
  SSL_CTX_free(context);
  ERR_clear_error();
  return version;
}

TEST(Policyd, SpeaksTls13AndRefuses12OnBothListeners) {
  Policyd policyd;
  for (const char* listener : {"enroll", "attest"}) {
    const std::string address = policyd.ready(listener);
    EXPECT_EQ(HandshakeVersion(address, TLS1_2_VERSION, TLS1_2_VERSION), "") << listener;
    EXPECT_EQ(HandshakeVersion(address, TLS1_2_VERSION, TLS1_3_VERSION), "TLSv1.3") << listener;
  }
}

TEST(Policyd, KilledAtAnyMomentHasEverythingThatItAcknowledged) {
  Policyd policyd;
  const auto device = policyd.Device();
  std::set<std::string> acknowledged;
  std::mutex mutex;
  ASSERT_TRUE(device->Connect([&](const v1::ServiceMessage& message) {
    device->Learn(message);
    if (!message.has_result()) return;
    {
      const std::lock_guard lock(mutex);
      acknowledged.insert(message.result().evidence_digest());
    }
    if (message.result().verdict() == v1::AttestationResult::VERDICT_ACCEPTED) {
      device->SendEvidence(device->Sign(device->Draft({Edr(true)})));
    }
  }));
  device->SendEvidence(device->Sign(device->Draft({Edr(true)})));
  ASSERT_TRUE(Eventually([&] {
    const std::lock_guard lock(mutex);
    return acknowledged.size() >= 20;
  }));
  EXPECT_EQ(policyd.End(SIGKILL), 1000 + SIGKILL);
  ASSERT_TRUE(device->AwaitEnd());
  auto store = Store::Open(policyd.folder() + "/state/service.db");
  ASSERT_TRUE(store) << store.error().message;
  std::set<std::string> kept;
  const auto records = (*store)->KeptEvidence(device->id());
  ASSERT_TRUE(records);
  for (const EvidenceRecord& record : *records) {
    kept.insert(record.position.digest);
  }
  // The ring holds the newest; what was acknowledged is in it unless newer ones took its place.
  const std::lock_guard lock(mutex);
  if (acknowledged.size() <= Store::kEvidencePerDevice) {
    for (const std::string& digest : acknowledged) EXPECT_TRUE(kept.contains(digest));
  }
  EXPECT_GE(kept.size(), std::min<size_t>(acknowledged.size(), Store::kEvidencePerDevice));
}

TEST(Policyd, AfterSigkillAndStartADeviceGoesOnWhereItWas) {
  Policyd policyd;
  const auto device = policyd.Device();
  const auto before = device->Attest({Edr(false)});
  ASSERT_EQ(before->tier(), v1::TIER_QUARANTINE);
  policyd.End(SIGKILL);
  policyd.Start();
  ASSERT_TRUE(device->Connect());
  const auto after = device->Attest({Edr(false)});
  ASSERT_TRUE(after);
  EXPECT_EQ(after->verdict(), v1::AttestationResult::VERDICT_ACCEPTED) << after->reason();
  EXPECT_EQ(after->outcomes(0).since_ms(), before->outcomes(0).since_ms());
}

TEST(Policyd, OnSigtermSaysGoodbyeAndEndsWithZero) {
  Policyd policyd;
  const auto device = policyd.Device();
  ASSERT_TRUE(device->Attest({Edr(true)}));
  EXPECT_EQ(policyd.End(SIGTERM), 0);
  const auto goodbye = device->NextOf(v1::ServiceMessage::kGoodbye);
  ASSERT_TRUE(goodbye) << goodbye.error().message;
  EXPECT_EQ(goodbye->goodbye().reason(), "draining");
  EXPECT_NE(policyd.log().find("stopped"), std::string::npos);
}

TEST(Policyd, TakesOptionsFromAFile) {
  Policyd policyd;
  const auto device = policyd.Device();
  EXPECT_EQ(device->identity().record.name.trust_domain, "test.example");
  EXPECT_EQ(device->Attest({Edr(true)})->lease_ttl_ms(), 7u * 60'000);
}

TEST(Policyd, TellsSystemdWhenItIsReadyAndWhenItStops) {
  TempFolder folder;
  const std::string path = folder.path() + "/notify";
  const int notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(notify, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  {
    Policyd policyd;
    EXPECT_EQ(policyd.End(SIGTERM), 0);
  }
  unsetenv("NOTIFY_SOCKET");
  std::array<char, 64> said{};
  EXPECT_GT(recv(notify, said.data(), said.size() - 1, MSG_DONTWAIT), 0);
  EXPECT_STREQ(said.data(), "READY=1");
  said.fill(0);
  EXPECT_GT(recv(notify, said.data(), said.size() - 1, MSG_DONTWAIT), 0);
  EXPECT_STREQ(said.data(), "STOPPING=1");
  close(notify);
}

TEST(Policyd, KeepsItsAdminSocketToItsOwner) {
  Policyd policyd;
  struct stat info {};
  ASSERT_EQ(stat(policyd.ready("admin_socket").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(stat((policyd.folder() + "/state").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  ASSERT_EQ(stat((policyd.folder() + "/state/service.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(Policyd, LeavesTheModeOfASharedFolderThatHoldsItsAdminSocketAlone) {
  TempFolder shared;
  ASSERT_EQ(chmod(shared.path().c_str(), 0755), 0);
  Policyd policyd("admin-socket = \"" + shared.path() + "/admin.sock\"\n");
  struct stat info {};
  ASSERT_EQ(stat(shared.path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0755u);
  ASSERT_EQ(stat((shared.path() + "/admin.sock").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(Policyd, SaysWhatIsWrongWithItsOptionsAndEndsWithTwo) {
  TempFolder folder;
  const auto run = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {POLICYD, "--state",        folder.path(), "--policies",
                                      "p",     "--trust-domain", "test.example"};
    words.insert(words.end(), more.begin(), more.end());
    return Wait(Spawn(words, folder.path() + "/out", folder.path() + "/log"));
  };
  EXPECT_EQ(run({"--lease", "10"}), 2);
  EXPECT_NE(ReadFile(folder.path() + "/log").find("--lease"), std::string::npos);
  EXPECT_EQ(run({"--no-such-option"}), 2);
  EXPECT_EQ(run({"--beat-interval", "1ms"}), 2);
}

TEST(Ctl, ShowsDevicesVerdictsAndDecisionsForPeopleAndAsJson) {
  Policyd policyd;
  const auto device = policyd.Device();
  ASSERT_TRUE(device->Attest({Edr(true)}));
  ASSERT_TRUE(device->Attest({Edr(false)}));
  const auto list = nlohmann::json::parse(policyd.Ctl({"--json", "device", "list"}).out);
  EXPECT_EQ(list["schema"], "sallyport.devices/v1");
  ASSERT_EQ(list["devices"].size(), 1u);
  EXPECT_EQ(list["devices"][0]["device_id"], device->id());
  EXPECT_EQ(list["devices"][0]["hostname"], "test-host");
  EXPECT_EQ(list["devices"][0]["tier"], "quarantine");
  EXPECT_EQ(list["devices"][0]["connected"], true);
  const auto show =
      nlohmann::json::parse(policyd.Ctl({"device", "show", device->id(), "--json"}).out);
  EXPECT_EQ(show["schema"], "sallyport.device/v1");
  EXPECT_EQ(show["outcomes"][0]["policy"], "edr-running");
  EXPECT_EQ(show["outcomes"][0]["verdict"], "fail");
  ASSERT_EQ(show["decisions"].size(), 2u);
  EXPECT_EQ(show["decisions"][0]["from"], "full");
  EXPECT_EQ(show["decisions"][0]["to"], "quarantine");
  const auto text = policyd.Ctl({"device", "show", device->id()});
  EXPECT_EQ(text.code, 0);
  EXPECT_NE(text.out.find("full -> quarantine"), std::string::npos) << text.out;
}

TEST(Ctl, EndsWithTheCodeOfTheTableAndKeepsStdoutForData) {
  Policyd policyd;
  const auto unknown = policyd.Ctl({"device", "show", "d-nobody"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_EQ(unknown.out, "");
  EXPECT_EQ(unknown.err, "sallyportctl: device d-nobody: not enrolled\n");
  EXPECT_EQ(policyd.Ctl({"token", "create", "--role", "king"}).code, 2);
  EXPECT_EQ(policyd.Ctl({"token", "create", "--role", "device", "--ttl", "1"}).code, 2);
  EXPECT_EQ(policyd.Ctl({"token", "create", "--role", "gateway", "--name", "UPPER"}).code, 1);
  EXPECT_EQ(policyd.Ctl({"status"}).code, 0);
  WriteFile(policyd.folder() + "/bad.yml", "- name: a\n  query: SELECT 1 FROM nope;\n");
  const auto bad = policyd.Ctl({"policy", "apply", policyd.folder() + "/bad.yml"});
  EXPECT_EQ(bad.code, 1);
  EXPECT_NE(bad.err.find("nope"), std::string::npos) << bad.err;
  policyd.End(SIGKILL);
  EXPECT_EQ(policyd.Ctl({"status"}).code, 5);
}

TEST(Ctl, AnAppliedPolicyTakesEffectAndABadFileOnDiskShowsInTheStatus) {
  Policyd policyd;
  WriteFile(policyd.folder() + "/new.yml",
            "- name: kernel\n  query: SELECT 1 FROM kernel_info;\n  sallyport: {mode: block}\n");
  const auto applied = nlohmann::json::parse(
      policyd.Ctl({"--json", "policy", "apply", policyd.folder() + "/new.yml"}).out);
  EXPECT_EQ(applied["schema"], "sallyport.policy-applied/v1");
  auto status = nlohmann::json::parse(policyd.Ctl({"--json", "status"}).out);
  EXPECT_EQ(status["policy_set"], applied["policy_set"]);
  EXPECT_TRUE(status["policy_error"].is_null());
  WriteFile(policyd.folder() + "/p.yml", "- name: [\n");
  EXPECT_TRUE(Eventually([&] { return policyd.Ctl({"status"}).code == 1; }));
  status = nlohmann::json::parse(policyd.Ctl({"--json", "status"}).out);
  EXPECT_EQ(status["policy_set"], applied["policy_set"]);
  EXPECT_FALSE(status["policy_error"].is_null());
}

}  // namespace
}  // namespace sallyport
