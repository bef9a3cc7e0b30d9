// SPDX-License-Identifier: Apache-2.0
// Our rows of the machine that runs the test against what its own tools say of it. Both sides are
// asked until they agree, a bounded number of times: what changed between two questions is asked
// again, what differs for a reason differs each time.
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/text.h"
#include "collectors/osquery/linux_tables.h"
#include "platform/host_linux.h"
#include "tests/collectors/osquery/asked_tools.h"

namespace sallyport {
namespace {

using Json = nlohmann::json;

constexpr int kTimes = 20;

Lined Without(const Lined& all, const Lined& some) {
  Lined out;
  std::ranges::set_difference(all, some, std::inserter(out, out.end()));
  return out;
}

void ExpectSame(const std::function<Lined()>& ours, const std::function<Lined()>& theirs) {
  Lined first, second;
  for (int i = 0; i < kTimes; ++i) {
    first = ours();
    second = theirs();
    if (first == second && !first.empty()) return;
  }
  EXPECT_EQ(Without(first, second), Lined()) << "which we alone say";
  EXPECT_EQ(Without(second, first), Lined()) << "which the system alone says";
  EXPECT_FALSE(first.empty()) << "nothing to compare";
}

const LinuxHost& Machine() {
  static const LinuxHost host;
  return host;
}

const Value& CellOf(const Schema& schema, const Row& row, const char* column) {
  return row.at(static_cast<size_t>(schema.IndexOf(column)));
}

TEST(Differential, DebPackagesAreThoseOfDpkgQuery) {
  ASSERT_TRUE(Has("dpkg-query"));
  ExpectSame(
      [] {
        return Ours(kDebPackages, DebPackagesLinux(Machine(), {}),
                    {"name", "version", "arch", "status", "size", "section", "priority",
                     "maintainer", "source"});
      },
      [] {
        return LinesOf(
            Output("dpkg-query -W -f '${Package}\\t${Version}\\t${Architecture}\\t${Status}\\t"
                   "${Installed-Size}\\t${Section}\\t${Priority}\\t${Maintainer}\\t"
                   "${Source}\\n'"));
      });
}

TEST(Differential, MountsAreThoseOfTheKernelsOwnListAndOfFindmnt) {
  const auto ours = [] {
    return Ours(kMounts, MountsLinux(Machine(), {}), {"device", "path", "type", "flags"});
  };
  ExpectSame(ours, [] {
    Lined out;
    const std::string text = Output("cat /proc/self/mounts");
    for (const std::string_view line : Lines(text)) {
      const auto fields = Split(line, ' ');
      out.insert(std::string(fields.at(0)) + "\t" + std::string(fields.at(1)) + "\t" +
                 std::string(fields.at(2)) + "\t" + std::string(fields.at(3)));
    }
    return out;
  });
  ASSERT_TRUE(Has("findmnt"));
  ExpectSame(
      [] {
        return Ours(kMounts, MountsLinux(Machine(), {}), {"path", "type"});
      },
      [] {
        Lined out;
        const Json list = Json::parse(Output("findmnt -J -l -o TARGET,FSTYPE"));
        for (const Json& mount : list.at("filesystems")) {
          out.insert(mount.at("target").get<std::string>() + "\t" +
                     mount.at("fstype").get<std::string>());
        }
        return out;
      });
}

TEST(Differential, MountsHoldWhatDfCounts) {
  ExpectSame(
      [] {
        return Ours(kMounts, MountsLinux(Machine(), {}), {"blocks_size", "blocks", "inodes"},
                    [](const Row& row) { return CellOf(kMounts, row, "path") == Cell("/"); });
      },
      [] { return LinesOf(Output("stat -f -c '%S	%b	%c' /")); });
}

TEST(Differential, BlockDevicesAreThoseOfLsblk) {
  ASSERT_TRUE(Has("lsblk"));
  ExpectSame(
      [] {
        const auto rows = BlockDevicesLinux(Machine(), {});
        return Ours(kBlockDevices, rows, {"name", "size", "type", "uuid"},
                    [](const Row& row) { return CellOf(kBlockDevices, row, "size") != Cell(0); });
      },
      [] {
        Lined out;
        const auto text = [](const Json& device, const char* name) {
          return device.at(name).is_null() ? "" : device.at(name).get<std::string>();
        };
        const Json list = Json::parse(Output("lsblk -J -b -l -p -a -o NAME,SIZE,FSTYPE,UUID"));
        for (const Json& device : list.at("blockdevices")) {
          const int64_t size = device.at("size").is_null() ? 0 : device.at("size").get<int64_t>();
          if (size == 0) continue;
          out.insert(text(device, "name") + "\t" + std::to_string(size / 512) + "\t" +
                     text(device, "fstype") + "\t" + text(device, "uuid"));
        }
        return out;
      });
}

// A process that the other side started to answer with is no difference.
TEST(Differential, ProcessesAreThoseOfPs) {
  ASSERT_TRUE(Has("ps"));
  Lined last_difference;
  for (int i = 0; i < kTimes; ++i) {
    const auto ours = [] {
      return Ours(kProcesses, ProcessesLinux(Machine(), {}),
                  {"pid", "parent", "pgroup", "euid", "egid", "threads", "nice", "name"});
    };
    const Lined before = ours();
    Lined ps;
    const std::string text = Output("ps -e -o pid=,ppid=,pgid=,euid=,egid=,nlwp=,ni=,comm=");
    for (const std::string_view line : Lines(text)) {
      const auto fields = Fields(line);
      if (fields.size() < 8) continue;
      const auto name = static_cast<size_t>(fields[7].data() - line.data());
      std::string joined;
      // "-": the scheduler of this process has no use for nice.
      for (size_t f = 0; f < 7; ++f)
        joined += (fields[f] == "-" ? "0" : std::string(fields[f])) + "\t";
      ps.insert(joined + std::string(line.substr(name)));
    }
    const Lined after = ours();
    // What was there before and after must be there between, and ps's lines on one side at least.
    last_difference.clear();
    for (const std::string& line : before) {
      const bool defunct = ps.contains(line + " <defunct>");
      if (after.contains(line) && !ps.contains(line) && !defunct) last_difference.insert(line);
    }
    if (last_difference.empty() && before.size() > 2) return;
  }
  EXPECT_EQ(last_difference, Lined());
}

TEST(Differential, OurOwnProcessIsDescribedAsItIs) {
  const auto rows = ProcessesLinux(Machine(), {{"pid", std::to_string(getpid())}});
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ(CellOf(kProcesses, rows->at(0), "path"),
            Cell(Machine().ReadLink("/proc/self/exe").value()));
  EXPECT_EQ(CellOf(kProcesses, rows->at(0), "on_disk"), Cell(1));
  EXPECT_EQ(CellOf(kProcesses, rows->at(0), "parent"), Cell(static_cast<int64_t>(getppid())));
}

TEST(Differential, ListeningPortsAreThoseOfSs) {
  ASSERT_TRUE(Has("ss"));
  const std::string link = Machine().ReadLink("/proc/self/ns/net").value();
  const std::string own = link.substr(5, link.size() - 6);  // "net:[4026531992]"
  const auto wanted = [&](const Row& row) {
    const Value& protocol = CellOf(kListeningPorts, row, "protocol");
    return (protocol == Cell(6) || protocol == Cell(17)) &&
           CellOf(kListeningPorts, row, "net_namespace") == Cell(own);
  };
  Lined ours, theirs;
  for (int i = 0; i < kTimes; ++i) {
    ours = Ours(kListeningPorts, ListeningPortsLinux(Machine(), {}), {"protocol", "port", "socket"},
                wanted);
    theirs.clear();
    const std::string text = Output("ss -H -n -a -t -u -e state listening state unconnected");
    for (const std::string_view line : Lines(text)) {
      const auto fields = Fields(line);
      if (fields.size() < 6) continue;
      const auto inode = std::ranges::find_if(
          fields, [](std::string_view field) { return field.starts_with("ino:"); });
      if (inode == fields.end()) continue;
      const std::string_view local = fields[4];
      theirs.insert((fields[0] == "tcp" ? "6\t" : "17\t") +
                    std::string(local.substr(local.rfind(':') + 1)) + "\t" +
                    std::string(inode->substr(4)));
    }
    if (ours == theirs) return;
  }
  EXPECT_EQ(ours, theirs);
}

TEST(Differential, AddressesAreThoseOfTheKernelsFilesAndOfIp) {
  ASSERT_TRUE(Has("ip"));
  const auto ours = [](bool ipv6) {
    return Ours(kInterfaceAddresses, InterfaceAddressesLinux(Machine(), {}), {"address"},
                [ipv6](const Row& row) {
                  return (ToText(CellOf(kInterfaceAddresses, row, "address")).find(':') !=
                          std::string::npos) == ipv6;
                });
  };
  ExpectSame(
      [&] { return ours(false); },
      [] { return LinesOf(Output("ip -o -4 addr | awk '{sub(/\\/.*/, \"\", $4); print $4}'")); });
  const auto files = LinesOf(Output("awk '{print $1}' /proc/net/if_inet6"));
  EXPECT_EQ(ours(true).size(), files.size());
}

TEST(Differential, InterfacesAreThoseOfIpLink) {
  ASSERT_TRUE(Has("ip"));
  ExpectSame(
      [] {
        return Ours(kInterfaceDetails, InterfaceDetailsLinux(Machine(), {}),
                    {"interface", "mtu", "mac"});
      },
      [] {
        Lined out;
        const Json list = Json::parse(Output("ip -json link"));
        for (const Json& link : list) {
          out.insert(link.at("ifname").get<std::string>() + "\t" +
                     std::to_string(link.at("mtu").get<int64_t>()) + "\t" +
                     link.value("address", std::string()));
        }
        return out;
      });
}

// The main table of IPv4 as the kernel's file has it.
TEST(Differential, RoutesAreThoseOfProcNetRoute) {
  ASSERT_TRUE(Has("ip"));
  const std::string main = Output("awk 'NR > 1 {print $1}' /proc/net/route");
  const auto rows = RoutesLinux(Machine(), {{"type", "gateway"}});
  ASSERT_TRUE(rows) << rows.error().message;
  const auto ipv4 = std::ranges::count_if(*rows, [](const Row& row) {
    return ToText(CellOf(kRoutes, row, "destination")).find(':') == std::string::npos;
  });
  EXPECT_EQ(static_cast<size_t>(ipv4), Lines(main).size());
}

TEST(Differential, SystemControlsAreThoseOfSysctl) {
  ASSERT_TRUE(Has("sysctl"));
  // Counters and clocks differ at each look, sysctl(8) has deprecated names of its own, and what
  // can only be written has no value.
  const auto is_setting = [](const std::string& name) {
    for (const char* word :
         {"random", "nr", "state", "ns_last_pid", "file-", "pty", "stat", "usermodehelper",
          "sched_domain", "cdrom", "dentry", "inode", "conntrack_count", "stable_secret",
          "fastopen_key", "base_reachable", "retrans_time"}) {
      if (name.find(word) != std::string::npos) return false;
    }
    return true;
  };
  ExpectSame(
      [&] {
        return Ours(kSystemControls, SystemControlsLinux(Machine(), {}), {"name", "current_value"},
                    [&](const Row& row) {
                      const Value& value = CellOf(kSystemControls, row, "current_value");
                      const std::string text = ToText(value);
                      return std::holds_alternative<std::string>(value) && !text.empty() &&
                             text.find('\n') == std::string::npos &&
                             is_setting(ToText(CellOf(kSystemControls, row, "name")));
                    });
      },
      [&] {
        Lined out;
        std::map<std::string, int> times;
        std::map<std::string, std::string> values;
        const std::string text = Output("sysctl -a 2>/dev/null");
        for (const std::string_view line : Lines(text)) {
          const size_t equals = line.find(" =");
          if (equals == std::string_view::npos) continue;
          const std::string name(line.substr(0, equals));
          ++times[name];
          values[name] = Trim(line.substr(equals + 2));
        }
        for (const auto& [name, value] : values) {
          if (times[name] == 1 && !value.empty() && is_setting(name))
            out.insert(name + "\t" + value);
        }
        return out;
      });
}

TEST(Differential, UsersAndGroupsAreThoseOfGetent) {
  ExpectSame(
      [] {
        return Ours(kUsers, UsersLinux(Machine(), {}),
                    {"username", "uid", "gid", "description", "directory", "shell"});
      },
      [] {
        return LinesOf(Output(
            "getent -s files passwd | awk -F: -v OFS='\\t' '{print $1, $3, $4, $5, $6, $7}'"));
      });
  ExpectSame(
      [] {
        return Ours(kGroups, GroupsLinux(Machine(), {}), {"groupname", "gid"});
      },
      [] {
        return LinesOf(Output("getent -s files group | awk -F: -v OFS='\\t' '{print $1, $3}'"));
      });
  ExpectSame(
      [] {
        return Ours(kUserGroups, UserGroupsLinux(Machine(), {{"uid", "0"}}), {"gid"});
      },
      [] { return LinesOf(Output("id -G root | tr ' ' '\\n'")); });
}

TEST(Differential, KernelModulesAreThoseOfLsmod) {
  const auto rows = KernelModulesLinux(Machine(), {});
  if (!rows && rows.error().code == Code::kNotFound) {
    EXPECT_NE(Output("test -e /proc/modules || echo none"), "") << "absent, and lsmod has its file";
    return;
  }
  ASSERT_TRUE(Has("lsmod"));
  const std::string modules = Output("lsmod | awk 'NR > 1 {print $1 \"\\t\" $2}'");
  EXPECT_EQ(Ours(kKernelModules, rows, {"name", "size"}), LinesOf(modules));
}

TEST(Differential, UnitsAreThoseOfSystemctlWhereThereIsABus) {
  const auto units = SystemdUnitsLinux(Machine(), {});
  if (!units) {
    EXPECT_EQ(units.error().code, Code::kUnavailable) << units.error().message;
    EXPECT_EQ(Output("systemctl list-units --all --plain --no-legend 2>/dev/null"), "");
    return;
  }
  ExpectSame(
      [] {
        return Ours(kSystemdUnits, SystemdUnitsLinux(Machine(), {}),
                    {"id", "load_state", "active_state", "sub_state"});
      },
      [] {
        return LinesOf(
            Output("systemctl list-units --all --plain --no-legend | awk -v OFS='\\t' '{print $1, "
                   "$2, $3, $4}'"));
      });
}

TEST(Differential, TheUptimeIsTheKernels) {
  const auto seconds = [] { return LinesOf(Output("cut -d. -f1 /proc/uptime")); };
  ExpectSame([] { return Ours(kUptime, UptimeLinux(Machine(), {}), {"total_seconds"}); }, seconds);
}

TEST(Differential, ResolversAreThoseOfTheFile) {
  ExpectSame(
      [] {
        return Ours(kDnsResolvers, DnsResolversLinux(Machine(), {{"type", "nameserver"}}),
                    {"address"});
      },
      [] {
        return LinesOf(Output("awk '$1 == \"nameserver\" {print $2}' /etc/resolv.conf | head -3"));
      });
}

TEST(Differential, AptSourcesAreThoseOfAptsOwnIndexTargets) {
  ASSERT_TRUE(Has("apt-get"));
  ExpectSame(
      [] {
        Lined out;
        for (const std::string& line :
             Ours(kAptSources, AptSourcesLinux(Machine(), {}), {"base_uri", "name"})) {
          out.insert(line.substr(0, line.find('\t')) + "\t" + line.substr(line.rfind(' ') + 1));
        }
        return out;
      },
      [] {
        Lined out;
        const std::string text = Output(
            "apt-get indextargets --format '$(REPO_URI)\t$(RELEASE)' 'Created-By: Packages'");
        for (const std::string_view line : Lines(text)) {
          const auto fields = Split(line, '\t');
          std::string_view uri = fields.at(0);
          while (uri.ends_with('/')) uri.remove_suffix(1);
          out.insert(std::string(uri) + "\t" + std::string(fields.at(1)));
        }
        return out;
      });
}

}  // namespace
}  // namespace sallyport
