// SPDX-License-Identifier: Apache-2.0
#include "agent/service/event_log_windows.h"

#include <spdlog/sinks/base_sink.h>

#include <memory>
#include <mutex>
#include <string_view>

#include "base/text.h"
#include "platform/handle_windows.h"

namespace sallyport {
namespace {

constexpr wchar_t kSource[] = L"Sallyport";
constexpr wchar_t kKey[] = L"SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\Sallyport";
constexpr char kThing[] = "event source Sallyport";
constexpr size_t kMaxText = 8'000;  // ReportEvent takes 31,839 characters

struct DeregisterOf {
  void operator()(HANDLE log) const { DeregisterEventSource(log); }
};

class EventLogSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  EventLogSink() : log_(RegisterEventSourceW(nullptr, kSource)) { set_level(spdlog::level::warn); }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string text =
        Excerpt(std::string_view(message.payload.data(), message.payload.size()), kMaxText);
    const auto wide = Wide(text);
    if (!log_ || !wide) return;
    const wchar_t* const strings[] = {wide->c_str()};
    ReportEventW(log_.get(), EventTypeOf(message.level), 0, kEventId, nullptr, 1, 0,
                 const_cast<const wchar_t**>(strings), nullptr);
  }
  void flush_() override {}

 private:
  std::unique_ptr<void, DeregisterOf> log_;
};

Status SetValue(HKEY key, const wchar_t* name, DWORD type, const void* bytes, size_t size) {
  const LSTATUS set =
      RegSetValueExW(key, name, 0, type, static_cast<const BYTE*>(bytes), static_cast<DWORD>(size));
  if (set != ERROR_SUCCESS) return FailWindows(static_cast<DWORD>(set), kThing);
  return {};
}

}  // namespace

Status AddEventSource(const std::string& program) {
  const auto wide = Wide(program);
  if (!wide) return tl::unexpected(wide.error());
  HKEY key = nullptr;
  const LSTATUS made =
      RegCreateKeyExW(HKEY_LOCAL_MACHINE, kKey, 0, nullptr, REG_OPTION_NON_VOLATILE,
                      KEY_SET_VALUE | KEY_WOW64_64KEY, nullptr, &key, nullptr);
  if (made != ERROR_SUCCESS) return FailWindows(static_cast<DWORD>(made), kThing);
  Status set = SetValue(key, L"EventMessageFile", REG_EXPAND_SZ, wide->c_str(),
                        (wide->size() + 1) * sizeof(wchar_t));
  const DWORD types = EVENTLOG_ERROR_TYPE | EVENTLOG_WARNING_TYPE | EVENTLOG_INFORMATION_TYPE;
  if (set) set = SetValue(key, L"TypesSupported", REG_DWORD, &types, sizeof types);
  RegCloseKey(key);
  return set;
}

Status RemoveEventSource() {
  const LSTATUS gone = RegDeleteKeyExW(HKEY_LOCAL_MACHINE, kKey, KEY_WOW64_64KEY, 0);
  if (gone == ERROR_SUCCESS || gone == ERROR_FILE_NOT_FOUND) return {};
  return FailWindows(static_cast<DWORD>(gone), kThing);
}

WORD EventTypeOf(spdlog::level::level_enum level) {
  if (level >= spdlog::level::err) return EVENTLOG_ERROR_TYPE;
  return level == spdlog::level::warn ? EVENTLOG_WARNING_TYPE : EVENTLOG_INFORMATION_TYPE;
}

spdlog::sink_ptr MakeEventLogSink() { return std::make_shared<EventLogSink>(); }

}  // namespace sallyport
