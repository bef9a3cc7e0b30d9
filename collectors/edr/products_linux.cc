// SPDX-License-Identifier: Apache-2.0
#include "collectors/edr/product.h"

namespace sallyport {
namespace {

using Words = std::string_view;

constexpr Words kClamdPrograms[] = {"/usr/sbin/clamd", "/usr/local/sbin/clamd"};
constexpr Words kClamonaccPrograms[] = {"/usr/sbin/clamonacc", "/usr/bin/clamonacc",
                                        "/usr/local/sbin/clamonacc"};
constexpr Words kClamdFlags[] = {"-c", "--config-file"};  // clamd(8)
constexpr Words kYes[] = {"yes", "true", "1"};            // clamd.conf(5), in lower case

constexpr Words kAuditdPrograms[] = {"/usr/sbin/auditd", "/sbin/auditd"};
constexpr Words kAuditctl[] = {"/usr/sbin/auditctl", "-s"};
constexpr Words kAuditEnabled[] = {"1", "2"};  // auditctl(8): 2 is enabled and locked

constexpr EdrProduct kProducts[] = {
    {.name = "clamav",
     .vendor = "Cisco Talos",
     .category = "antivirus",
     .files = kClamdPrograms,
     .dpkg_package = "clamav-daemon",
     .unit = "clamav-daemon.service",
     .process = {"clamd", kClamdPrograms},
     .configuration = {kClamdFlags, "/etc/clamav/clamd.conf"},
     // clamd alone scans what it is asked to; only clamonacc with prevention keeps a file from
     // being opened, clamonacc(8).
     .enforcing = {.kind = EnforcingSign::Kind::kCompanion,
                   .command = {},
                   .field = "OnAccessPrevention",
                   .values = kYes,
                   .companion = {"clamonacc", kClamonaccPrograms}},
     .signatures = {SignatureStore::Kind::kClamav, "DatabaseDirectory", "/var/lib/clamav"}},
    {.name = "auditd",
     .vendor = "Linux Audit",
     .category = "audit",
     .files = kAuditdPrograms,
     .dpkg_package = "auditd",
     .unit = "auditd.service",
     .process = {"auditd", kAuditdPrograms},
     .configuration = {},
     .enforcing = {.kind = EnforcingSign::Kind::kCommand,
                   .command = kAuditctl,
                   .field = "enabled",
                   .values = kAuditEnabled,
                   .companion = {}},
     .signatures = {}},
};

}  // namespace

std::span<const EdrProduct> EdrProductsOfLinux() { return kProducts; }

}  // namespace sallyport
