// SPDX-License-Identifier: Apache-2.0
// The kinds of files that configure VPN clients and servers. A kind is read by the very collectors
// that read a machine: the file is shown to them at its place there.
#pragma once

#include <span>

#include "agent/lint/file_kind.h"

namespace sallyport {

// In the order in which they are tried. Those that nothing reads yet are among them: a file of such
// a kind is never taken for clean.
std::span<const FileKind> VpnFileKinds();

// Of the tables that the kinds are read into.
std::span<const std::string_view> VpnTables();

}  // namespace sallyport
