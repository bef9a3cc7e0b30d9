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

// Where a maker publishes no sign that his product does its work, it is unknown while it runs.
// Whether it runs is what its unit says: programs' names change with their versions.
constexpr EnforcingSign kNotTold = {};

// CrowdStrike/falcon-scripts and RedHatInsights/insights-core (parsers/falconctl.py) show the
// output: `aid="...", rfm-state=false.`, and "x is not set.". In reduced functionality mode, on a
// kernel that the sensor does not know, it sends heartbeats and prevents nothing; a sensor without
// an agent id is registered nowhere.
constexpr Words kFalconFiles[] = {"/opt/CrowdStrike/falconctl"};
constexpr Words kFalconctl[] = {"/opt/CrowdStrike/falconctl", "-g", "--aid", "--rfm-state"};
constexpr Requirement kFalconMust[] = {{"aid", ""}, {"rfm-state", "false"}};

// learn.microsoft.com/defender-endpoint/health-status. In passive mode it scans what it is asked
// to.
constexpr Words kMdatpFiles[] = {"/opt/microsoft/mdatp/sbin/wdavdaemon"};
constexpr Words kMdatp[] = {"/usr/bin/mdatp", "health"};
constexpr Requirement kMdatpMust[] = {{"licensed", "true"},
                                      {"real_time_protection_enabled", "true"},
                                      {"passive_mode_enabled", "false"}};

constexpr Words kSentinelFiles[] = {"/opt/sentinelone/bin/sentinelctl"};
// techdocs.broadcom.com, Carbon Black Cloud sensors: the service is cbagentd.
constexpr Words kCarbonBlackFiles[] = {"/opt/carbonblack/psc/bin/cbagentd"};
// elastic.co/docs, Elastic Endpoint command reference, for the path.
constexpr Words kElasticFiles[] = {"/opt/Elastic/Endpoint/elastic-endpoint"};
// documentation.wazuh.com, wazuh-agentd.state: status is pending, connected or disconnected.
constexpr Words kWazuhFiles[] = {"/var/ossec/bin/wazuh-agentd"};
constexpr Requirement kWazuhMust[] = {{"status", "connected"}};
constexpr Words kOsqueryFiles[] = {"/opt/osquery/bin/osqueryd", "/usr/bin/osqueryd"};
// docs.sophos.com/esg/spl: real-time scanning is off unless a policy turns it on; what the policy
// says is not told here.
constexpr Words kSophosFiles[] = {"/opt/sophos-spl/base/bin/sophos_watchdog"};
// help.eset.com/eeau, file and folder structure: eea.service, startd.
constexpr Words kEsetFiles[] = {"/opt/eset/eea/sbin/startd"};
// Microsoft Defender for Cloud's recommendations name mfetpcli; the service is mfetpd.
constexpr Words kTrellixFiles[] = {"/opt/McAfee/ens/tp/bin/mfetpcli"};

constexpr EdrProduct ByUnit(std::string_view name, std::string_view vendor,
                            std::string_view category, std::span<const std::string_view> files,
                            std::string_view package, std::string_view unit,
                            const EnforcingSign& enforcing = kNotTold) {
  return {.name = name,
          .vendor = vendor,
          .category = category,
          .files = files,
          .dpkg_package = package,
          .unit = unit,
          .process = {},
          .configuration = {},
          .enforcing = enforcing,
          .signatures = {}};
}

constexpr EnforcingSign ByReport(const ProductReport& report) {
  return {.kind = EnforcingSign::Kind::kReport,
          .command = {},
          .field = {},
          .values = {},
          .companion = {},
          .report = report};
}

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
    ByUnit("crowdstrike_falcon", "CrowdStrike", "edr", kFalconFiles, "falcon-sensor",
           "falcon-sensor.service",
           ByReport({.command = kFalconctl,
                     .file = {},
                     .must = kFalconMust,
                     .degraded = {"rfm-state", "true"},
                     .tamper = {}})),
    ByUnit("defender_endpoint", "Microsoft", "edr", kMdatpFiles, "mdatp", "mdatp.service",
           ByReport({.command = kMdatp,
                     .file = {},
                     .must = kMdatpMust,
                     .degraded = {"passive_mode_enabled", "true"},
                     .tamper = {"tamper_protection", "block"}})),
    ByUnit("sentinelone", "SentinelOne", "edr", kSentinelFiles, "sentinelagent",
           "sentinelone.service"),
    ByUnit("carbon_black_cloud", "Broadcom", "edr", kCarbonBlackFiles, "cb-psc-sensor",
           "cbagentd.service"),
    ByUnit("elastic_endpoint", "Elastic", "edr", kElasticFiles, "", "ElasticEndpoint.service"),
    ByUnit("wazuh", "Wazuh", "audit", kWazuhFiles, "wazuh-agent", "wazuh-agent.service",
           ByReport({.command = {},
                     .file = "/var/ossec/var/run/wazuh-agentd.state",
                     .must = kWazuhMust,
                     .degraded = {},
                     .tamper = {}})),
    ByUnit("osquery", "osquery", "audit", kOsqueryFiles, "osquery", "osqueryd.service"),
    ByUnit("sophos_endpoint", "Sophos", "edr", kSophosFiles, "", "sophos-spl.service"),
    ByUnit("eset_endpoint", "ESET", "antivirus", kEsetFiles, "eea", "eea.service"),
    ByUnit("trellix_ens", "Trellix", "antivirus", kTrellixFiles, "mcafeetp", "mfetpd.service"),
};

}  // namespace

std::span<const EdrProduct> EdrProductsOfLinux() { return kProducts; }

}  // namespace sallyport
