# SPDX-License-Identifier: Apache-2.0
# The agent's portable sources: compiled for macOS, in no program yet. The list is the tree's own:
# every source of agent/ that is not named for another system and is not a main().
execute_process(
    COMMAND git ls-files --cached --others --exclude-standard -- "agent/*.cc"
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    OUTPUT_VARIABLE sources OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" sources "${sources}")
list(FILTER sources EXCLUDE REGEX "(_linux|_windows|/main)\\.cc$")
list(TRANSFORM sources PREPEND ${PROJECT_SOURCE_DIR}/)
add_library(sallyport_agent_sources OBJECT ${sources})
target_link_libraries(sallyport_agent_sources PRIVATE sallyport_options sallyport_attestation
    sallyport_collectors sallyport_grpc sallyport_platform sallyport_policy CLI11::CLI11 Qt6::Core
    SQLite::SQLite3 spdlog::spdlog)
