# SPDX-License-Identifier: Apache-2.0
# The libraries of a Windows build: those of the prefix, and Debian's header-only ones, of which
# ./dev lays a copy into the prefix (with /usr/include on the command line, glibc's headers would
# come along).
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Protobuf CONFIG REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(re2 CONFIG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(GTest CONFIG REQUIRED)
find_package(Qt6 COMPONENTS Core REQUIRED)

# header_only(TARGET FILE): an imported library that is a folder of headers.
function(header_only target file)
  if(NOT EXISTS ${SALLYPORT_MINGW_PREFIX}/headers/${file})
    message(FATAL_ERROR "${file} is not in ${SALLYPORT_MINGW_PREFIX}/headers: run ./dev windows")
  endif()
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} INTERFACE ${SALLYPORT_MINGW_PREFIX}/headers)
endfunction()
header_only(tl::expected tl/expected.hpp)
header_only(nlohmann_json::nlohmann_json nlohmann/json.hpp)
header_only(CLI11::CLI11 CLI/CLI.hpp)
header_only(fmt::fmt fmt/format.h)
target_compile_definitions(fmt::fmt INTERFACE FMT_HEADER_ONLY)
# Debian's spdlog brings no fmt of its own.
header_only(spdlog::spdlog spdlog/spdlog.h)
target_compile_definitions(spdlog::spdlog INTERFACE SPDLOG_FMT_EXTERNAL)
target_link_libraries(spdlog::spdlog INTERFACE fmt::fmt)
