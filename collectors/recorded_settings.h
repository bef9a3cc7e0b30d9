// SPDX-License-Identifier: Apache-2.0
// What a recording of a machine keeps of settings' databases: those hold all that a person set and
// opened last, and tables tell of a few keys.
#pragma once

#include <string>
#include <string_view>

namespace sallyport {

// Is this the content of a database of dconf, or of GLib's compiled schemas?
bool IsSettingsDatabase(std::string_view content);

// A database of the same form with the settings that screen_lock reads, and their locks. "" for one
// that cannot be read: it is unknown, then, of the recorded machine as it was of the real one.
std::string ShortenSettings(std::string_view content);

}  // namespace sallyport
