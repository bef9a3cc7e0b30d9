// SPDX-License-Identifier: Apache-2.0
// osquery's evented tables and logs. Sallyport keeps no history: they are only declared.
#include "collectors/osquery/brief_table.h"

namespace sallyport {
namespace {

constexpr BriefTable kTables[] = {
    {"apparmor_events", "events of AppArmor",
     "type message time:B uptime:B eid~ apparmor operation parent:B profile name pid:B comm "
     "denied_mask capname fsuid:B ouid:B capability:B requested_mask info error namespace label"},
    {"bpf_process_events", "processes that started, as BPF saw them",
     "tid:B pid:B parent:B uid:B gid:B cid:I exit_code probe_error:I syscall path cwd cmdline "
     "duration:I json_cmdline~ ntime time:B~ eid:I~"},
    {"bpf_socket_events", "sockets that were opened, as BPF saw them",
     "tid:B pid:B parent:B uid:B gid:B cid:I exit_code probe_error:I syscall path fd family:I "
     "type:I protocol:I local_address remote_address local_port:I remote_port:I duration:I ntime "
     "time:B~ eid:I~"},
    {"disk_events", "disk images of macOS that appeared or went",
     "action path name device uuid size:B ejectable:I mountable:I writable:I content media_name "
     "vendor filesystem checksum time:B eid~"},
    {"dns_lookup_events", "names that Windows looked up",
     "time:B~ time_windows:B~ datetime pid:B path username name type type_id:I status:I response "
     "eid:I~"},
    {"es_process_events", "processes that started, as EndpointSecurity saw them",
     "version:I seq_num:B global_seq_num:B pid:B pidversion:B parent:B parent_pidversion:B "
     "original_parent:B responsible_pid:B responsible_pidversion:B session_id:B path cmdline "
     "cmdline_count:B env env_count:B cwd uid:B euid:B gid:B egid:B username signing_id team_id "
     "cdhash platform_binary:I exit_code:I child_pid:B time:B event_type eid~ codesigning_flags"},
    {"es_process_file_events", "files that were changed, as EndpointSecurity saw them",
     "version:I seq_num:B global_seq_num:B pid:B parent:B path filename dest_filename event_type "
     "time:B eid~"},
    {"file_events", "changes of watched files",
     "target_path category action transaction_id:B inode:B uid:B gid:B mode size:B atime:B mtime:B "
     "ctime:B md5@nocase sha1@nocase sha256@nocase hashed:I time:B eid~"},
    {"hardware_events", "devices that came and went",
     "action path type driver vendor vendor_id model model_id serial revision time:B eid~"},
    {"ntfs_journal_events", "changes of files, from the journal of NTFS",
     "action category old_path path record_timestamp record_usn node_ref_number "
     "parent_ref_number drive_letter file_attributes partial:B time:B eid~"},
    {"osquery_events", "osquery's event publishers",
     "name publisher type subscriptions:I events:I refreshes:I active:I"},
    {"powershell_events", "scripts that PowerShell ran",
     "time:B datetime script_block_id script_block_count:I script_text script_name script_path "
     "cosine_similarity:D"},
    {"process_etw_events", "processes that started, as Windows' tracing saw them",
     "type pid:B ppid:B session_id:I flags:I exit_code:I path cmdline username "
     "token_elevation_type token_elevation_status:I mandatory_label datetime time_windows:B~ "
     "time:B~ eid:I~ header_pid:B~ process_sequence_number:B~ parent_process_sequence_number:B~"},
    {"process_events", "processes that started, as audit saw them",
     "pid:B path mode cmdline cmdline_size:B~ env~ env_count:B~ env_size:B~ cwd auid:B uid:B "
     "euid:B gid:B egid:B owner_uid:B owner_gid:B atime:B mtime:B ctime:B btime:B overflows~ "
     "parent:B time:B uptime:B eid~ status:B fsuid:B suid:B fsgid:B sgid:B syscall"},
    {"process_file_events", "changes of files by processes, as audit saw them",
     "operation pid:B ppid:B time:B executable partial cwd path dest_path uid gid auid euid egid "
     "fsuid fsgid suid sgid uptime:B eid~"},
    {"seccomp_events", "events of seccomp",
     "time:B uptime:B auid:B uid:B gid:B ses:B pid:B comm exe sig:B arch syscall compat:B ip "
     "code"},
    {"selinux_events", "events of SELinux", "type message time:B uptime:B eid~"},
    {"socket_events", "sockets that were bound, connected or accepted",
     "action pid:B path fd auid:B status family:I protocol:I~ local_address remote_address "
     "local_port:I remote_port:I socket~ time:B uptime:B eid~ success:I~"},
    {"syslog_events", "lines of the system log",
     "time:B datetime host severity:I facility tag message eid~"},
    {"user_events", "logins and the like, as audit saw them",
     "uid:B auid:B pid:B message type:I path address terminal time:B uptime:B eid~"},
    {"user_interaction_events", "when the user touched keyboard or mouse", "time:B"},
    {"windows_events", "events of Windows' log",
     "time:B datetime source provider_name provider_guid computer_name eventid:I task:I level:I "
     "keywords data eid~"},
    {"windows_eventlog", "Windows' event log",
     "channel! datetime task:I level:I provider_name provider_guid computer_name eventid:I "
     "keywords data pid:I tid:I time_range+~ timestamp+~ xpath!~"},
    {"yara_events", "YARA's matches in watched files",
     "target_path category action transaction_id:B matches count:I strings tags time:B eid~"},
    {"asl", "the Apple System Log",
     "time:I time_nano_sec:I host sender facility pid:I gid:B uid:B level:I message ref_pid:I "
     "ref_proc extra"},
    {"unified_log", "the log of macOS",
     "timestamp:B+ storage:I message activity:B process pid:B sender tid:B category subsystem "
     "level max_rows:I+~ predicate+~ timestamp_double"},
    {"crashes", "crash reports of macOS",
     "type pid:B path crash_path* identifier version@version parent:B responsible uid:I* datetime "
     "crashed_thread:B stack_trace exception_type exception_codes exception_notes registers"},
    {"kernel_panics", "panics of macOS' kernel",
     "path time registers frame_backtrace module_backtrace dependencies name os_version "
     "kernel_version system_model uptime:B last_loaded last_unloaded"},
    {"windows_crashes", "crash reports of Windows",
     "datetime module path pid:B tid:B version process_uptime:B stack_trace exception_code "
     "exception_message exception_address registers command_line current_directory username "
     "machine_name major_version:I minor_version:I build_number:I type crash_path"},
};

}  // namespace

std::span<const BriefTable> BriefEventTables() { return kTables; }

}  // namespace sallyport
