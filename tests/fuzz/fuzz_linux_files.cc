// SPDX-License-Identifier: Apache-2.0
// One text as each of the files of Linux that programs or people write: read by the collectors of
// the tables that lean on it. Nothing may crash, hang or give a row that does not fit its table.
#include <cstdlib>
#include <string>

#include "collectors/collector.h"
#include "collectors/osquery/linux_tables.h"
#include "tests/fuzz/text_host.h"

using namespace sallyport;

namespace {

struct Reader {
  const Schema& schema;
  CollectFn collect;
};

const Reader kReaders[] = {
    {kDebPackages, DebPackagesLinux},
    {kAptSources, AptSourcesLinux},
    {kYumSources, YumSourcesLinux},
    {kMounts, MountsLinux},
    {kBlockDevices, BlockDevicesLinux},
    {kProcesses, ProcessesLinux},
    {kListeningPorts, ListeningPortsLinux},
    {kStartupItems, StartupItemsLinux},
    {kKernelModules, KernelModulesLinux},
    {kSystemControls, SystemControlsLinux},
    {kSelinuxSettings, SelinuxSettingsLinux},
    {kUsers, UsersLinux},
    {kGroups, GroupsLinux},
    {kUserGroups, UserGroupsLinux},
    {kShadow, ShadowLinux},
    {kDnsResolvers, DnsResolversLinux},
    {kInterfaceAddresses, InterfaceAddressesLinux},
    {kRoutes, RoutesLinux},
    {kIptables, IptablesLinux},
    {kRpmPackages, RpmPackagesLinux},
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const TextHost host(std::string(reinterpret_cast<const char*>(data), size));
  for (const Reader& reader : kReaders) {
    const Result<Rows> rows = reader.collect(host, {});
    if (!rows) {
      if (rows.error().code == Code::kInternal) std::abort();  // a bug of ours
      continue;
    }
    for (const Row& row : *rows) {
      if (row.size() != reader.schema.columns.size()) std::abort();
    }
  }
  return 0;
}
