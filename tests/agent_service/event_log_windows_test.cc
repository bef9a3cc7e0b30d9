// SPDX-License-Identifier: Apache-2.0
// What is written to the Event Log, Wine keeps nowhere; the source and its text can be seen.
#include "agent/service/event_log_windows.h"

#include <gtest/gtest.h>
#include <spdlog/logger.h>

#include <string>

#include "agent/service/this_program_windows.h"

namespace sallyport {
namespace {

constexpr char kKey[] = "SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\Sallyport";

std::string ProgramOfSource() {
  char text[MAX_PATH] = "";
  DWORD size = sizeof text;
  const LSTATUS read = RegGetValueA(HKEY_LOCAL_MACHINE, kKey, "EventMessageFile",
                                    RRF_RT_REG_EXPAND_SZ | RRF_NOEXPAND, nullptr, text, &size);
  return read == ERROR_SUCCESS ? text : "error " + std::to_string(read);
}

TEST(EventLog, SourceNamesTheProgramWhoseResourceIsTheText) {
  const std::string program = ThisFolder().value() + "\\sallyport-service.exe";
  ASSERT_TRUE(AddEventSource(program));
  EXPECT_EQ(ProgramOfSource(), program);

  // As the Event Viewer does it.
  const HMODULE file = LoadLibraryExA(program.c_str(), nullptr, LOAD_LIBRARY_AS_DATAFILE);
  ASSERT_NE(file, nullptr) << program;
  char text[256] = "";
  char said[] = "disk_volumes takes too long";
  char* const strings[] = {said};
  EXPECT_NE(FormatMessageA(FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_ARGUMENT_ARRAY, file,
                           kEventId, MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), text,
                           sizeof text, reinterpret_cast<va_list*>(const_cast<char**>(strings))),
            0u);
  EXPECT_EQ(std::string(text), "disk_volumes takes too long\r\n");
  FreeLibrary(file);

  ASSERT_TRUE(RemoveEventSource());
  EXPECT_EQ(ProgramOfSource(), "error 2");
  EXPECT_TRUE(RemoveEventSource());  // it is gone, and that is what was wanted
}

TEST(EventLog, WarningsAndErrorsAreWrittenAsSuch) {
  EXPECT_EQ(EventTypeOf(spdlog::level::critical), EVENTLOG_ERROR_TYPE);
  EXPECT_EQ(EventTypeOf(spdlog::level::err), EVENTLOG_ERROR_TYPE);
  EXPECT_EQ(EventTypeOf(spdlog::level::warn), EVENTLOG_WARNING_TYPE);
  EXPECT_EQ(EventTypeOf(spdlog::level::info), EVENTLOG_INFORMATION_TYPE);
  const auto sink = MakeEventLogSink();
  EXPECT_TRUE(sink->should_log(spdlog::level::warn));
  EXPECT_FALSE(sink->should_log(spdlog::level::info));
  spdlog::logger("test", sink).error("a test wrote this: \xff");
}

}  // namespace
}  // namespace sallyport
