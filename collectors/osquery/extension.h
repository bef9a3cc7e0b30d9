// SPDX-License-Identifier: Apache-2.0
// Declarations of tables of Fleet's and Kolide's extensions.
#pragma once

#include "base/table.h"

namespace sallyport {

inline constexpr Column kFileLinesColumns[] = {
    {"path", Type::kText, "file", "", Role::kRequired},
    {"line", Type::kText, "the line, without its end"},
};
inline constexpr Schema kFileLines{"file_lines", kFileLinesColumns, "lines of a text file"};

inline constexpr Column kParseJsonColumns[] = {
    {"path", Type::kText, "file", "", Role::kRequired},
    {"fullkey", Type::kText, "keys that lead to the value, by slashes"},
    {"parent", Type::kText, "the same without the last"},
    {"key", Type::kText, "last of them"},
    {"value", Type::kText, "as text"},
};
inline constexpr Schema kParseJson{"parse_json", kParseJsonColumns, "values of a JSON file"};

inline constexpr Column kParseJsonlColumns[] = {
    {"path", Type::kText, "file", "", Role::kRequired},
    {"fullkey", Type::kText, "keys that lead to the value, by slashes"},
    {"parent", Type::kText, "the same without the last"},
    {"key", Type::kText, "last of them"},
    {"value", Type::kText, "as text"},
};
inline constexpr Schema kParseJsonl{"parse_jsonl", kParseJsonlColumns,
                                    "values of a file with a JSON value on each line"};

inline constexpr Column kParseIniColumns[] = {
    {"path", Type::kText, "file", "", Role::kRequired},
    {"fullkey", Type::kText, "keys that lead to the value, by slashes"},
    {"parent", Type::kText, "the same without the last"},
    {"key", Type::kText, "last of them"},
    {"value", Type::kText, "as text"},
};
inline constexpr Schema kParseIni{"parse_ini", kParseIniColumns, "values of an INI file"};

inline constexpr Column kParseXmlColumns[] = {
    {"path", Type::kText, "file", "", Role::kRequired},
    {"fullkey", Type::kText, "keys that lead to the value, by slashes"},
    {"parent", Type::kText, "the same without the last"},
    {"key", Type::kText, "last of them"},
    {"value", Type::kText, "as text"},
};
inline constexpr Schema kParseXml{"parse_xml", kParseXmlColumns, "values of an XML file"};

inline constexpr Column kMdmColumns[] = {
    {"access_rights", Type::kInteger, "rights of the profile, as bits"},
    {"checkin_url", Type::kText, "where it checks in"},
    {"dep_capable", Type::kText, "whether the Mac can be enrolled automatically"},
    {"enrolled", Type::kText, "whether it is enrolled"},
    {"has_scep_payload", Type::kText, "whether the profile has a SCEP payload"},
    {"identity_certificate_uuid", Type::kText, "payload of its certificate"},
    {"install_date", Type::kText, "of the profile"},
    {"installed_from_dep", Type::kText, "whether it was enrolled automatically"},
    {"payload_identifier", Type::kText, "of the profile"},
    {"server_url", Type::kText, "of the MDM server"},
    {"sign_message", Type::kText, "whether messages are signed"},
    {"topic", Type::kText, "of the push service"},
    {"user_approved", Type::kText, "whether a user approved it"},
};
inline constexpr Schema kMdm{"mdm", kMdmColumns, "enrollment of the Mac in MDM"};

inline constexpr Column kMdmBridgeColumns[] = {
    {"enrollment_status", Type::kText, "of the device"},
    {"enrolled_user", Type::kText, "user who enrolled it"},
    {"mdm_command_input", Type::kText, "SyncML command that is asked", "", Role::kAdditional},
    {"mdm_command_output", Type::kText, "answer"},
    {"raw_mdm_command_output", Type::kText, "answer, with its envelope"},
};
inline constexpr Schema kMdmBridge{"mdm_bridge", kMdmBridgeColumns,
                                   "answers of Windows' MDM bridge"};

inline constexpr Column kCisAuditColumns[] = {
    {"item", Type::kText, "name of the setting"},
    {"value", Type::kText, "of the setting"},
};
inline constexpr Schema kCisAudit{"cis_audit", kCisAuditColumns,
                                  "audit settings that CIS asks for"};

inline constexpr Column kSoftwareUpdateColumns[] = {
    {"software_update_required", Type::kInteger, "1: there are some"},
};
inline constexpr Schema kSoftwareUpdate{"software_update", kSoftwareUpdateColumns,
                                        "whether macOS has updates to install"};

inline constexpr Column kWindowsUpdatesColumns[] = {
    {"locale", Type::kText, "language of the answer", "", Role::kAdditional},
    {"is_default", Type::kInteger, "1: language of the system"},
    {"key", Type::kText, "last of them"},
    {"value", Type::kText, "as text"},
    {"fullkey", Type::kText, "keys that lead to the value, by slashes"},
    {"parent", Type::kText, "the same without the last"},
    {"query", Type::kText, "path within the answer that is asked for", "", Role::kAdditional},
};
inline constexpr Schema kWindowsUpdates{"windows_updates", kWindowsUpdatesColumns,
                                        "what Windows Update offers"};

inline constexpr Column kFilevaultStatusColumns[] = {
    {"status", Type::kText, "as fdesetup says it"},
};
inline constexpr Schema kFilevaultStatus{"filevault_status", kFilevaultStatusColumns,
                                         "FileVault in words"};

inline constexpr Column kPwdPolicyColumns[] = {
    {"max_failed_attempts", Type::kInteger, "until the account is locked"},
    {"expires_every_n_days", Type::kInteger, "days until a password ends"},
    {"days_to_expiration", Type::kInteger, "days that are left"},
    {"history_depth", Type::kInteger, "old passwords that may not come again"},
    {"min_mixed_case_characters", Type::kInteger, "of a password"},
};
inline constexpr Schema kPwdPolicy{"pwd_policy", kPwdPolicyColumns,
                                   "password rules of macOS, summed up"};

inline constexpr Column kPmsetColumns[] = {
    {"getting", Type::kText, "what is asked for: custom, batt and the like", "", Role::kAdditional},
    {"json_result", Type::kText, "the answer as JSON"},
};
inline constexpr Schema kPmset{"pmset", kPmsetColumns, "power settings of macOS"};

inline constexpr Column kAuthdbColumns[] = {
    {"right_name", Type::kText, "the right", "", Role::kRequired},
    {"json_result", Type::kText, "the right as JSON"},
};
inline constexpr Schema kAuthdb{"authdb", kAuthdbColumns,
                                "rights of macOS' authorization database"};

inline constexpr Column kSudoInfoColumns[] = {
    {"json_result", Type::kText, "its configuration as JSON"},
};
inline constexpr Schema kSudoInfo{"sudo_info", kSudoInfoColumns, "how sudo is configured"};

inline constexpr Column kFindCmdColumns[] = {
    {"directory", Type::kText, "where it looks", "", Role::kRequired},
    {"type", Type::kText, "kind of file", "", Role::kAdditional},
    {"perm", Type::kText, "permissions", "", Role::kAdditional},
    {"path", Type::kText, "file"},
};
inline constexpr Schema kFindCmd{"find_cmd", kFindCmdColumns, "files that find(1) finds"};

inline constexpr Column kDsclColumns[] = {
    {"command", Type::kText, "read or list", "", Role::kRequired},
    {"path", Type::kText, "record", "", Role::kRequired},
    {"key", Type::kText, "attribute", "", Role::kRequired},
    {"value", Type::kText, "of the attribute"},
};
inline constexpr Schema kDscl{"dscl", kDsclColumns, "values of the directory service"};

inline constexpr Column kCsrutilInfoColumns[] = {
    {"ssv_enabled", Type::kInteger, "1: it is sealed"},
};
inline constexpr Schema kCsrutilInfo{"csrutil_info", kCsrutilInfoColumns,
                                     "the sealed system volume"};

inline constexpr Column kNvramInfoColumns[] = {
    {"amfi_enabled", Type::kInteger, "1: program signatures are enforced"},
};
inline constexpr Schema kNvramInfo{"nvram_info", kNvramInfoColumns, "settings in NVRAM"};

inline constexpr Column kUserLoginSettingsColumns[] = {
    {"password_hint_enabled", Type::kInteger, "1: password hints are shown"},
};
inline constexpr Schema kUserLoginSettings{"user_login_settings", kUserLoginSettingsColumns,
                                           "settings of the login window"};

inline constexpr Column kCryptsetupStatusColumns[] = {
    {"name", Type::kText, "of the mapping", "", Role::kRequired},
    {"key", Type::kText, "last of them"},
    {"value", Type::kText, "as text"},
    {"fullkey", Type::kText, "keys that lead to the value, by slashes"},
    {"parent", Type::kText, "the same without the last"},
    {"query", Type::kText, "path within the answer that is asked for", "", Role::kAdditional},
};
inline constexpr Schema kCryptsetupStatus{"cryptsetup_status", kCryptsetupStatusColumns,
                                          "what cryptsetup says of a mapping"};

inline constexpr Column kLsblkColumns[] = {
    {"fullkey", Type::kText, "keys that lead to the value, by slashes"},
    {"parent", Type::kText, "the same without the last"},
    {"key", Type::kText, "last of them"},
    {"value", Type::kText, "as text"},
    {"query", Type::kText, "path within the answer that is asked for", "", Role::kAdditional},
};
inline constexpr Schema kLsblk{"lsblk", kLsblkColumns, "what lsblk says of block devices"};

inline constexpr Column kNftablesColumns[] = {
    {"fullkey", Type::kText, "keys that lead to the value, by slashes"},
    {"parent", Type::kText, "the same without the last"},
    {"key", Type::kText, "last of them"},
    {"value", Type::kText, "as text"},
    {"query", Type::kText, "path within the answer that is asked for", "", Role::kAdditional},
};
inline constexpr Schema kNftables{"nftables", kNftablesColumns, "the rules of nftables"};

inline constexpr Column kDconfReadColumns[] = {
    {"username", Type::kText, "whose settings", "", Role::kRequired},
    {"key", Type::kText, "of the setting", "", Role::kRequired},
    {"value", Type::kText, "of the setting"},
};
inline constexpr Schema kDconfRead{"dconf_read", kDconfReadColumns, "settings of GNOME"};

inline constexpr Column kFalconctlOptionsColumns[] = {
    {"options", Type::kText, "which are asked for, by commas", "", Role::kRequired},
    {"fullkey", Type::kText, "keys that lead to the value, by slashes"},
    {"parent", Type::kText, "the same without the last"},
    {"key", Type::kText, "last of them"},
    {"value", Type::kText, "as text"},
    {"query", Type::kText, "path within the answer that is asked for", "", Role::kAdditional},
};
inline constexpr Schema kFalconctlOptions{"falconctl_options", kFalconctlOptionsColumns,
                                          "settings of CrowdStrike Falcon, never its token"};

inline constexpr Column kFalconKernelCheckColumns[] = {
    {"kernel", Type::kText, "that runs"},
    {"supported", Type::kText, "whether Falcon supports it"},
    {"sensor_version", Type::kText, "of Falcon"},
};
inline constexpr Schema kFalconKernelCheck{"falcon_kernel_check", kFalconKernelCheckColumns,
                                           "whether Falcon supports the kernel"};

inline constexpr Column kOrbitInfoColumns[] = {
    {"version", Type::kText, "of the agent"},
    {"device_auth_token", Type::kText, "never given here"},
    {"enrolled", Type::kText, "whether it is enrolled"},
    {"last_recorded_error", Type::kText, "of the agent"},
    {"uptime", Type::kBigint, "seconds"},
    {"scripts_enabled", Type::kInteger, "1: it runs scripts"},
};
inline constexpr Schema kOrbitInfo{"orbit_info", kOrbitInfoColumns, "Fleet's agent"};

}  // namespace sallyport
