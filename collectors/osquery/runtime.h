// SPDX-License-Identifier: Apache-2.0
// Declarations of osquery's tables: what runs and how the kernel is set.
#pragma once

#include "base/table.h"

namespace sallyport {

inline constexpr Column kProcessesColumns[] = {
    {"pid", Type::kBigint, "number of the process", "", Role::kIndex},
    {"name", Type::kText, "short name"},
    {"path", Type::kText, "program"},
    {"cmdline", Type::kText, "command line"},
    {"state", Type::kText, "one letter of the system"},
    {"cwd", Type::kText, "working folder"},
    {"root", Type::kText, "root folder"},
    {"uid", Type::kBigint, "user"},
    {"gid", Type::kBigint, "group"},
    {"euid", Type::kBigint, "effective user"},
    {"egid", Type::kBigint, "effective group"},
    {"suid", Type::kBigint, "saved user"},
    {"sgid", Type::kBigint, "saved group"},
    {"on_disk", Type::kInteger, "1: the program's file exists; 0: it is gone; -1: not told"},
    {"wired_size", Type::kBigint, "bytes that cannot be paged out"},
    {"resident_size", Type::kBigint, "bytes in memory"},
    {"total_size", Type::kBigint, "bytes of address space"},
    {"user_time", Type::kBigint, "milliseconds in the program"},
    {"system_time", Type::kBigint, "milliseconds in the kernel"},
    {"disk_bytes_read", Type::kBigint, "bytes"},
    {"disk_bytes_written", Type::kBigint, "bytes"},
    {"start_time", Type::kBigint, "seconds since 1970; -1: not told"},
    {"parent", Type::kBigint, "process that started it"},
    {"pgroup", Type::kBigint, "process group"},
    {"threads", Type::kInteger, "number of threads"},
    {"nice", Type::kInteger, "-20 to 20"},
    {"elevated_token", Type::kInteger, "Windows: 1: it has an elevated token"},
    {"secure_process", Type::kInteger, "Windows: 1: it runs isolated by virtualization"},
    {"protection_type", Type::kText, "Windows: kind of protected process"},
    {"virtual_process", Type::kInteger,
     "Windows: 1: it has no program of its own, as System and Registry"},
    {"elapsed_time", Type::kBigint, "Windows: seconds that it has run"},
    {"handle_count", Type::kBigint, "Windows: open handles"},
    {"percent_processor_time", Type::kBigint, "Windows: 100 ns of processor time"},
    {"upid", Type::kBigint, "macOS: number that is not used again"},
    {"uppid", Type::kBigint, "macOS: the parent's number that is not used again"},
    {"cpu_type", Type::kInteger, "macOS: kind of processor that it was built for"},
    {"cpu_subtype", Type::kInteger, "macOS: kind of processor, finer"},
    {"translated", Type::kInteger, "macOS: 1: Rosetta translates it"},
    {"cgroup_path", Type::kText, "Linux: control group"},
};
inline constexpr Schema kProcesses{"processes", kProcessesColumns, "processes that run"};

inline constexpr Column kServicesColumns[] = {
    {"name", Type::kText, "of the service", "nocase"},
    {"service_type", Type::kText, "own process, shared process, driver and the like"},
    {"display_name", Type::kText, "for people"},
    {"status", Type::kText, "RUNNING, STOPPED and the like"},
    {"pid", Type::kInteger, "its process; 0: none"},
    {"start_type", Type::kText, "AUTO_START, DEMAND_START, DISABLED and the like"},
    {"win32_exit_code", Type::kInteger, "of its last end"},
    {"service_exit_code", Type::kInteger, "of its own making"},
    {"path", Type::kText, "command line"},
    {"module_path", Type::kText, "library of a shared process"},
    {"description", Type::kText, "what it does"},
    {"user_account", Type::kText, "account that it runs as"},
};
inline constexpr Schema kServices{"services", kServicesColumns, "services of Windows"};

inline constexpr Column kSystemdUnitsColumns[] = {
    {"id", Type::kText, "name of the unit"},
    {"description", Type::kText, "what it does"},
    {"load_state", Type::kText, "loaded, not-found, masked and the like"},
    {"active_state", Type::kText, "active, inactive, failed and the like"},
    {"sub_state", Type::kText, "running, dead, exited and the like"},
    {"unit_file_state", Type::kText, "enabled, disabled, static, masked and the like"},
    {"following", Type::kText, "unit that it follows"},
    {"object_path", Type::kText, "on D-Bus"},
    {"job_id", Type::kBigint, "of a job that waits"},
    {"job_type", Type::kText, "of that job"},
    {"job_path", Type::kText, "of that job, on D-Bus"},
    {"fragment_path", Type::kText, "file of the unit"},
    {"user", Type::kText, "account that it runs as"},
    {"source_path", Type::kText, "file that it was generated from"},
};
inline constexpr Schema kSystemdUnits{"systemd_units", kSystemdUnitsColumns, "units of systemd"};

inline constexpr Column kLaunchdColumns[] = {
    {"path", Type::kText, "property list", "", Role::kIndex},
    {"name", Type::kText, "of that file"},
    {"label", Type::kText, "of the job"},
    {"program", Type::kText, "that it starts"},
    {"run_at_load", Type::kText, "1: starts when it is loaded"},
    {"keep_alive", Type::kText, "whether it is restarted"},
    {"on_demand", Type::kText, "1: starts when it is asked for; deprecated"},
    {"disabled", Type::kText, "1: never starts"},
    {"username", Type::kText, "account that it runs as"},
    {"groupname", Type::kText, "group that it runs as"},
    {"stdout_path", Type::kText, "where its output goes"},
    {"stderr_path", Type::kText, "where its errors go"},
    {"start_interval", Type::kText, "seconds between starts"},
    {"program_arguments", Type::kText, "command line"},
    {"watch_paths", Type::kText, "paths whose change starts it"},
    {"queue_directories", Type::kText, "folders that start it when they hold something"},
    {"inetd_compatibility", Type::kText, "whether it is started as inetd would"},
    {"start_on_mount", Type::kText, "whether a mount starts it"},
    {"root_directory", Type::kText, "root folder"},
    {"working_directory", Type::kText, "working folder"},
    {"process_type", Type::kText, "how its resources are limited"},
};
inline constexpr Schema kLaunchd{"launchd", kLaunchdColumns, "daemons and agents of macOS"};

inline constexpr Column kStartupItemsColumns[] = {
    {"name", Type::kText, "of the item"},
    {"path", Type::kText, "program or file"},
    {"args", Type::kText, "arguments"},
    {"type", Type::kText, "kind of item"},
    {"source", Type::kText, "folder, file or key that lists it"},
    {"status", Type::kText, "enabled or disabled"},
    {"username", Type::kText, "whose session"},
};
inline constexpr Schema kStartupItems{"startup_items", kStartupItemsColumns,
                                      "what starts with the machine or with a session"};

inline constexpr Column kKernelModulesColumns[] = {
    {"name", Type::kText, "of the module"},
    {"size", Type::kBigint, "bytes"},
    {"used_by", Type::kText, "modules that use it"},
    {"status", Type::kText, "Live, Loading or Unloading"},
    {"address", Type::kText, "where it lies"},
};
inline constexpr Schema kKernelModules{"kernel_modules", kKernelModulesColumns,
                                       "modules of the kernel that are loaded"};

inline constexpr Column kSystemControlsColumns[] = {
    {"name", Type::kText, "by dots", "", Role::kIndex},
    {"oid", Type::kText, "by numbers", "", Role::kAdditional},
    {"subsystem", Type::kText, "first part of the name", "", Role::kAdditional},
    {"current_value", Type::kText, "value that holds"},
    {"config_value", Type::kText, "value of the configuration files"},
    {"type", Type::kText, "of the value"},
    {"field_name", Type::kText, "macOS: of a value with several fields"},
};
inline constexpr Schema kSystemControls{"system_controls", kSystemControlsColumns,
                                        "settings of the kernel, as sysctl has them"};

inline constexpr Column kApparmorProfilesColumns[] = {
    {"path", Type::kText, "folder in securityfs", "", Role::kIndex},
    {"name", Type::kText, "of the profile"},
    {"attach", Type::kText, "programs that it is for"},
    {"mode", Type::kText, "enforce, complain, kill or unconfined"},
    {"sha1", Type::kText, "of the profile", "nocase"},
    {"sha256", Type::kText, "of the profile", "nocase"},
};
inline constexpr Schema kApparmorProfiles{"apparmor_profiles", kApparmorProfilesColumns,
                                          "profiles of AppArmor"};

inline constexpr Column kSelinuxSettingsColumns[] = {
    {"scope", Type::kText, "booleans, policy_capabilities and the like; empty: the top"},
    {"key", Type::kText, "of the setting"},
    {"value", Type::kText, "of the setting"},
};
inline constexpr Schema kSelinuxSettings{"selinux_settings", kSelinuxSettingsColumns,
                                         "settings of SELinux"};

inline constexpr Column kListeningPortsColumns[] = {
    {"pid", Type::kInteger, "process; -1: not told"},
    {"port", Type::kInteger, "0: none, as of a local socket"},
    {"protocol", Type::kInteger, "number of the IP protocol"},
    {"family", Type::kInteger, "1 local, 2 IPv4, 10 or 30 IPv6"},
    {"address", Type::kText, "local address"},
    {"fd", Type::kBigint, "descriptor of the process; -1: not told"},
    {"socket", Type::kBigint, "inode or handle; -1: not told"},
    {"path", Type::kText, "of a local socket"},
    {"net_namespace", Type::kText, "Linux: inode of the network namespace"},
};
inline constexpr Schema kListeningPorts{"listening_ports", kListeningPortsColumns,
                                        "sockets that take what comes"};

}  // namespace sallyport
