// SPDX-License-Identifier: Apache-2.0
// Reads one property, and systemd's list of units, from the system bus. Interfaces:
// org.freedesktop.DBus.Properties.Get of the D-Bus specification, org.freedesktop.systemd1(5).
#pragma once

#include <chrono>
#include <vector>

#include "platform/host.h"

namespace sallyport {

// The bus is the one that DBUS_SYSTEM_BUS_ADDRESS or the well-known socket names. Booleans,
// integers, doubles, strings and object paths come back; another type is kUnsupported, an unsigned
// number that does not fit int64_t is kTooLarge (systemd writes "infinity" so). No such service,
// object, interface or property: kNotFound. No bus: kUnavailable.
Result<Value> ReadSystemBusProperty(const DbusProperty& property,
                                    std::chrono::milliseconds timeout);

// org.freedesktop.systemd1.Manager.ListUnits, by id. No systemd on the bus: kNotFound. No bus:
// kUnavailable.
Result<std::vector<SystemdUnit>> ListSystemdUnits(std::chrono::milliseconds timeout);

}  // namespace sallyport
