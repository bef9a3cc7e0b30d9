// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <any>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "collectors/clamav_database.h"
#include "collectors/edr/product.h"
#include "collectors/edr/state.h"
#include "collectors/edr_products.h"
#include "collectors/processes.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

constexpr int64_t kNow = 1'800'000'000;
constexpr int64_t kHour = 3600;
constexpr int64_t kDay = 24 * kHour;
const Value kNone = std::monostate{};

FakeHost MachineAt(int64_t now_s) {
  FakeHost host;
  host.SetTime({.wall = std::chrono::seconds(now_s)});
  host.PutLink("/proc/self/ns/pid", "pid:[4026531836]");
  return host;
}

void PutProcess(FakeHost* host, int pid, const std::string& comm, const std::string& program,
                const std::string& cmdline = "", char state = 'S') {
  const std::string folder = "/proc/" + std::to_string(pid);
  host->Put(folder + "/comm", comm + "\n");
  host->Put(folder + "/stat", std::to_string(pid) + " (" + comm + ") " + state + " 1 1 1 0\n");
  host->Put(folder + "/cmdline", cmdline);
  host->PutLink(folder + "/exe", program);
  host->PutLink(folder + "/ns/pid", "pid:[4026531836]");
}

FileStat ModifiedAt(int64_t seconds) {
  FileStat stat;
  stat.modified_s = seconds;
  return stat;
}

std::string Header(int64_t built_s) {
  std::string out = "ClamAV-VDB:21 Nov 2026 03-24 -0500:27826:2077600:90:d41d8cd9:sig:raynman:" +
                    std::to_string(built_s);
  out.resize(512, ' ');
  return out + "\x1f\x8b zipped";
}

// Cells of one product by column; empty when it has no row.
std::map<std::string, Value> Product(const FakeHost& host, const std::string& name) {
  std::map<std::string, Value> out;
  const Result<Rows> rows = EdrProductsLinux(host, {});
  EXPECT_TRUE(rows) << rows.error().message;
  for (const Row& row : rows.value_or(Rows{})) {
    if (row[0] != Cell(name)) continue;
    for (size_t i = 0; i < row.size(); ++i) {
      out[std::string(kEdrProducts.columns[i].name)] = row[i];
    }
  }
  return out;
}

TEST(EdrProductsLinux, AClamdThatRunsWithItsOwnConfigurationAndDatabase) {
  FakeHost host = MachineAt(kNow);
  host.Put("/usr/sbin/clamd", "ELF");
  host.Put("/var/lib/dpkg/status",
           "Package: clamav\nStatus: install ok installed\nVersion: 9\n\n"
           "Package: clamav-daemon\nStatus: install ok installed\nVersion: 1.4.3+dfsg-1\n");
  PutProcess(&host, 412, "clamd", "/usr/sbin/clamd",
             std::string("/usr/sbin/clamd\0--foreground=true\0-c\0/demo/clamd.conf\0", 53));
  host.Put("/demo/clamd.conf", "# DatabaseDirectory /no\nDatabaseDirectory /demo/db\n");
  host.Put("/demo/db/own.hdb", "44d88612fea8a8f36de82e1278abb02f:68:Eicar\n",
           ModifiedAt(kNow - 3 * kDay - kHour));
  host.Put("/var/lib/clamav/daily.cvd", Header(kNow - 1));  // not this clamd's
  EXPECT_EQ(EdrProductsLinux(host, {}).value(),
            (Rows{{Cell("clamav"), Cell("Cisco Talos"), Cell("antivirus"), Cell(1), Cell(1),
                   Cell(0), Cell("running"), Cell(412), Cell("1.4.3+dfsg-1"), Cell(3),
                   Cell("/demo/db/own.hdb"), kNone, kNone, kNone, kNone, kNone}}));
}

TEST(EdrProductsLinux, AbsentIsNoRowAndInstalledButStoppedIsARow) {
  FakeHost host = MachineAt(kNow);
  host.PutDir("/proc");
  EXPECT_EQ(EdrProductsLinux(host, {}).value(), Rows{});

  host.Put("/usr/sbin/clamd", "ELF");
  host.Put("/var/lib/clamav/daily.cld", Header(kNow - 2 * kDay));
  auto row = Product(host, "clamav");
  EXPECT_EQ(row["present"], Cell(1));
  EXPECT_EQ(row["running"], Cell(0));
  EXPECT_EQ(row["enforcing"], Cell(0));
  EXPECT_EQ(row["state"], Cell("stopped"));
  EXPECT_EQ(row["pid"], kNone);
  EXPECT_EQ(row["signature_age_days"], Cell(2));
}

TEST(EdrProductsLinux, AZombieDoesNotRun) {
  FakeHost host = MachineAt(kNow);
  host.Put("/usr/sbin/clamd", "ELF");
  PutProcess(&host, 412, "clamd", "/usr/sbin/clamd", "", 'Z');
  EXPECT_EQ(Product(host, "clamav")["running"], Cell(0));
}

TEST(EdrProductsLinux, AnotherProgramOfThatNameIsNotTheProduct) {
  FakeHost host = MachineAt(kNow);
  PutProcess(&host, 400, "clamd", "/home/u/clamd");
  EXPECT_TRUE(Product(host, "clamav").empty());

  host.Put("/usr/sbin/clamd", "ELF");
  EXPECT_EQ(Product(host, "clamav")["running"], Cell(0));
  PutProcess(&host, 500, "clamd", "/usr/sbin/clamd (deleted)");  // upgraded while it runs
  EXPECT_EQ(Product(host, "clamav")["pid"], Cell(500));
}

TEST(EdrProductsLinux, AContainersClamdDoesNotGuardThisMachine) {
  FakeHost host = MachineAt(kNow);
  host.Put("/usr/sbin/clamd", "ELF");
  PutProcess(&host, 412, "clamd", "/usr/sbin/clamd");
  host.PutLink("/proc/412/ns/pid", "pid:[4026532999]");
  EXPECT_EQ(Product(host, "clamav")["running"], Cell(0));
}

TEST(EdrProductsLinux, AProcessThatMayNotBeSeenIsUnknown) {
  FakeHost host = MachineAt(kNow);
  host.Put("/usr/sbin/clamd", "ELF");
  PutProcess(&host, 412, "clamd", "/usr/sbin/clamd");
  host.Fail("/proc/412/exe", Code::kDenied);
  auto row = Product(host, "clamav");
  EXPECT_EQ(row["running"], Cell(Unknown{}));
  EXPECT_EQ(row["enforcing"], Cell(Unknown{}));
  EXPECT_EQ(row["state"], Cell(Unknown{}));
  EXPECT_EQ(row["pid"], Cell(Unknown{}));
}

TEST(EdrProductsLinux, ClamavEnforcesOnlyWithOnAccessPreventionAndItsScanner) {
  FakeHost host = MachineAt(kNow);
  host.Put("/usr/sbin/clamd", "ELF");
  PutProcess(&host, 412, "clamd", "/usr/sbin/clamd");
  PutProcess(&host, 413, "clamonacc", "/usr/sbin/clamonacc");
  host.Put("/etc/clamav/clamd.conf", "OnAccessPrevention no\n");
  EXPECT_EQ(Product(host, "clamav")["enforcing"], Cell(0));
  EXPECT_EQ(Product(host, "clamav")["enforcing_pid"], Cell(413));
  host.Put("/etc/clamav/clamd.conf", "OnAccessPrevention yes\n");
  EXPECT_EQ(Product(host, "clamav")["enforcing"], Cell(1));
  EXPECT_EQ(Product(host, "clamav")["state"], Cell("enforcing"));
  host.Fail("/etc/clamav/clamd.conf", Code::kDenied);
  EXPECT_EQ(Product(host, "clamav")["enforcing"], Cell(Unknown{}));
  EXPECT_EQ(Product(host, "clamav")["signature_age_days"], Cell(Unknown{}));
}

TEST(EdrProductsLinux, AuditdEnforcesWhenTheKernelSaysThatAuditIsEnabled) {
  FakeHost host = MachineAt(kNow);
  host.Put("/sbin/auditd", "ELF");
  PutProcess(&host, 77, "auditd", "/usr/sbin/auditd");
  const std::vector<std::string> command = {"/usr/sbin/auditctl", "-s"};
  host.PutCommand(command, {0, "enabled 1\nfailure 1\npid 77\n", ""});
  EXPECT_EQ(Product(host, "auditd")["enforcing"], Cell(1));
  host.PutCommand(command, {0, "enabled 2\n", ""});
  EXPECT_EQ(Product(host, "auditd")["enforcing"], Cell(1));
  host.PutCommand(command, {0, "enabled 0\n", ""});
  EXPECT_EQ(Product(host, "auditd")["enforcing"], Cell(0));
  EXPECT_EQ(Product(host, "auditd")["state"], Cell("running"));
  host.PutCommand(command, {4, "", "You must be root to run this program.\n"});
  EXPECT_EQ(Product(host, "auditd")["enforcing"], Cell(Unknown{}));
  host.FailCommand(command, Code::kDenied);
  EXPECT_EQ(Product(host, "auditd")["enforcing"], Cell(Unknown{}));
  EXPECT_EQ(Product(host, "auditd")["signature_age_days"], kNone);
}

TEST(EdrProductsLinux, TheUnitsStateIsWhatSystemdSaysAndNullWithoutABus) {
  FakeHost host = MachineAt(kNow);
  host.Put("/sbin/auditd", "ELF");
  host.PutDir("/proc");
  EXPECT_EQ(Product(host, "auditd")["unit_state"], kNone);
  host.PutDbus({"org.freedesktop.systemd1", "/org/freedesktop/systemd1/unit/auditd_2eservice",
                "org.freedesktop.systemd1.Unit", "ActiveState"},
               Cell("failed"));
  EXPECT_EQ(Product(host, "auditd")["unit_state"], Cell("failed"));
}

TEST(EdrProductsLinux, ProcThatCannotBeListedIsAnError) {
  FakeHost host = MachineAt(kNow);
  host.Fail("/proc", Code::kDenied);
  EXPECT_EQ(EdrProductsLinux(host, {}).error().code, Code::kDenied);
}

TEST(EdrProductsLinux, TheProbeChangesWhenAProcessComesOrGoesAndOnlyThen) {
  FakeHost host = MachineAt(kNow);
  std::any memory;
  PutProcess(&host, 1, "systemd", "/usr/lib/systemd/systemd");
  const std::string before = EdrProcessesLinux(host, &memory);
  PutProcess(&host, 2, "bash", "/usr/bin/bash");
  EXPECT_EQ(EdrProcessesLinux(host, &memory), before);
  PutProcess(&host, 412, "clamd", "/usr/sbin/clamd");
  EXPECT_EQ(EdrProcessesLinux(host, &memory), "412 clamd\n");
  EXPECT_EQ(EdrProcessesLinux(host, &memory), "412 clamd\n");
  host.Fail("/proc", Code::kDenied);
  EXPECT_EQ(EdrProcessesLinux(host, &memory), "error: denied");
}

// What the table says after an exit, by the fast way and by the whole read.
void ExpectAsWhole(const FakeHost& host, const Rows& before, std::any* memory, const Rows& whole) {
  EXPECT_EQ(EdrAfterExitLinux(host, before, memory).value(), whole);
  EXPECT_EQ(EdrProductsLinux(host, {}).value(), whole);
}

TEST(EdrAfterExitLinux, SaysWhatTheWholeReadSaysOfAProcessThatEnded) {
  FakeHost host = MachineAt(kNow);
  host.Put("/usr/sbin/clamd", "ELF");
  host.Put("/etc/clamav/clamd.conf", "OnAccessPrevention yes\n");
  host.Put("/var/lib/clamav/daily.cvd", Header(kNow - kDay));
  PutProcess(&host, 412, "clamd", "/usr/sbin/clamd");
  PutProcess(&host, 413, "clamonacc", "/usr/sbin/clamonacc");
  std::any memory;
  EdrProcessesLinux(host, &memory);
  const auto row = [](int running, const char* state, Value pid, Value companion) {
    return Rows{{Cell("clamav"), Cell("Cisco Talos"), Cell("antivirus"), Cell(1), Cell(running),
                 Cell(std::string(state) == "enforcing"), Cell(state), pid, kNone, Cell(1),
                 Cell("/var/lib/clamav/daily.cvd"), kNone, companion, kNone, kNone, kNone}};
  };
  const Rows both = row(1, "enforcing", Cell(412), Cell(413));
  ExpectAsWhole(host, both, &memory, both);  // another's exit

  PutProcess(&host, 413, "clamonacc", "/usr/sbin/clamonacc", "", 'Z');
  const Rows alone = row(1, "running", Cell(412), kNone);
  ExpectAsWhole(host, both, &memory, alone);

  PutProcess(&host, 412, "clamd", "/usr/sbin/clamd", "", 'Z');
  ExpectAsWhole(host, alone, &memory, row(0, "stopped", kNone, kNone));

  // It went on in a child: daemon(3).
  PutProcess(&host, 500, "clamd", "/usr/sbin/clamd");
  ExpectAsWhole(host, alone, &memory, row(1, "running", Cell(500), kNone));
}

TEST(EdrAfterExitLinux, AProductThatOnlyRanIsGoneAndAnotherOnesRowIsNotTouched) {
  FakeHost host = MachineAt(kNow);
  PutProcess(&host, 412, "clamd", "/usr/sbin/clamd (deleted)", "", 'Z');
  PutProcess(&host, 77, "auditd", "/usr/sbin/auditd");
  const Row clamav = {Cell("clamav"),
                      Cell("Cisco Talos"),
                      Cell("antivirus"),
                      Cell(0),
                      Cell(1),
                      Cell(0),
                      Cell("running"),
                      Cell(412),
                      kNone,
                      kNone,
                      kNone,
                      kNone,
                      kNone,
                      kNone,
                      kNone,
                      kNone};
  // Its command is not asked again, so its cells stay as they were.
  const Row auditd = {Cell("auditd"), Cell("Linux Audit"), Cell("audit"), Cell(1), Cell(1),
                      Cell(1),        Cell("enforcing"),   Cell(77),      kNone,   kNone,
                      kNone,          Cell("active"),      kNone,         kNone,   kNone,
                      kNone};
  std::any memory;
  EXPECT_EQ(EdrAfterExitLinux(host, {clamav, auditd}, &memory).value(), Rows{auditd});
  host.Fail("/proc", Code::kDenied);
  EXPECT_EQ(EdrAfterExitLinux(host, {clamav, auditd}, &memory).error().code, Code::kDenied);
}

TEST(Processes, ALookAgainAsksOnlyTheYoungAndTheNamedForTheirName) {
  FakeHost host;
  const std::string_view names[] = {"clamd"};
  const auto look_again = [&](ProcessLook* look) { return LookAgain(host, names, look).value(); };
  using Named = std::vector<NamedProcess>;
  PutProcess(&host, 1, "systemd", "/usr/lib/systemd/systemd");
  PutProcess(&host, 7, "sh", "/bin/sh");
  ProcessLook look;
  EXPECT_EQ(look_again(&look), Named{});
  PutProcess(&host, 7, "clamd", "/usr/sbin/clamd");  // execve(2), right after its fork(2)
  EXPECT_EQ(look_again(&look), (Named{{7, "clamd"}}));
  EXPECT_EQ(look_again(&look), (Named{{7, "clamd"}}));
  PutProcess(&host, 7, "sh", "/bin/sh");
  EXPECT_EQ(look_again(&look), Named{});
  PutProcess(&host, 1, "clamd", "/usr/sbin/clamd");  // too late: only the whole walk sees it
  EXPECT_EQ(look_again(&look), Named{});
  EXPECT_EQ(ProcessesNamed(host, names).value(), (Named{{1, "clamd"}}));
}

TEST(EdrProductsLinux, EveryProgramAndUnitOfAProductIsATrigger) {
  const auto has = [](Trigger::Kind kind, std::string_view what) {
    return std::ranges::any_of(kEdrProductsLinuxTriggers, [&](const Trigger& trigger) {
      return trigger.kind == kind && trigger.what == what;
    });
  };
  for (const EdrProduct& product : EdrProductsOfLinux()) {
    EXPECT_TRUE(has(Trigger::Kind::kUnit, product.unit)) << product.name;
    for (const ProcessMark& mark : {product.process, product.enforcing.companion}) {
      for (std::string_view program : mark.programs) {
        EXPECT_TRUE(has(Trigger::Kind::kProgram, program)) << program;
      }
    }
  }
}

TEST(ClamavDatabase, TheDailyDatabaseCountsByItsBuildTimeAndNothingTouchedHidesItsAge) {
  FakeHost host;
  host.Put("/db/daily.cld", Header(1000), ModifiedAt(9000));
  host.Put("/db/main.cvd", Header(500), ModifiedAt(9000));
  host.Put("/db/touched.hdb", "x", ModifiedAt(9999));
  EXPECT_EQ(NewestClamavSignatures(host, "/db").value(), (NewestSignatures{"/db/daily.cld", 1000}));
  host.Remove("/db/daily.cld");
  EXPECT_EQ(NewestClamavSignatures(host, "/db").value(),
            (NewestSignatures{"/db/touched.hdb", 9999}));
}

TEST(ClamavDatabase, NoDatabaseIsNoneAndABrokenHeaderIsAnError) {
  FakeHost host;
  EXPECT_EQ(NewestClamavSignatures(host, "/db").value(), std::nullopt);
  host.Put("/db/freshclam.dat", "x");
  host.Put("/db/local.fp", "an exception");
  EXPECT_EQ(NewestClamavSignatures(host, "/db").value(), std::nullopt);
  host.Put("/db/daily.cvd", "ClamAV-VDB:21 Nov 2026 03-24 -0500:27826");
  EXPECT_EQ(NewestClamavSignatures(host, "/db").error().code, Code::kMalformed);
}

TEST(ClamavDatabase, SignaturesFromTheFutureHaveNoKnownAge) {
  FakeHost host = MachineAt(kNow);
  host.PutDir("/proc");
  host.Put("/usr/sbin/clamd", "ELF");
  host.Put("/var/lib/clamav/daily.cvd", Header(kNow + 2 * kHour));
  EXPECT_EQ(Product(host, "clamav")["signature_age_days"], Cell(Unknown{}));
  host.Put("/var/lib/clamav/daily.cvd", Header(kNow + 60));
  EXPECT_EQ(Product(host, "clamav")["signature_age_days"], Cell(0));
}

// A product by its unit, as systemd and its own command show it.
class Managed {
 public:
  Managed() : host(MachineAt(kNow)) { host.PutDir("/proc"); }
  void Unit(const std::string& object, const std::string& state, int64_t pid) {
    const std::string path = "/org/freedesktop/systemd1/unit/" + object;
    host.PutDbus({"org.freedesktop.systemd1", path, "org.freedesktop.systemd1.Unit", "ActiveState"},
                 Cell(state));
    host.PutDbus({"org.freedesktop.systemd1", path, "org.freedesktop.systemd1.Service", "MainPID"},
                 Cell(pid));
  }
  FakeHost host;
};

const std::vector<std::string> kFalconctl = {"/opt/CrowdStrike/falconctl", "-g", "--aid",
                                             "--rfm-state"};

TEST(EdrProductsLinux, AFalconInReducedFunctionalityModeIsThereAndDoesNotProtect) {
  Managed m;
  m.host.Put("/opt/CrowdStrike/falconctl", "ELF");
  m.Unit("falcon_2dsensor_2eservice", "active", 700);
  PutProcess(&m.host, 700, "falcond", "/opt/CrowdStrike/falcond");
  const auto falcon = [&m](const std::string& says) {
    m.host.PutCommand(kFalconctl, {0, says, ""});
    auto row = Product(m.host, "crowdstrike_falcon");
    return std::vector<Value>{row["state"], row["enforcing"], row["mode"], row["degraded"]};
  };
  EXPECT_EQ(falcon("aid=\"1f2e3d4c\", rfm-state=false.\n"),
            (std::vector<Value>{Cell("enforcing"), Cell(1), Cell("rfm-state=false"), Cell(0)}));
  EXPECT_EQ(falcon("aid=\"1f2e3d4c\", rfm-state=true.\n"),
            (std::vector<Value>{Cell("degraded"), Cell(0), Cell("rfm-state=true"), Cell(1)}));
  // Not registered with anybody.
  EXPECT_EQ(falcon("aid is not set, rfm-state=false.\n"),
            (std::vector<Value>{Cell("degraded"), Cell(0), Cell("rfm-state=false"), Cell(1)}));
  EXPECT_EQ(falcon("something else\n"), (std::vector<Value>{Cell(Unknown{}), Cell(Unknown{}),
                                                            Cell(Unknown{}), Cell(Unknown{})}));
  m.host.FailCommand(kFalconctl, Code::kTimeout);
  EXPECT_EQ(Product(m.host, "crowdstrike_falcon")["enforcing"], Cell(Unknown{}));
}

TEST(EdrProductsLinux, DefenderThatIsPassiveUnlicensedOrWithoutRealTimeProtectionDoesNotEnforce) {
  Managed m;
  m.host.Put("/opt/microsoft/mdatp/sbin/wdavdaemon", "ELF");
  m.Unit("mdatp_2eservice", "active", 900);
  PutProcess(&m.host, 900, "wdavdaemon", "/opt/microsoft/mdatp/sbin/wdavdaemon");
  const auto enforcing = [&m](const char* licensed, const char* real_time, const char* passive) {
    m.host.PutCommand({"/usr/bin/mdatp", "health"},
                      {0,
                       std::string("healthy                      : true\n") +
                           "licensed                     : " + licensed + "\n" +
                           "real_time_protection_enabled : " + real_time + "\n" +
                           "passive_mode_enabled         : " + passive + "\n" +
                           "tamper_protection            : \"block\"\n",
                       ""});
    return Product(m.host, "defender_endpoint");
  };
  EXPECT_EQ(enforcing("true", "true [managed]", "false")["enforcing"], Cell(1));
  EXPECT_EQ(enforcing("true", "true", "false")["tamper_protection"], Cell(1));
  EXPECT_EQ(enforcing("true", "true", "true")["enforcing"], Cell(0));
  EXPECT_EQ(enforcing("true", "true", "true")["degraded"], Cell(1));
  EXPECT_EQ(enforcing("true", "false", "false")["enforcing"], Cell(0));
  EXPECT_EQ(enforcing("false", "true", "false")["enforcing"], Cell(0));
  EXPECT_EQ(enforcing("true", "false", "false")["state"], Cell("degraded"));
  EXPECT_EQ(enforcing("true", "true", "false")["state"], Cell("enforcing"));
  EXPECT_EQ(enforcing("true", "?", "false")["state"], Cell("degraded"));
}

TEST(EdrProductsLinux, ItsStateIsTheWorstThatIsKnownAndUnknownWhereItWasAskedInVain) {
  const Value no = Cell(0), yes = Cell(1), none = std::monostate{}, unknown = Unknown{};
  EXPECT_EQ(EdrState(no, no, none, true), Cell("stopped"));
  EXPECT_EQ(EdrState(unknown, unknown, unknown, true), unknown);
  EXPECT_EQ(EdrState(none, unknown, none, false), none);
  EXPECT_EQ(EdrState(yes, yes, no, true), Cell("enforcing"));
  EXPECT_EQ(EdrState(yes, yes, yes, true), Cell("degraded"));
  EXPECT_EQ(EdrState(yes, yes, unknown, true), Cell("enforcing"));
  EXPECT_EQ(EdrState(yes, no, no, true), Cell("running"));
  EXPECT_EQ(EdrState(yes, no, none, true), Cell("running"));
  EXPECT_EQ(EdrState(yes, unknown, none, true), Cell("running"));
  EXPECT_EQ(EdrState(yes, unknown, unknown, true), unknown);
  EXPECT_EQ(EdrState(yes, unknown, unknown, false), Cell("running"));
}

TEST(EdrProductsLinux, AProductIsRunningAsItsUnitAndTheUnitsProcessSay) {
  Managed m;
  m.host.Put("/opt/sentinelone/bin/sentinelctl", "ELF");
  const auto running = [&m] { return Product(m.host, "sentinelone")["running"]; };
  EXPECT_EQ(running(), Cell(Unknown{}));  // no bus
  m.Unit("sentinelone_2eservice", "failed", 0);
  EXPECT_EQ(running(), Cell(0));
  m.Unit("sentinelone_2eservice", "active", 800);
  EXPECT_EQ(running(), Cell(0));  // killed, and systemd does not know yet
  PutProcess(&m.host, 800, "s1-agent", "/opt/sentinelone/bin/sentinelone-agent");
  EXPECT_EQ(running(), Cell(1));
  EXPECT_EQ(Product(m.host, "sentinelone")["pid"], Cell(800));
  EXPECT_EQ(Product(m.host, "sentinelone")["enforcing"], Cell(Unknown{}));
  PutProcess(&m.host, 800, "s1-agent", "/opt/sentinelone/bin/sentinelone-agent", "", 'Z');
  EXPECT_EQ(running(), Cell(0));
}

TEST(EdrProductsLinux, AnExitIsSeenOfAProductThatItsUnitTellsOf) {
  Managed m;
  m.host.Put("/opt/sentinelone/bin/sentinelctl", "ELF");
  m.Unit("sentinelone_2eservice", "active", 800);
  PutProcess(&m.host, 800, "s1-agent", "/opt/sentinelone/bin/sentinelone-agent");
  const Rows before = EdrProductsLinux(m.host, {}).value();
  m.Unit("sentinelone_2eservice", "inactive", 0);
  std::any memory;
  const Rows after = EdrAfterExitLinux(m.host, before, &memory).value();
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(after[0][static_cast<size_t>(kEdrProducts.IndexOf("state"))], Cell("stopped"));
}

TEST(EdrProductsLinux, AWazuhAgentThatReachesNobodyRecordsForNobody) {
  Managed m;
  m.host.Put("/var/ossec/bin/wazuh-agentd", "ELF");
  m.Unit("wazuh_2dagent_2eservice", "active", 600);
  PutProcess(&m.host, 600, "wazuh-agentd", "/var/ossec/bin/wazuh-agentd");
  EXPECT_EQ(Product(m.host, "wazuh")["enforcing"], Cell(Unknown{}));
  m.host.Put("/var/ossec/var/run/wazuh-agentd.state",
             "# State file for wazuh-agentd\n# - pending: status='connected'\n"
             "status='connected'\nlast_keepalive='2026-11-23 10:00:00'\n");
  EXPECT_EQ(Product(m.host, "wazuh")["enforcing"], Cell(1));
  m.host.Put("/var/ossec/var/run/wazuh-agentd.state", "status='pending'\n");
  EXPECT_EQ(Product(m.host, "wazuh")["enforcing"], Cell(0));
}

TEST(EdrProductsLinux, AtLeastTenProductsAreKnownEachOnce) {
  std::set<std::string_view> names;
  for (const EdrProduct& product : EdrProductsOfLinux()) {
    EXPECT_TRUE(names.insert(product.name).second) << product.name;
    EXPECT_FALSE(product.files.empty()) << product.name;
  }
  EXPECT_GE(names.size(), 10u);
}

TEST(Processes, AStateIsReadBehindTheLastBracketOfAnyName) {
  EXPECT_EQ(ParseProcessState("9 (a) Z (b) R 1 1"), 'R');
  EXPECT_EQ(ParseProcessState("9 (x) Z 1"), 'Z');
  EXPECT_EQ(ParseProcessState("9 (x)"), std::nullopt);
  EXPECT_EQ(ParseProcessState(""), std::nullopt);
}

TEST(EdrProductsLinux, TheConfigurationIsFoundInEveryFormOfTheArgument) {
  const std::string forms[] = {std::string("clamd\0-c\0d.conf\0", 16),
                               std::string("clamd\0-cd.conf\0", 15),
                               std::string("clamd\0--config-file\0d.conf\0", 27),
                               std::string("clamd\0--config-file=d.conf\0", 27)};
  for (const std::string& form : forms) {
    FakeHost host = MachineAt(kNow);
    PutProcess(&host, 412, "clamd", "/usr/sbin/clamd", form);
    host.PutLink("/proc/412/cwd", "/etc");
    host.Put("/etc/d.conf", "DatabaseDirectory \"/d b\"\n");
    host.Put("/d b/a.ndb", "x", ModifiedAt(kNow - 5));
    EXPECT_EQ(Product(host, "clamav")["signature_source"], Cell("/d b/a.ndb"));
    EXPECT_EQ(Product(host, "clamav")["present"], Cell(0));  // its program was removed
  }
}

}  // namespace
}  // namespace sallyport
