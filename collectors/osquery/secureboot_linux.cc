// SPDX-License-Identifier: Apache-2.0
// UEFI Specification 3.3 (SecureBoot, SetupMode), as efivarfs shows them: four bytes of attributes,
// then the value.
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

constexpr char kVariables[] = "/sys/firmware/efi/efivars";
constexpr char kGlobal[] = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";

// A UEFI whose variables nobody mounted says nothing; one that has this variable not cannot do it.
Result<Value> Variable(const Host& host, const std::string& name) {
  const auto bytes = host.ReadFile(std::string(kVariables) + "/" + name + kGlobal);
  if (bytes && bytes->size() == 5) return Cell(bytes->back() == 1);
  if (bytes) return Fail(Code::kMalformed, name + ": not one byte");
  if (bytes.error().code != Code::kNotFound) return Cell(Unknown{});
  const auto variables = host.ListDir(kVariables);
  return variables && !variables->empty() ? Cell(std::nullopt) : Cell(Unknown{});
}

}  // namespace

Result<Rows> SecurebootLinux(const Host& host, const Keys& keys) {
  TableRows rows(kSecureboot);
  const auto efi = host.Stat("/sys/firmware/efi");
  if (!efi && efi.error().code != Code::kNotFound) return tl::unexpected(efi.error());
  if (!efi) {
    rows.Add({});
    return rows.Take(keys);
  }
  const Result<Value> secure_boot = Variable(host, "SecureBoot");
  if (!secure_boot) return tl::unexpected(secure_boot.error());
  const Result<Value> setup_mode = Variable(host, "SetupMode");
  if (!setup_mode) return tl::unexpected(setup_mode.error());
  rows.Add({{"secure_boot", *secure_boot}, {"setup_mode", *setup_mode}});
  return rows.Take(keys);
}

}  // namespace sallyport
