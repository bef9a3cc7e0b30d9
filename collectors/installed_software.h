// SPDX-License-Identifier: Apache-2.0
// Tables patches, programs and windows_optional_features of osquery: what is installed on Windows.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Trigger kProgramsTriggers[] = {
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall)"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion)"
             R"(\Uninstall)"},
};
inline constexpr Trigger kPatchesTriggers[] = {
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion)"},
};

// Win32_QuickFixEngineering: updates that component servicing installed as packages of their own.
// It leaves out what came by Windows Installer or Microsoft Update, and a cumulative update shows
// only as its newest number: that a KB is not listed does not mean that its fix is missing. The
// build's revision (os_version.revision) tells that.
Result<Rows> PatchesWindows(const Host& host, const Keys& keys);

// The uninstall keys of both views of the machine's registry and of the users who are logged on;
// entries without a name are nothing that a person sees. Packages of the Store are not there.
Result<Rows> ProgramsWindows(const Host& host, const Keys& keys);

Result<Rows> OptionalFeaturesWindows(const Host& host, const Keys& keys);

}  // namespace sallyport
