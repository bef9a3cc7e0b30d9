// SPDX-License-Identifier: Apache-2.0
// The SMBIOS's BIOS Information (type 0) as sysfs shows it: DMTF DSP0134, 7.1.
#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

constexpr char kFolder[] = "/sys/class/dmi/id";

struct Rom {
  Value address = Unknown{};
  Value size = Unknown{};
};

// Starting segment at 6, two bytes, little-endian; (size at 9, plus one) times 64 KiB.
Rom RomOf(const Result<std::string>& raw) {
  if (!raw && raw.error().code == Code::kNotFound) return {Cell(std::nullopt), Cell(std::nullopt)};
  if (!raw || raw->size() < 10 || (*raw)[0] != 0) return {};
  const auto byte = [&](size_t at) { return static_cast<unsigned char>((*raw)[at]); };
  constexpr char kDigits[] = "0123456789abcdef";
  const unsigned segment = byte(6) + 256u * byte(7);
  std::string address = "0x";
  for (int shift = 12; shift >= 0; shift -= 4) address += kDigits[(segment >> shift) & 15];
  return {Cell(address), Cell(std::to_string((byte(9) + 1) * 65536))};
}

}  // namespace

Result<Rows> PlatformInfoLinux(const Host& host, const Keys& keys) {
  const auto there = host.ListDir(kFolder);
  if (!there) return tl::unexpected(there.error());
  const auto cell = [&](const char* name) {
    return TextOrNull(ReadTrimmed(host, std::string(kFolder) + "/" + name));
  };
  const auto efi = host.Stat("/sys/firmware/efi");
  const bool told = efi || efi.error().code == Code::kNotFound;
  const Rom rom = RomOf(host.ReadFile("/sys/firmware/dmi/entries/0-0/raw"));
  TableRows rows(kPlatformInfo);
  rows.Add({{"vendor", cell("bios_vendor")},
            {"version", cell("bios_version")},
            {"date", cell("bios_date")},
            {"revision", cell("bios_release")},
            {"firmware_type", told ? Cell(efi ? "uefi" : "bios") : Cell(Unknown{})},
            {"address", rom.address},
            {"size", rom.size},
            {"volume_size", Cell(0)}});
  return rows.Take(keys);
}

}  // namespace sallyport
