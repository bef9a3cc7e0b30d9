// SPDX-License-Identifier: Apache-2.0
// Declarations of osquery's tables: what protects the machine, and its rules.
#pragma once

#include "base/table.h"

namespace sallyport {

inline constexpr Column kWindowsSecurityCenterColumns[] = {
    {"firewall", Type::kText, "Good, Poor, Not Monitored, Snoozed or Error"},
    {"autoupdate", Type::kText, "the same of updates"},
    {"antivirus", Type::kText, "the same of antivirus"},
    {"antispyware", Type::kText, "the same of antispyware; deprecated", "", Role::kPlain, true},
    {"internet_settings", Type::kText, "the same of internet settings"},
    {"windows_security_center_service", Type::kText, "the same of the service itself"},
    {"user_account_control", Type::kText, "the same of user account control"},
};
inline constexpr Schema kWindowsSecurityCenter{"windows_security_center",
                                               kWindowsSecurityCenterColumns,
                                               "what the Security Center of Windows says"};

inline constexpr Column kWindowsSecurityProductsColumns[] = {
    {"type", Type::kText, "Firewall, Antivirus or Antispyware", "nocase"},
    {"name", Type::kText, "of the product"},
    {"state", Type::kText, "On, Off, Snoozed or Expired", "nocase"},
    {"state_timestamp", Type::kText, "when it came into this state"},
    {"remediation_path", Type::kText, "program that mends it"},
    {"signatures_up_to_date", Type::kInteger, "1: they are; 0: they are not"},
};
inline constexpr Schema kWindowsSecurityProducts{
    "windows_security_products", kWindowsSecurityProductsColumns,
    "products that are registered with the Security Center"};

inline constexpr Column kWindowsFirewallRulesColumns[] = {
    {"name", Type::kText, "for people"},
    {"app_name", Type::kText, "program that it is for"},
    {"action", Type::kText, "Allow or Block"},
    {"enabled", Type::kInteger, "1: it counts"},
    {"grouping", Type::kText, "group that it belongs to"},
    {"direction", Type::kText, "In or Out"},
    {"protocol", Type::kText, "TCP, UDP, ICMP or a number"},
    {"local_addresses", Type::kText, "that it is for"},
    {"remote_addresses", Type::kText, "that it is for"},
    {"local_ports", Type::kText, "that it is for"},
    {"remote_ports", Type::kText, "that it is for"},
    {"icmp_types_codes", Type::kText, "that it is for"},
    {"profile_domain", Type::kInteger, "1: it counts in domain networks"},
    {"profile_private", Type::kInteger, "1: it counts in private networks"},
    {"profile_public", Type::kInteger, "1: it counts in public networks"},
    {"service_name", Type::kText, "service that it is for"},
};
inline constexpr Schema kWindowsFirewallRules{
    "windows_firewall_rules", kWindowsFirewallRulesColumns, "rules of Windows' firewall"};

inline constexpr Column kWindowsOptionalFeaturesColumns[] = {
    {"name", Type::kText, "of the feature"},
    {"caption", Type::kText, "for people"},
    {"state", Type::kInteger, "1 enabled, 2 disabled, 3 absent"},
    {"statename", Type::kText, "the same in words"},
};
inline constexpr Schema kWindowsOptionalFeatures{"windows_optional_features",
                                                 kWindowsOptionalFeaturesColumns,
                                                 "features of Windows that can be switched"};

inline constexpr Column kSecurityProfileInfoColumns[] = {
    {"minimum_password_age", Type::kInteger, "days before a password may be changed"},
    {"maximum_password_age", Type::kInteger, "days after which it must be changed"},
    {"minimum_password_length", Type::kInteger, "characters"},
    {"password_complexity", Type::kInteger, "1: complexity is demanded"},
    {"password_history_size", Type::kInteger, "old passwords that may not come again"},
    {"lockout_bad_count", Type::kInteger, "failures until an account is locked"},
    {"logon_to_change_password", Type::kInteger, "1: only who is logged on may change it"},
    {"force_logoff_when_expire", Type::kInteger, "1: sessions end with the logon hours"},
    {"new_administrator_name", Type::kText, "name of the built-in administrator"},
    {"new_guest_name", Type::kText, "name of the built-in guest"},
    {"clear_text_password", Type::kInteger,
     "1: passwords are stored so that they can be read back"},
    {"lsa_anonymous_name_lookup", Type::kInteger, "1: strangers may ask for names of accounts"},
    {"enable_admin_account", Type::kInteger, "1: the built-in administrator is enabled"},
    {"enable_guest_account", Type::kInteger, "1: the built-in guest is enabled"},
    {"audit_system_events", Type::kInteger, "0 none, 1 success, 2 failure, 3 both"},
    {"audit_logon_events", Type::kInteger, "0 none, 1 success, 2 failure, 3 both"},
    {"audit_object_access", Type::kInteger, "0 none, 1 success, 2 failure, 3 both"},
    {"audit_privilege_use", Type::kInteger, "0 none, 1 success, 2 failure, 3 both"},
    {"audit_policy_change", Type::kInteger, "0 none, 1 success, 2 failure, 3 both"},
    {"audit_account_manage", Type::kInteger, "0 none, 1 success, 2 failure, 3 both"},
    {"audit_process_tracking", Type::kInteger, "0 none, 1 success, 2 failure, 3 both"},
    {"audit_ds_access", Type::kInteger, "0 none, 1 success, 2 failure, 3 both"},
    {"audit_account_logon", Type::kInteger, "0 none, 1 success, 2 failure, 3 both"},
};
inline constexpr Schema kSecurityProfileInfo{"security_profile_info", kSecurityProfileInfoColumns,
                                             "the local security policy of Windows"};

inline constexpr Column kAlfColumns[] = {
    {"allow_signed_enabled", Type::kInteger, "1: signed programs may receive connections"},
    {"firewall_unload", Type::kInteger, "1: it was unloaded"},
    {"global_state", Type::kInteger, "0 off, 1 on, 2 nothing comes in"},
    {"logging_enabled", Type::kInteger, "1: it logs"},
    {"logging_option", Type::kInteger, "how much it logs"},
    {"stealth_enabled", Type::kInteger, "1: it does not answer probes"},
    {"version", Type::kText, "of the firewall", "version"},
};
inline constexpr Schema kAlf{"alf", kAlfColumns, "the application firewall of macOS"};

inline constexpr Column kAlfExceptionsColumns[] = {
    {"path", Type::kText, "the program"},
    {"state", Type::kInteger, "0: connections may come in"},
};
inline constexpr Schema kAlfExceptions{"alf_exceptions", kAlfExceptionsColumns,
                                       "programs for which the firewall of macOS has an exception"};

inline constexpr Column kGatekeeperColumns[] = {
    {"assessments_enabled", Type::kInteger, "1: it checks"},
    {"dev_id_enabled", Type::kInteger,
     "1: identified developers are allowed, not only the App Store"},
    {"version", Type::kText, "of its data", "version"},
    {"opaque_version", Type::kText, "of its opaque allow-list", "version"},
};
inline constexpr Schema kGatekeeper{"gatekeeper", kGatekeeperColumns,
                                    "whether macOS checks programs before they start"};

inline constexpr Column kSipConfigColumns[] = {
    {"config_flag", Type::kText, "one of its settings"},
    {"enabled", Type::kInteger, "1: on for what runs"},
    {"enabled_nvram", Type::kInteger, "1: on in NVRAM"},
};
inline constexpr Schema kSipConfig{"sip_config", kSipConfigColumns,
                                   "system integrity protection of macOS"};

inline constexpr Column kScreenlockColumns[] = {
    {"enabled", Type::kInteger, "1: a password is asked for after sleep or screen saver"},
    {"grace_period", Type::kInteger, "seconds until it is asked for; -1: never"},
};
inline constexpr Schema kScreenlock{"screenlock", kScreenlockColumns,
                                    "the screen lock of the user who is logged on to macOS"};

inline constexpr Column kManagedPoliciesColumns[] = {
    {"domain", Type::kText, "preference domain", "nocase"},
    {"uuid", Type::kText, "of the setting", "nocase"},
    {"name", Type::kText, "of the setting"},
    {"value", Type::kText, "of the setting"},
    {"username", Type::kText, "user that it is for; empty: all"},
    {"manual", Type::kInteger, "1: not by a profile"},
};
inline constexpr Schema kManagedPolicies{"managed_policies", kManagedPoliciesColumns,
                                         "settings that a profile manages"};

inline constexpr Column kPasswordPolicyColumns[] = {
    {"uid", Type::kBigint, "user that it is for; -1: all", "", Role::kIndex},
    {"policy_identifier", Type::kText, "identifier of the rule"},
    {"policy_content", Type::kText, "the rule as a predicate"},
    {"policy_description", Type::kText, "in words"},
    {"policy_category", Type::kText, "what it is about"},
    {"policy_parameters", Type::kText, "values of the rule"},
};
inline constexpr Schema kPasswordPolicy{"password_policy", kPasswordPolicyColumns,
                                        "password rules of macOS"};

inline constexpr Column kLocationServicesColumns[] = {
    {"enabled", Type::kInteger, "1: on"},
};
inline constexpr Schema kLocationServices{"location_services", kLocationServicesColumns,
                                          "location services of macOS"};

inline constexpr Column kSystemExtensionsColumns[] = {
    {"path", Type::kText, "where it came from"},
    {"UUID", Type::kText, "of the extension", "nocase"},
    {"state", Type::kText, "activated_enabled and the like"},
    {"identifier", Type::kText, "reverse domain name", "nocase"},
    {"version", Type::kText, "of the extension", "version"},
    {"category", Type::kText, "network, endpoint security, driver"},
    {"bundle_path", Type::kText, "application that holds it"},
    {"team", Type::kText, "developer's team identifier"},
    {"mdm_managed", Type::kInteger, "1: MDM demands it"},
};
inline constexpr Schema kSystemExtensions{"system_extensions", kSystemExtensionsColumns,
                                          "system extensions of macOS"};

inline constexpr Column kXprotectMetaColumns[] = {
    {"identifier", Type::kText, "of the extension or plug-in"},
    {"type", Type::kText, "extension or plugin"},
    {"developer_id", Type::kText, "of its developer"},
    {"min_version", Type::kText, "oldest version that is allowed", "version"},
};
inline constexpr Schema kXprotectMeta{"xprotect_meta", kXprotectMetaColumns,
                                      "extensions and plug-ins that XProtect blocks"};

inline constexpr Column kXprotectEntriesColumns[] = {
    {"name", Type::kText, "of the malware"},
    {"launch_type", Type::kText, "how it would be started"},
    {"identity", Type::kText, "SHA-1 or the like of the file"},
    {"filename", Type::kText, "name of the file"},
    {"filetype", Type::kText, "type of the file"},
    {"optional", Type::kInteger, "1: this match need not hold"},
    {"uses_pattern", Type::kInteger, "1: it is a pattern, not an identity"},
};
inline constexpr Schema kXprotectEntries{"xprotect_entries", kXprotectEntriesColumns,
                                         "signatures of XProtect"};

inline constexpr Column kXprotectReportsColumns[] = {
    {"name", Type::kText, "of the malware"},
    {"user_action", Type::kText, "what the user answered"},
    {"time", Type::kText, "when"},
};
inline constexpr Schema kXprotectReports{"xprotect_reports", kXprotectReportsColumns,
                                         "what XProtect found"};

}  // namespace sallyport
