// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/declared.h"
#include "collectors/osquery/users.h"

namespace sallyport {
namespace {

constexpr Schema kTables[] = {
    kUsers, kGroups, kUserGroups, kUserSshKeys, kShadow,
};

}  // namespace

std::span<const Schema> DeclaredUsersTables() { return kTables; }

}  // namespace sallyport
