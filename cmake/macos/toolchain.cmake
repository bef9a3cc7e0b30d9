# SPDX-License-Identifier: Apache-2.0
# Toolchain of the presets macos-arm64 and macos-x86_64: macOS 13 and later, from Linux. zig 0.11.0
# is clang 16 with libc++ 16, the generation of Xcode 15: what it refuses, Xcode 15 refuses too.
# It has the headers of libSystem and no framework.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_PROCESSOR ${SALLYPORT_MACOS_ARCH})
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SALLYPORT_MACOS_ARCH)
if(SALLYPORT_MACOS_ARCH STREQUAL "arm64")
  set(triple aarch64-macos.13.0)
elseif(SALLYPORT_MACOS_ARCH STREQUAL "x86_64")
  set(triple x86_64-macos.13.0)
else()
  message(FATAL_ERROR "SALLYPORT_MACOS_ARCH: arm64 or x86_64, not '${SALLYPORT_MACOS_ARCH}'")
endif()

set(zig ${CMAKE_CURRENT_LIST_DIR}/../../build/zig/zig)
if(NOT EXISTS ${zig})
  message(FATAL_ERROR "no ${zig}: run ./dev check-macos, which fetches it")
endif()
set(CMAKE_CXX_COMPILER ${CMAKE_CURRENT_LIST_DIR}/zig-c++)
set(CMAKE_CXX_COMPILER_TARGET ${triple})
set(CMAKE_CXX_ARCHIVE_CREATE "${zig} ar qc <TARGET> <LINK_FLAGS> <OBJECTS>")
set(CMAKE_CXX_ARCHIVE_FINISH "${zig} ranlib <TARGET>")
set(CMAKE_INSTALL_NAME_TOOL /bin/false)  # CMake asks for one; nothing is installed

# zig adds the undefined behaviour sanitizer to a build without optimization.
set(CMAKE_CXX_FLAGS_INIT "-fno-sanitize=undefined")

# Programs run here: protoc, grpc_cpp_plugin. Libraries for Linux are of no use.
set(CMAKE_FIND_ROOT_PATH /nonexistent)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
