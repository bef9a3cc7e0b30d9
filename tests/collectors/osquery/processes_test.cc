// SPDX-License-Identifier: Apache-2.0
// processes, listening_ports, systemd_units, startup_items.
#include <gtest/gtest.h>

#include "collectors/osquery/linux_tables.h"
#include "tests/collectors/osquery/shown.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

// Fields 3 to 22 and further of proc_pid_stat(5) behind a name of the test's own.
std::string StatOf(const std::string& pid, const std::string& name) {
  return pid + " (" + name +
         ") S 1 412 412 0 -1 4194560 100 0 0 0 250 40 0 0 20 -5 3 0 1200 1000 50 1 1 1 0\n";
}

constexpr char kStatusFile[] =
    "Name:\tsshd\nUid:\t1000\t1001\t1002\t1003\nGid:\t100\t101\t102\t103\n"
    "VmSize:\t   2048 kB\nVmRSS:\t    1024 kB\n";

FakeHost OneProcess() {
  FakeHost host;
  host.Put("/proc/stat", "cpu 1 2 3\nbtime 1763900000\n");
  host.Put("/proc/412/stat", StatOf("412", "a) (b) c"));
  host.Put("/proc/412/status", kStatusFile);
  host.Put("/proc/412/cmdline", std::string("/usr/sbin/sshd\0-D\0\0", 19));
  host.Put("/proc/412/io",
           "rchar: 1\nread_bytes: 8192\nwrite_bytes: 4096\n"
           "cancelled_write_bytes: 96\n");
  host.Put("/proc/412/cgroup",
           "4:cpu:/x\n1:name=systemd:/system.slice/old\n0::/system.slice/a:b.service\n");
  host.PutLink("/proc/412/exe", "/usr/sbin/sshd");
  host.PutLink("/proc/412/cwd", "/");
  host.PutLink("/proc/412/root", "/");
  host.Put("/usr/sbin/sshd", "ELF");
  return host;
}

TEST(Processes, ANameWithParenthesesAndBlanksDoesNotShiftTheFieldsBehindIt) {
  const FakeHost host = OneProcess();
  EXPECT_EQ(Shown(kProcesses, ProcessesLinux(host, {})),
            "pid=412 name=a) (b) c path=/usr/sbin/sshd cmdline=/usr/sbin/sshd -D state=S cwd=/ "
            "root=/ uid=1000 gid=100 euid=1001 egid=101 suid=1002 sgid=102 on_disk=1 wired_size=0 "
            "resident_size=1048576 total_size=2097152 user_time=2500 system_time=400 "
            "disk_bytes_read=8192 disk_bytes_written=4000 start_time=1763900012 parent=1 "
            "pgroup=412 threads=3 nice=-5 cgroup_path=/system.slice/a:b.service\n");
}

Rows Cells(const FakeHost& host, std::initializer_list<const char*> columns) {
  Rows out;
  const Rows rows = ProcessesLinux(host, {}).value();
  for (const Row& row : rows) {
    Row& kept = out.emplace_back();
    for (const char* column : columns) {
      kept.push_back(row[static_cast<size_t>(kProcesses.IndexOf(column))]);
    }
  }
  return out;
}

TEST(Processes, AProgramThatWasDeletedIsNotOnDiskAndOneOfThatNameIs) {
  FakeHost host = OneProcess();
  host.PutLink("/proc/412/exe", "/usr/bin/old (deleted)");
  EXPECT_EQ(Cells(host, {"path", "on_disk"}), (Rows{{Cell("/usr/bin/old"), Cell(0)}}));
  host.Put("/usr/bin/old (deleted)", "ELF");
  EXPECT_EQ(Cells(host, {"path", "on_disk"}), (Rows{{Cell("/usr/bin/old (deleted)"), Cell(1)}}));
}

TEST(Processes, AProgramThatMayNotBeSeenIsUnknownAndAThreadOfTheKernelHasNone) {
  FakeHost host = OneProcess();
  host.Fail("/proc/412/exe", Code::kDenied);
  EXPECT_EQ(Cells(host, {"path", "on_disk"}), (Rows{{Unknown{}, Unknown{}}}));
  FakeHost kernel;
  kernel.Put("/proc/stat", "btime 1763900000\n");
  kernel.Put("/proc/2/stat", StatOf("2", "kthreadd"));
  kernel.Put("/proc/2/status", "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n");
  kernel.Put("/proc/2/cmdline", "");
  EXPECT_EQ(Cells(kernel, {"path", "on_disk", "cmdline", "resident_size", "disk_bytes_read"}),
            (Rows{{Cell(""), Cell(-1), Cell(""), Cell(0), Cell(std::nullopt)}}));
}

TEST(Processes, OneThatEndedMeanwhileIsNoRowAndOneThatIsDamagedAnError) {
  FakeHost host = OneProcess();
  host.PutDir("/proc/413");  // listed, and gone when its files are opened
  EXPECT_EQ(ProcessesLinux(host, {})->size(), 1u);
  EXPECT_EQ(ProcessesLinux(host, {{"pid", "413"}})->size(), 0u);
  EXPECT_EQ(ProcessesLinux(host, {{"pid", "412"}})->size(), 1u);
  host.Put("/proc/412/stat", "412 (sshd S 1\n");
  EXPECT_EQ(Shown(kProcesses, ProcessesLinux(host, {})),
            "malformed: stat of a process: 412 (sshd S 1\\x0a\n");
  host.Fail("/proc/412/stat", Code::kDenied);
  EXPECT_EQ(ProcessesLinux(host, {}).error().code, Code::kDenied);
}

constexpr char kInetHeading[] = "  sl  local_address rem_address   st\n";

FakeHost Listening() {
  FakeHost host;
  host.PutLink("/proc/self/ns/net", "net:[4026531992]");
  host.PutLink("/proc/412/ns/net", "net:[4026531992]");
  host.PutLink("/proc/412/fd/3", "socket:[100]");
  host.PutLink("/proc/412/fd/4", "socket:[101]");
  host.PutLink("/proc/412/fd/5", "/dev/null");
  host.PutLink("/proc/99/ns/net", "net:[4026531992]");
  host.PutLink("/proc/99/fd/7", "socket:[101]");  // inherited: the lower pid
  host.Put("/proc/self/net/tcp",
           std::string(kInetHeading) +
               "   0: 0100007F:1F90 00000000:0000 0A 0:0 00:0 0 1000 0 100 1 x\n"
               "   1: 0100007F:1F90 0100007F:A000 01 0:0 00:0 0 1000 0 105 1 x\n");
  host.Put("/proc/self/net/udp6",
           std::string(kInetHeading) +
               "  77: 00000000000000000000000000000000:0035 "
               "00000000000000000000000000000000:0000 07 0:0 00:0 0 0 0 101 2 x\n"
               "  78: 0000000000000000FFFF00000100007F:0044 "
               "00000000000000000000000000000000:0000 07 0:0 00:0 0 0 0 999 2 x\n");
  host.Put("/proc/self/net/unix",
           "Num RefCount Protocol Flags Type St Inode Path\n"
           "0000000000000000: 00000002 00000000 00010000 0001 01 200 /run/a b\n"
           "0000000000000000: 00000002 00000000 00010000 0001 01 201 @abstract\n"
           "0000000000000000: 00000003 00000000 00000000 0001 03 202\n");
  return host;
}

TEST(ListeningPorts, AreSocketsWithoutAPeerOfTheProcessThatHoldsThem) {
  EXPECT_EQ(Shown(kListeningPorts, ListeningPortsLinux(Listening(), {})),
            "pid=412 port=8080 protocol=6 family=2 address=127.0.0.1 fd=3 socket=100 path= "
            "net_namespace=4026531992\n"
            "pid=99 port=53 protocol=17 family=10 address=:: fd=7 socket=101 path= "
            "net_namespace=4026531992\n"
            "pid=-1 port=68 protocol=17 family=10 address=::ffff:127.0.0.1 fd=-1 socket=999 path= "
            "net_namespace=4026531992\n"
            "pid=-1 port=0 protocol=0 family=1 address= fd=-1 socket=200 path=/run/a b "
            "net_namespace=4026531992\n"
            "pid=-1 port=0 protocol=0 family=1 address= fd=-1 socket=201 path=@abstract "
            "net_namespace=4026531992\n");
}

TEST(ListeningPorts, ASocketOfAnotherNetworkNamespaceIsSeenThroughAProcessInIt) {
  FakeHost host = Listening();
  host.PutLink("/proc/500/ns/net", "net:[4026532200]");
  host.PutLink("/proc/500/fd/3", "socket:[300]");
  host.Put("/proc/500/net/tcp", std::string(kInetHeading) +
                                    "   0: 00000000:0016 00000000:0000 0A 0:0 00:0 0 0 0 300 1\n");
  EXPECT_EQ(Shown(kListeningPorts, ListeningPortsLinux(host, {{"port", "22"}})),
            "pid=500 port=22 protocol=6 family=2 address=0.0.0.0 fd=3 socket=300 path= "
            "net_namespace=4026532200\n");
}

TEST(ListeningPorts, WhereAProcessKeepsItsFilesToItselfTheHolderOfASocketIsUnknown) {
  FakeHost host = Listening();
  host.Fail("/proc/600/fd", Code::kDenied);
  host.Put("/proc/600/comm", "x");
  EXPECT_EQ(Shown(kListeningPorts, ListeningPortsLinux(host, {{"socket", "999"}})),
            "pid=unknown port=68 protocol=17 family=10 address=::ffff:127.0.0.1 fd=unknown "
            "socket=999 path= net_namespace=4026531992\n");
}

TEST(ListeningPorts, ALineThatIsNoSocketIsAnErrorThatShowsIt) {
  FakeHost host = Listening();
  host.Put("/proc/self/net/tcp", std::string(kInetHeading) + "0: 0100007F 0 0A 0 0 0 0 0 1\n");
  EXPECT_EQ(Shown(kListeningPorts, ListeningPortsLinux(host, {})),
            "malformed: /proc/net/tcp: 0: 0100007F 0 0A 0 0 0 0 0 1\n");
}

const SystemdUnit kSsh{"ssh.service",
                       "OpenBSD Secure Shell server",
                       "loaded",
                       "active",
                       "running",
                       "",
                       "/u/ssh",
                       0,
                       "",
                       "/"};

FakeHost Units() {
  FakeHost host;
  host.PutDir("/run/systemd/system");
  host.PutUnit(kSsh);
  const std::string systemd = "org.freedesktop.systemd1";
  host.PutDbus({systemd, "/u/ssh", systemd + ".Unit", "UnitFileState"}, Cell("enabled"));
  host.PutDbus({systemd, "/u/ssh", systemd + ".Unit", "FragmentPath"},
               Cell("/lib/systemd/system/ssh.service"));
  host.PutDbus({systemd, "/u/ssh", systemd + ".Service", "User"}, Cell("sshd"));
  return host;
}

TEST(SystemdUnits, AreThoseThatSystemdListsAndAPropertyThatIsNotToldIsUnknown) {
  EXPECT_EQ(Shown(kSystemdUnits, SystemdUnitsLinux(Units(), {})),
            "id=ssh.service description=OpenBSD Secure Shell server load_state=loaded "
            "active_state=active sub_state=running unit_file_state=enabled following= "
            "object_path=/u/ssh job_id=0 job_type= job_path=/ "
            "fragment_path=/lib/systemd/system/ssh.service user=sshd source_path=unknown\n");
}

TEST(SystemdUnits, WithoutABusTheTableIsAnErrorAndNotEmpty) {
  EXPECT_EQ(SystemdUnitsLinux(FakeHost(), {}).error().code, Code::kUnavailable);
}

TEST(StartupItems, AreThoseOfTheMachineOfEachUserAndOfSystemd) {
  FakeHost host = Units();
  host.Put("/etc/passwd", "alice:x:1000:1000::/home/alice:/bin/sh\nsync:x:4:65534::/:/bin/sync\n");
  host.Put("/home/alice/.config/autostart/a.desktop",
           "[Desktop Entry]\nName=A = B\nExec=env X=1 /opt/a\nHidden=true\n"
           "[Desktop Action new]\nName=Other\nExec=/other\n");
  host.PutLink("/home/alice/.config/autostart/gone.desktop", "/nowhere");
  host.Put("/home/alice/.config/autostart-scripts/s.sh", "");
  host.Put("/etc/init.d/cron", "");
  host.Put("/etc/xdg/autostart/b.desktop", "[Desktop Entry]\nName=B\nExec=/opt/b\n");
  EXPECT_EQ(Shown(kStartupItems, StartupItemsLinux(host, {})),
            "name=A = B path=env X=1 /opt/a type=Startup Item "
            "source=/home/alice/.config/autostart/ status=disabled username=alice\n"
            "name=s.sh path=/home/alice/.config/autostart-scripts/s.sh type=Startup Item "
            "source=/home/alice/.config/autostart-scripts/ status=enabled username=alice\n"
            "name=cron path=/etc/init.d/cron type=Startup Item source=/etc/init.d/ "
            "status=enabled\n"
            "name=B path=/opt/b type=Startup Item source=/etc/xdg/autostart/ status=enabled\n"
            "name=ssh.service path=/lib/systemd/system/ssh.service type=systemd unit "
            "source=unknown status=active username=sshd\n");
}

TEST(StartupItems, WhereSystemdRunsAndCannotBeAskedTheTableIsAnErrorNotShorter) {
  FakeHost host;
  host.Put("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
  EXPECT_EQ(StartupItemsLinux(host, {})->size(), 0u);
  host.PutDir("/run/systemd/system");
  EXPECT_EQ(StartupItemsLinux(host, {}).error().code, Code::kUnavailable);
  host.Fail("/home/a/.config/autostart", Code::kDenied);
  host.Put("/etc/passwd", "a:x:0:0::/home/a:/bin/sh\n");
  EXPECT_EQ(StartupItemsLinux(host, {}).error().code, Code::kDenied);
}

}  // namespace
}  // namespace sallyport
