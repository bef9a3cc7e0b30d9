// SPDX-License-Identifier: Apache-2.0
// How one of our processes asks another to end: an event without a name that the other inherits,
// whose handle the environment tells it.
#pragma once

namespace sallyport {

// In decimal. Whoever starts a program may set it; a number that is no handle of an event is passed
// over.
inline constexpr wchar_t kStopEventVariable[] = L"SALLYPORT_STOP_EVENT";

}  // namespace sallyport
