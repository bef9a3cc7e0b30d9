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
    {"present", Type::kInteger, "1: its files are there; 0: it only runs"},
    {"running", Type::kInteger, "1: its process runs; a zombie does not"},
    {"enforcing", Type::kInteger, "1: it prevents or records, as its category promises"},
    {"state", Type::kText, "stopped, running, enforcing"},
    {"pid", Type::kBigint, "its process; NULL when it does not run"},
    {"version", Type::kText, "of its package"},
    {"signature_age_s", Type::kBigint, "age of its newest signatures; NULL: it has none"},
    {"signature_source", Type::kText, "file that the age was taken from"},
    {"unit_state", Type::kText, "of its systemd unit; NULL where there is no bus"},
};
inline constexpr Schema kEdrProducts{"edr_products", kEdrProductsColumns,
                                     "security products and their state"};

// One number that changes when a product's process comes or goes: names of /proc only.
std::string EdrProcessesLinux(const Host& host);

// The end of a process is an event of its own; for its start there is none, so the runtime folders
// are watched and /proc is looked at each second.
inline constexpr Trigger kEdrProductsLinuxTriggers[] = {
    {.kind = Trigger::Kind::kPidColumn, .what = "pid"},
    {.kind = Trigger::Kind::kPath, .what = "/run/clamav"},
    {.kind = Trigger::Kind::kPath, .what = "/var/lib/clamav"},
    {.kind = Trigger::Kind::kPath, .what = "/etc/clamav"},
    {.kind = Trigger::Kind::kPath, .what = "/run/auditd.pid"},
    {.kind = Trigger::Kind::kUnit, .what = "clamav-daemon.service"},
    {.kind = Trigger::Kind::kUnit, .what = "auditd.service"},
    {.kind = Trigger::Kind::kPoll, .every = std::chrono::seconds(1), .probe = EdrProcessesLinux},
};

// One row per product that is there: absent is no row.
Result<Rows> EdrProductsLinux(const Host& host, const Keys& keys);

}  // namespace sallyport
