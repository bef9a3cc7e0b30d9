# SPDX-License-Identifier: Apache-2.0
# Toolchain of the preset mingw: x86_64 Windows 10 and later, from Debian 12's g++-mingw-w64
# (GCC 12). The libraries are static ones of build/mingw-prefix, which `./dev windows` unpacks, and
# are built with this file themselves.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR AMD64)
set(triple x86_64-w64-mingw32)
# The -posix compilers: those of the -win32 thread model have no std::thread.
set(CMAKE_C_COMPILER /usr/bin/${triple}-gcc-posix)
set(CMAKE_CXX_COMPILER /usr/bin/${triple}-g++-posix)
set(CMAKE_RC_COMPILER /usr/bin/${triple}-windres)
set(CMAKE_AR /usr/bin/${triple}-gcc-ar-posix)
set(CMAKE_RANLIB /usr/bin/${triple}-gcc-ranlib-posix)

if(NOT SALLYPORT_MINGW_PREFIX)
  get_filename_component(SALLYPORT_MINGW_PREFIX
      "${CMAKE_CURRENT_LIST_DIR}/../../build/mingw-prefix" ABSOLUTE)
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SALLYPORT_MINGW_PREFIX)
set(CMAKE_FIND_ROOT_PATH "${SALLYPORT_MINGW_PREFIX}" /usr/${triple})
list(PREPEND CMAKE_PREFIX_PATH "${SALLYPORT_MINGW_PREFIX}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)  # protoc, grpc_cpp_plugin and moc run here
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(QT_HOST_PATH /usr CACHE PATH "")
set(QT_HOST_PATH_CMAKE_DIR /usr/lib/x86_64-linux-gnu/cmake CACHE PATH "")
set(BUILD_SHARED_LIBS OFF CACHE BOOL "")
set(OPENSSL_USE_STATIC_LIBS ON)
set(ZLIB_USE_STATIC_LIBS ON)

# -fno-ipa-ra is what keeps the program right: with it off, GCC assumes that a call of an inline or
# template function runs this object's copy and keeps values in the registers that this copy leaves
# alone. In PE/COFF the linker keeps another object's copy, which may use them. QProcess crashed so
# once gRPC's objects were linked beside Qt's. Every object needs it, those of the libraries too,
# and no precompiled header: a .gch brings back its own optimisation flags.
set(flags "-D_WIN32_WINNT=0x0A00 -DWINVER=0x0A00 -fno-ipa-ra -ffunction-sections -fdata-sections")
set(CMAKE_C_FLAGS_INIT "${flags}")
set(CMAKE_CXX_FLAGS_INIT "${flags}")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -static-libgcc -static-libstdc++ -Wl,--gc-sections")

set(CMAKE_CROSSCOMPILING_EMULATOR "${CMAKE_CURRENT_LIST_DIR}/wine-run" CACHE STRING "")
