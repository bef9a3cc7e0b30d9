// SPDX-License-Identifier: Apache-2.0
// Documentation/ABI/testing/sysfs-class-net of the kernel.
#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/ip_text.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

// netdevice(7). The kernel derives these from the state of the link; sysfs leaves them out.
constexpr int64_t kRunning = 0x40, kLowerUp = 0x10000, kDormant = 0x20000;

Value NumberOf(const Host& host, const std::string& path) {
  const auto text = ReadTrimmed(host, path);
  const auto number = text ? ParseInt(*text) : std::nullopt;
  return number ? Cell(*number) : Cell(Unknown{});
}

// "0x1003"
Value Flags(const Host& host, const std::string& folder) {
  const auto text = ReadTrimmed(host, folder + "flags");
  const auto number = text && text->starts_with("0x") ? ParseHex(text->substr(2)) : std::nullopt;
  const auto state = ReadTrimmed(host, folder + "operstate");
  if (!number || !state) return Unknown{};
  auto flags = static_cast<int64_t>(*number);
  constexpr int64_t kUp = 1;
  if ((flags & kUp) == 0) return Cell(flags);
  if (*state == "up" || *state == "unknown") flags |= kRunning;
  if (*state == "dormant") flags |= kDormant;
  if (ReadTrimmed(host, folder + "carrier").value_or("0") == "1") flags |= kLowerUp;
  return Cell(flags);
}

// Mb/s. The loopback and others have none and refuse the question; -1: no link.
Value Speed(const Host& host, const std::string& folder) {
  const auto text = ReadTrimmed(host, folder + "speed");
  const auto speed = text ? ParseInt(*text) : std::nullopt;
  return speed && *speed >= 0 ? Cell(*speed) : Cell(std::nullopt);
}

// ".../pci0000:00/0000:00:1f.6" of an interface's device.
Value PciSlot(const Host& host, const std::string& folder) {
  const auto subsystem = host.RealPath(folder + "device/subsystem");
  const auto device = host.RealPath(folder + "device");
  if (!device || !subsystem || !subsystem->ends_with("/pci")) return Cell(std::nullopt);
  return Cell(BaseName(*device));
}

}  // namespace

Result<Rows> InterfaceDetailsLinux(const Host& host, const Keys& keys) {
  const std::string net = "/sys/class/net/";
  const auto interfaces = host.ListDir(net);
  if (!interfaces) return tl::unexpected(interfaces.error());
  TableRows rows(kInterfaceDetails);
  for (const DirEntry& entry : *interfaces) {
    const std::string folder = net + entry.name + "/";
    if (!host.Stat(folder + "ifindex")) continue;  // bonding_masters, and what is just gone
    const auto counted = [&](const char* name) {
      return NumberOf(host, folder + "statistics/" + name);
    };
    rows.Add({{"interface", Cell(entry.name)},
              {"mac", TextOrNull(ReadTrimmed(host, folder + "address"))},
              {"type", NumberOf(host, folder + "type")},
              {"mtu", NumberOf(host, folder + "mtu")},
              {"metric", Cell(0)},
              {"flags", Flags(host, folder)},
              {"ipackets", counted("rx_packets")},
              {"opackets", counted("tx_packets")},
              {"ibytes", counted("rx_bytes")},
              {"obytes", counted("tx_bytes")},
              {"ierrors", counted("rx_errors")},
              {"oerrors", counted("tx_errors")},
              {"idrops", counted("rx_dropped")},
              {"odrops", counted("tx_dropped")},
              {"collisions", counted("collisions")},
              {"last_change", Cell(-1)},
              {"link_speed", Speed(host, folder)},
              {"pci_slot", PciSlot(host, folder)}});
  }
  return rows.Take(keys);
}

}  // namespace sallyport
