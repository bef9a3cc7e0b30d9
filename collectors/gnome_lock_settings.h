// SPDX-License-Identifier: Apache-2.0
// The settings of GNOME that decide whether an unused screen locks: schema and key.
#pragma once

#include <string_view>
#include <utility>

namespace sallyport {

inline constexpr std::pair<std::string_view, std::string_view> kGnomeLockSettings[] = {
    {"org.gnome.desktop.screensaver", "lock-enabled"},
    {"org.gnome.desktop.lockdown", "disable-lock-screen"},
    {"org.gnome.desktop.session", "idle-delay"},
    {"org.gnome.desktop.screensaver", "lock-delay"},
};

}  // namespace sallyport
