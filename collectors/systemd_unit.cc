// SPDX-License-Identifier: Apache-2.0
#include "collectors/systemd_unit.h"

namespace sallyport {
namespace {

// systemd names a unit's object after it, every byte that is no letter or digit as _xx.
std::string UnitPath(std::string_view unit) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "/org/freedesktop/systemd1/unit/";
  for (const char c : unit) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) {
      out.push_back(c);
    } else {
      out += {'_', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

Result<Value> Property(const Host& host, std::string_view unit, const char* interface,
                       const char* property) {
  return host.ReadDbusProperty({.service = "org.freedesktop.systemd1",
                                .path = UnitPath(unit),
                                .interface = interface,
                                .property = property});
}

}  // namespace

Result<Value> UnitActiveState(const Host& host, std::string_view unit) {
  return Property(host, unit, "org.freedesktop.systemd1.Unit", "ActiveState");
}

Result<Value> UnitMainPid(const Host& host, std::string_view unit) {
  return Property(host, unit, "org.freedesktop.systemd1.Service", "MainPID");
}

}  // namespace sallyport
