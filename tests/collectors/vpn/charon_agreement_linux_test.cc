// SPDX-License-Identifier: Apache-2.0
// charon loads configurations and logs what it made of them; the tables say the same of the same
// text. Every word of charon's proposals stands in every place, in IKE, ESP and AH.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string_view>

#include "base/text.h"
#include "collectors/vpn/algorithms.h"
#include "collectors/vpn_connections.h"
#include "collectors/vpn_proposals.h"
#include "platform/fd_posix.h"
#include "tests/collectors/vpn/shown.h"

namespace sallyport {
namespace {

namespace fs = std::filesystem;

constexpr char kStart[] = "/etc/swanctl/swanctl.conf";

std::string Slurp(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A charon without network, that only loads.
class Charon {
 public:
  explicit Charon(fs::path folder) : folder_(std::move(folder)) {
    std::ofstream(folder_ / "strongswan.conf")
        << "charon-systemd {\n  load_modular = yes\n  journal { default = -1 }\n"
        << "  filelog { log { path = " << (folder_ / "log").string()
        << "\n default = 1\n cfg = 2\n flush_line = yes } }\n"
        << "  plugins {\n    include /etc/strongswan.d/charon/*.conf\n"
        << "    vici { socket = unix://" << Socket() << "\n } }\n}\n";
    setenv("STRONGSWAN_CONF", (folder_ / "strongswan.conf").c_str(), 1);
    const Fd notices = NoticeSocket(folder_ / "notices");
    setenv("NOTIFY_SOCKET", (folder_ / "notices").c_str(), 1);
    pid_ = fork();
    if (pid_ == 0) {
      if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)) _exit(126);
      execl("/usr/bin/unshare", "unshare", "-n", "/usr/sbin/charon-systemd", nullptr);
      _exit(127);
    }
    unsetenv("NOTIFY_SOCKET");
    ready_ = AwaitReady(notices.get());
  }
  ~Charon() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }

  bool ready() const { return ready_; }

  // The connections that it refused.
  std::set<std::string> Load(const std::string& text) {
    std::ofstream(folder_ / "swanctl.conf") << text;
    Swanctl("--load-conns --file " + (folder_ / "swanctl.conf").string());
    std::set<std::string> refused;
    for (const std::string& name : Between("loading connection '", "' failed")) {
      refused.insert(name);
    }
    return refused;
  }

  // "connection|phase|child": "IKE:AES_CBC_128/..."
  std::map<std::string, std::string> Loaded() const {
    std::map<std::string, std::string> out;
    std::string connection;
    std::string child;
    const std::string log = Slurp(folder_ / "log");
    for (std::string_view line : Lines(log)) {
      if (const size_t at = line.find("]  conn "); at != line.npos) {
        connection = line.substr(at + 8, line.size() - at - 9);
      } else if (const size_t c = line.find("]   child "); c != line.npos) {
        child = line.substr(c + 10, line.size() - c - 11);
      } else if (const size_t p = line.find(" proposals = "); p != line.npos) {
        const std::string text(line.substr(p + 13));
        const bool ike = text.starts_with("IKE");
        out[connection + "|" +
            (ike                      ? "ike|"
             : text.starts_with("AH") ? "ah|"
                                      : "esp|") +
            (ike ? "null" : child)] = text;
      }
    }
    return out;
  }

 private:
  std::string Socket() const { return (folder_ / "vici").string(); }
  // Where sd_notify(3) says that it has started.
  static Fd NoticeSocket(const fs::path& path) {
    Fd socket_fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
    const timeval limit{20, 0};
    setsockopt(socket_fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (bind(socket_fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      return {};
    return socket_fd;
  }
  static bool AwaitReady(int socket_fd) {
    for (;;) {
      char notice[4096];
      const ssize_t size = recv(socket_fd, notice, sizeof notice, 0);
      if (size < 0) return false;
      if (std::string_view(notice, static_cast<size_t>(size)).find("READY=1") !=
          std::string_view::npos) {
        return true;
      }
    }
  }
  int Swanctl(const std::string& arguments) const {
    const std::string command = "swanctl " + arguments + " --uri unix://" + Socket() + " > " +
                                (folder_ / "out").string() + " 2>&1";
    return std::system(command.c_str());
  }
  std::vector<std::string> Between(const std::string& before, const std::string& after) const {
    std::vector<std::string> out;
    const std::string text = Slurp(folder_ / "out");
    for (size_t at = text.find(before); at != text.npos; at = text.find(before, at + 1)) {
      const size_t from = at + before.size();
      out.push_back(text.substr(from, text.find(after, from) - from));
    }
    return out;
  }

  fs::path folder_;
  pid_t pid_ = -1;
  bool ready_ = false;
};

class CharonAgreement : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(fs::exists("/usr/sbin/charon-systemd"));
    ASSERT_EQ(geteuid(), 0u) << "a namespace is made";
    std::string name = (fs::temp_directory_path() / "charon-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    charon_ = std::make_unique<Charon>(folder_);
    ASSERT_TRUE(charon_->ready());
  }
  void TearDown() override {
    charon_.reset();
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  fs::path folder_;
  std::unique_ptr<Charon> charon_;
};

// The sequence numbers of ESP and AH are no row of the table.
std::string WithoutSequence(const std::string& text) {
  std::string out;
  for (std::string_view proposal : Split(text, ',')) {
    const size_t colon = proposal.find(':');
    std::string words;
    for (std::string_view word : Split(proposal.substr(colon + 1), '/')) {
      if (word.ends_with("EXT_SEQ")) continue;
      words += (words.empty() ? "" : "/") + std::string(word);
    }
    out += (out.empty() ? "" : ", ") + std::string(Trim(proposal.substr(0, colon))) + ":" + words;
  }
  return out;
}

std::map<std::string, std::string> OurProposals(const FakeHost& host) {
  std::map<std::string, std::string> out;
  std::map<std::string, std::string> number;
  for (const std::string& line :
       Shown(host, kVpnProposals, VpnProposalsLinux,
             {"connection", "phase", "child", "proposal", "algorithm", "kind"})) {
    const auto cells = Split(line, '|');
    // The row of ESP without integrity tells of what is not there.
    if (cells.at(4) == "none" && cells.at(5) == "integrity") continue;
    const std::string key =
        Join({std::string(cells.at(0)), std::string(cells.at(1)), std::string(cells.at(2))}, "|");
    std::string& text = out[key];
    const auto algorithm = FindAlgorithm(cells.at(4));
    if (number[key] != cells.at(3)) {
      const std::string begin = cells[1] == "ike" ? "IKE:" : cells[1] == "ah" ? "AH:" : "ESP:";
      text += (text.empty() ? "" : ", ") + begin;
      number[key] = cells.at(3);
    } else {
      text += "/";
    }
    text += algorithm ? std::string(algorithm->transform) : "?";
  }
  return out;
}

void ExpectAgreement(Charon* charon, const std::string& text, size_t at_least) {
  FakeHost host;
  host.Put(kStart, text);
  const std::set<std::string> refused = charon->Load(text);
  const auto loaded = charon->Loaded();
  const auto ours = OurProposals(host);
  size_t compared = 0;
  for (const std::string& line :
       Shown(host, kVpnConnections, VpnConnectionsLinux, {"name", "problem"})) {
    const std::string name = line.substr(0, line.find('|'));
    EXPECT_EQ(refused.contains(name), !line.ends_with("|null")) << line;
    ++compared;
  }
  for (const auto& [key, what] : loaded) {
    if (refused.contains(key.substr(0, key.find('|')))) continue;
    // GMAC in AH: we show the word, charon logs AES_128_GMAC beside others and nothing alone.
    if (key.find("gmac|ah") != key.npos) continue;
    const auto mine = ours.find(key);
    EXPECT_EQ(mine == ours.end() ? "" : mine->second, WithoutSequence(what)) << key;
    ++compared;
  }
  EXPECT_GE(compared, at_least);
}

std::string Ike(const std::string& name, const std::string& list) {
  return " " + name + " { proposals = " + list + "\n }\n";
}

std::string Child(const std::string& name, const std::string& key, const std::string& list) {
  return " " + name + " { children { c { " + key + " = " + list + "\n } } }\n";
}

TEST_F(CharonAgreement, EveryWordInEveryPlace) {
  std::string text = "connections {\n";
  std::ifstream words(SALLYPORT_SOURCE_DIR "/collectors/vpn/algorithm_words.cc");
  size_t count = 0;
  for (std::string line; std::getline(words, line);) {
    if (!line.starts_with("    {\"")) continue;
    const std::string word = line.substr(6, line.find('"', 6) - 6);
    const std::string end = "-" + word;
    ++count;
    text +=
        Ike("i1" + end, word + "-sha256-modp2048") + Ike("i2" + end, "aes128" + end + "-ecp256") +
        Ike("i3" + end, "aes128-sha256" + end) + Ike("i4" + end, "aes128-sha1-x25519" + end) +
        Ike("i5" + end, word + "-modp2048") + Ike("i6" + end, word + "-prfsha1-ecp384") +
        Ike("i7" + end, "aes256gcm16-prfsha256" + end) + Child("e1" + end, "esp_proposals", word) +
        Child("e2" + end, "esp_proposals", word + "-sha256") +
        Child("e3" + end, "esp_proposals", "aes128" + end) +
        Child("e4" + end, "esp_proposals", "aes256gcm16" + end + ", default") +
        Child("a1" + end, "ah_proposals", word) + Child("a2" + end, "ah_proposals", "sha256" + end);
  }
  EXPECT_GT(count, 150u);
  ExpectAgreement(charon_.get(), text + "}\n", count * 15);
}

TEST_F(CharonAgreement, DefaultsInheritanceOverridesAndSpelling) {
  ExpectAgreement(
      charon_.get(),
      "base { weak { proposals = 3des-md5-modp768\n version = 1\n children { c { mode = transport\n"
      "  esp_proposals = des-md5\n } } } }\n"
      "connections {\n nothing { children { c { } } }\n inherits : base.weak { }\n"
      " overrides : base.weak { proposals = aes256-sha512-ecp521\n children { c { esp_proposals = "
      "aes128gcm16 \n} } }\n"
      " cleared : base.weak { proposals =\n }\n"
      " default-last { proposals = aes128-sha256-modp2048, default\n }\n"
      " default-first { proposals = default,aes128-sha256-modp2048\n }\n"
      " upper { proposals = AES128-SHA256-MODP2048\n }\n upper-default { proposals = DEFAULT\n }\n"
      " quoted { proposals = \"aes128-sha256-modp2048 , 3des-sha1-modp1024\"\n }\n"
      " empty-part { proposals = aes128-sha256-modp2048,,\n }\n"
      " two-groups { proposals = aes128-aes256-sha256-sha1-modp2048-modp1024\n }\n"
      " nonsense { proposals = aes128-rot13-modp2048\n }\n"
      " unknown-key { whatever = 1\n }\n unknown-child-key { children { c { foo = 1\n } } }\n"
      " unknown-auth-key { local { foo = 1\n } }\n"
      " ah { children { c { ah_proposals = sha256-modp2048\n } } }\n"
      " ah-default { children { c { ah_proposals = default\n } } }\n"
      " twice { proposals = 3des-sha1-modp1024\n proposals = aes256-sha256-ecp256\n }\n"
      " reopened { version = 2\n }\n reopened { proposals = aes256-sha256-ecp256\n }\n"
      "}\n",
      35);
}

}  // namespace
}  // namespace sallyport
