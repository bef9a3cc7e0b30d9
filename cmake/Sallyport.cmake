# SPDX-License-Identifier: Apache-2.0
# The few functions that every CMakeLists.txt of the project uses.

# Compile options of our own code; generated code does not get them.
add_library(sallyport_options INTERFACE)
target_compile_options(sallyport_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
    $<$<BOOL:${SALLYPORT_WERROR}>:-Werror>)
target_include_directories(sallyport_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(sallyport_options INTERFACE SALLYPORT_VERSION="${PROJECT_VERSION}")

if(SALLYPORT_SANITIZE)
  add_compile_options(-fsanitize=${SALLYPORT_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SALLYPORT_SANITIZE})
  if(SALLYPORT_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()

# sallyport_library(NAME SOURCES a.cc ... LINKS x ...): one folder's static library.
function(sallyport_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_LINKS} PRIVATE sallyport_options)
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()

# Every program: what `./dev bench` runs, without the tests.
add_custom_target(programs)

# sallyport_program(NAME SOURCES a.cc ... LINKS x ...): a program in build/<preset>/bin. Where of the
# libraries only the headers are there, its sources are compiled and not linked.
function(sallyport_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  if(SALLYPORT_HEADERS_ONLY)
    add_library(${name} OBJECT ${ARG_SOURCES})
  else()
    add_executable(${name} ${ARG_SOURCES})
  endif()
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} sallyport_options)
  add_dependencies(programs ${name})
endfunction()

# What `./dev asan` and `./dev tsan` build: the unit tests and what they start.
add_custom_target(unit_tests)

# sallyport_test(NAME SOURCES a_test.cc ... LINKS x ... LABELS unit|lab): one GoogleTest binary of a folder.
# ctest runs the binary once: a process per TEST would cost more than the tests.
function(sallyport_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} GTest::gtest GTest::gmock GTest::gtest_main sallyport_options)
  target_compile_definitions(${name} PRIVATE SALLYPORT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  set(timeout 300)
  if(WIN32)
    list(APPEND ARG_LABELS windows)
    set(timeout 60)
  endif()
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  if("unit" IN_LIST ARG_LABELS)
    add_dependencies(unit_tests ${name})
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${timeout})
endfunction()

# sallyport_use_grpc_pch(TARGET): the precompiled gRPC/Protobuf headers. Native presets only: on
# mingw a .gch brings back its own optimisation flags.
function(sallyport_use_grpc_pch target)
  if(SALLYPORT_PCH)
    target_precompile_headers(${target} PRIVATE
        <grpcpp/grpcpp.h> <google/protobuf/message.h> <map> <memory> <string> <vector>)
  endif()
endfunction()
