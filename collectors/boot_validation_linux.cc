// SPDX-License-Identifier: Apache-2.0
#include "collectors/boot_validation.h"

#include "base/text.h"

namespace sallyport {
namespace {

constexpr char kVariables[] = "/sys/firmware/efi/efivars";
// MokVars.txt of shim: MokListRT is there whenever shim started, MokSBStateRT when its state was
// set.
constexpr char kMokList[] = "MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23";
constexpr char kMokState[] = "MokSBStateRT-605dab50-e046-4300-abb6-3dd810dd8b23";
constexpr char kSecureBoot[] = "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
constexpr char kSecurityFs[] = "/sys/kernel/security";

// Shim validates where the firmware does, unless it was told not to.
Value FirmwareValidates(const Host& host) {
  const auto state = host.ReadFile(std::string(kVariables) + "/" + kSecureBoot);
  return state && state->size() == 5 ? Cell(state->back() == 1) : Cell(Unknown{});
}

// Files of efivarfs: four bytes of attributes, then the value.
Result<Value> ShimValidates(const Host& host) {
  const auto efi = host.Stat("/sys/firmware/efi");
  if (!efi && efi.error().code == Code::kNotFound) return Cell(std::nullopt);
  if (!efi) return tl::unexpected(efi.error());
  const auto state = host.ReadFile(std::string(kVariables) + "/" + kMokState);
  if (state && state->size() == 5) return state->back() == 0 ? FirmwareValidates(host) : Cell(0);
  if (state) return Fail(Code::kMalformed, std::string(kMokState) + ": not one byte");
  if (state.error().code != Code::kNotFound) return Cell(Unknown{});
  const auto variables = host.ListDir(kVariables);
  if (!variables || variables->empty()) return Cell(Unknown{});  // not mounted
  const auto list = host.Stat(std::string(kVariables) + "/" + kMokList);
  if (list) return FirmwareValidates(host);
  return list.error().code == Code::kNotFound ? Cell(std::nullopt) : Cell(Unknown{});
}

// "none [integrity] confidentiality", as kernel_lockdown(7) has the words and
// security/lockdown/lockdown.c of Linux writes them.
Result<Value> Lockdown(const Host& host) {
  const auto text = host.ReadFile(std::string(kSecurityFs) + "/lockdown");
  if (!text && text.error().code == Code::kNotFound) {
    const auto folder = host.ListDir(kSecurityFs);
    return folder && !folder->empty() ? Cell(std::nullopt) : Cell(Unknown{});
  }
  if (!text) return Cell(Unknown{});
  for (std::string_view word : Fields(*text)) {
    if (!word.starts_with('[') || !word.ends_with(']')) continue;
    return Cell(std::string(word.substr(1, word.size() - 2)));
  }
  return Fail(Code::kMalformed, "lockdown: " + Excerpt(*text));
}

}  // namespace

Result<Rows> BootValidationLinux(const Host& host, const Keys&) {
  const Result<Value> shim = ShimValidates(host);
  if (!shim) return tl::unexpected(shim.error());
  const Result<Value> lockdown = Lockdown(host);
  if (!lockdown) return tl::unexpected(lockdown.error());
  return Rows{{*shim, *lockdown}};
}

}  // namespace sallyport
