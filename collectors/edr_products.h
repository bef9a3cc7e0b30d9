// SPDX-License-Identifier: Apache-2.0
// Table edr_products: security products that are there, and whether they do their work.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kEdrProductsColumns[] = {
    {"name", Type::kText, "clamav, auditd, ..."},
    {"vendor", Type::kText, "who makes it"},
    {"category", Type::kText, "antivirus, edr, audit"},
    {"present", Type::kInteger, "1: its files (Windows: its service) are there; 0: it only runs"},
    {"running", Type::kInteger, "1: its process runs; a zombie does not"},
    {"enforcing", Type::kInteger, "1: it prevents or records, as its category promises"},
    {"state", Type::kText,
     "stopped; degraded; enforcing; running: it does, and nothing that it shows of itself says "
     "that "
     "it is degraded or enforcing; NULL: it has no process"},
    {"pid", Type::kBigint, "its process; NULL when it does not run"},
    {"version", Type::kText, "of its package"},
    {"signature_age_days", Type::kInteger,
     "whole days since its newest signatures were made; "
     "NULL: it has none"},
    {"signature_source", Type::kText, "file that the age was taken from"},
    {"unit_state", Type::kText,
     "of its systemd unit, NULL where there is no bus; of its Windows service"},
    {"enforcing_pid", Type::kBigint, "second process that makes it enforce; NULL: none runs"},
    {"mode", Type::kText, "in its own words: Normal, Passive Mode; NULL: it has no modes"},
    {"degraded", Type::kInteger,
     "1: it runs and does less than it should: reduced functionality, registered nowhere, "
     "real-time "
     "protection off, or passive while no other product is on; NULL: it does not run, or has no "
     "such "
     "state"},
    {"tamper_protection", Type::kInteger,
     "1: it keeps itself from being switched off; NULL: it has nothing of the kind"},
};
inline constexpr Schema kEdrProducts{"edr_products", kEdrProductsColumns,
                                     "security products and their state"};

// What changes when a product's process comes or goes.
std::string EdrProcessesLinux(const Host& host, std::any* memory);

// `before` with what its processes decide as it is now.
Result<Rows> EdrAfterExitLinux(const Host& host, const Rows& before, std::any* memory);

// Ends of processes are events, and so are their starts: execve(2) opens the program. The look at
// /proc is for what the events leave out: a program that was started under another name.
inline constexpr Trigger kEdrProductsLinuxTriggers[] = {
    {.kind = Trigger::Kind::kPidColumn, .what = "pid", .refresh = EdrAfterExitLinux},
    {.kind = Trigger::Kind::kPidColumn, .what = "enforcing_pid", .refresh = EdrAfterExitLinux},
    {.kind = Trigger::Kind::kProgram, .what = "/usr/sbin/clamd"},
    {.kind = Trigger::Kind::kProgram, .what = "/usr/local/sbin/clamd"},
    {.kind = Trigger::Kind::kProgram, .what = "/usr/sbin/clamonacc"},
    {.kind = Trigger::Kind::kProgram, .what = "/usr/bin/clamonacc"},
    {.kind = Trigger::Kind::kProgram, .what = "/usr/local/sbin/clamonacc"},
    {.kind = Trigger::Kind::kProgram, .what = "/usr/sbin/auditd"},
    {.kind = Trigger::Kind::kProgram, .what = "/sbin/auditd"},
    {.kind = Trigger::Kind::kPath, .what = "/run/clamav"},
    {.kind = Trigger::Kind::kPath, .what = "/var/lib/clamav"},
    {.kind = Trigger::Kind::kPath, .what = "/etc/clamav"},
    {.kind = Trigger::Kind::kPath, .what = "/run/auditd.pid"},
    {.kind = Trigger::Kind::kUnit, .what = "clamav-daemon.service"},
    {.kind = Trigger::Kind::kUnit, .what = "auditd.service"},
    {.kind = Trigger::Kind::kUnit, .what = "falcon-sensor.service"},
    {.kind = Trigger::Kind::kUnit, .what = "mdatp.service"},
    {.kind = Trigger::Kind::kUnit, .what = "sentinelone.service"},
    {.kind = Trigger::Kind::kUnit, .what = "cbagentd.service"},
    {.kind = Trigger::Kind::kUnit, .what = "ElasticEndpoint.service"},
    {.kind = Trigger::Kind::kUnit, .what = "wazuh-agent.service"},
    {.kind = Trigger::Kind::kUnit, .what = "osqueryd.service"},
    {.kind = Trigger::Kind::kUnit, .what = "sophos-spl.service"},
    {.kind = Trigger::Kind::kUnit, .what = "eea.service"},
    {.kind = Trigger::Kind::kUnit, .what = "mfetpd.service"},
    {.kind = Trigger::Kind::kPoll, .every = std::chrono::seconds(2), .probe = EdrProcessesLinux},
};

// A service that starts, stops, comes or goes is told of; the end of its process, too, since the
// service manager may take a while to see that it was killed.
inline constexpr Trigger kEdrProductsWindowsTriggers[] = {
    {.kind = Trigger::Kind::kPidColumn, .what = "pid"},
    {.kind = Trigger::Kind::kUnit, .what = "WinDefend"},
    {.kind = Trigger::Kind::kUnit, .what = "Sense"},
    {.kind = Trigger::Kind::kUnit, .what = "CSFalconService"},
    {.kind = Trigger::Kind::kUnit, .what = "CSAgent"},
    {.kind = Trigger::Kind::kUnit, .what = "SentinelAgent"},
    {.kind = Trigger::Kind::kUnit, .what = "SentinelMonitor"},
    {.kind = Trigger::Kind::kUnit, .what = "Sophos Endpoint Defense Service"},
    {.kind = Trigger::Kind::kUnit, .what = "Sophos Endpoint Defense"},
    {.kind = Trigger::Kind::kUnit, .what = "clamd"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status)"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows Defender\Real-Time Protection)"},
    {.kind = Trigger::Kind::kPath, .what = "C:/Program Files/ClamAV/database"},
};

// One row per product that is there: absent is no row.
Result<Rows> EdrProductsLinux(const Host& host, const Keys& keys);
Result<Rows> EdrProductsMacos(const Host& host, const Keys& keys);
Result<Rows> EdrProductsWindows(const Host& host, const Keys& keys);

}  // namespace sallyport
