# SPDX-License-Identifier: Apache-2.0
# The libraries of a macOS build: Debian's headers, seen through a folder of links (with
# /usr/include on the command line, glibc's headers would come along). Sources that use them are
# compiled; only what needs none but headers and GoogleTest, which is built here, is linked.
set(SALLYPORT_HEADERS_ONLY ON)
set(MACOS_HEADERS ${PROJECT_SOURCE_DIR}/build/macos/include)

# link_headers(FROM NAME...): a file or folder of FROM becomes visible.
function(link_headers from)
  foreach(name ${ARGN})
    if(NOT EXISTS ${from}/${name})
      message(FATAL_ERROR "no ${from}/${name}: run ./dev check-macos, which installs it")
    endif()
    get_filename_component(folder ${MACOS_HEADERS}/${name} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    file(CREATE_LINK ${from}/${name} ${MACOS_HEADERS}/${name} SYMBOLIC)
  endforeach()
endfunction()
link_headers(/usr/include CLI absl fmt google grpc grpcpp nlohmann re2 spdlog sqlite3.h
    tl yaml-cpp)
# Debian keeps what differs between architectures apart.
set(multiarch /usr/include/x86_64-linux-gnu)
foreach(from /usr/include ${multiarch})
  file(GLOB names RELATIVE ${from} ${from}/openssl/*.h)
  link_headers(${from} ${names})
endforeach()

# headers_of(TARGET...): imported libraries that are headers.
function(headers_of)
  foreach(target ${ARGN})
    add_library(${target} INTERFACE IMPORTED GLOBAL)
    target_include_directories(${target} INTERFACE ${MACOS_HEADERS})
  endforeach()
endfunction()
headers_of(CLI11::CLI11 OpenSSL::Crypto OpenSSL::SSL SQLite::SQLite3 fmt::fmt
    gRPC::grpc++ nlohmann_json::nlohmann_json protobuf::libprotobuf re2::re2 spdlog::spdlog tl::expected
    yaml-cpp)
target_compile_definitions(fmt::fmt INTERFACE FMT_HEADER_ONLY)
target_compile_definitions(spdlog::spdlog INTERFACE SPDLOG_FMT_EXTERNAL)
target_link_libraries(spdlog::spdlog INTERFACE fmt::fmt)
add_library(Threads::Threads INTERFACE IMPORTED GLOBAL)  # libSystem has them

add_library(Qt6::Core INTERFACE IMPORTED GLOBAL)
target_include_directories(Qt6::Core INTERFACE ${multiarch}/qt6 ${multiarch}/qt6/QtCore)

# GoogleTest from Debian's copy of its sources.
set(googletest /usr/src/googletest)
foreach(name gtest gmock)
  string(REPLACE "gtest" "googletest" folder ${name})
  string(REPLACE "gmock" "googlemock" folder ${folder})
  add_library(${name} STATIC ${googletest}/${folder}/src/${name}-all.cc)
  target_include_directories(${name} SYSTEM PUBLIC ${googletest}/${folder}/include
      PRIVATE ${googletest}/${folder})
  add_library(GTest::${name} ALIAS ${name})
endforeach()
target_link_libraries(gmock PUBLIC gtest)
add_library(gtest_main STATIC ${googletest}/googletest/src/gtest_main.cc)
target_link_libraries(gtest_main PUBLIC gtest)
add_library(GTest::gtest_main ALIAS gtest_main)
