// SPDX-License-Identifier: Apache-2.0
// Our entries in the Event Log, Application, source "Sallyport". The text of event 1 is the message
// itself: it lies in this program (event_messages.mc), which the source's EventMessageFile names.
#pragma once

#include <spdlog/common.h>
#include <windows.h>

#include <string>

#include "base/result.h"

namespace sallyport {

inline constexpr DWORD kEventId = 1;  // SALLYPORT_EVENT_TEXT

// HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\EventLog\Application\Sallyport.
Status AddEventSource(const std::string& program);
Status RemoveEventSource();

// EVENTLOG_WARNING_TYPE, EVENTLOG_ERROR_TYPE, below them EVENTLOG_INFORMATION_TYPE.
WORD EventTypeOf(spdlog::level::level_enum level);

// Writes warnings and errors. Works also before the source is registered; then the Event Viewer
// shows the text below a line that the description is missing.
spdlog::sink_ptr MakeEventLogSink();

}  // namespace sallyport
