// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/declared.h"
#include "collectors/osquery/paths.h"

namespace sallyport {
namespace {

constexpr Schema kTables[] = {
    kRegistryTable, kPlist, kFileTable, kHash, kAugeas, kCertificates, kSignature, kAuthenticode,
};

}  // namespace

std::span<const Schema> DeclaredPathsTables() { return kTables; }

}  // namespace sallyport
