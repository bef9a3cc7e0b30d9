// SPDX-License-Identifier: Apache-2.0
// Which keys of a manifest a collector is asked for at all.
#pragma once

#include "base/result.h"
#include "base/table.h"

namespace sallyport {

// kMalformed: a key on a column that the table does not have, or that is no key of it; a table that
// has to be given a key, without one; a pattern with %% before its end; more keys than columns.
// kDenied: a pattern that would list most of the machine ("/%%", "/home/%/%%"). The message names
// the key. The other tables of the manifest are collected all the same.
Status CheckKeys(const Schema& schema, const Keys& keys);

}  // namespace sallyport
