// SPDX-License-Identifier: Apache-2.0
// osquery's tables of packages, of extensions of browsers and editors, and of what ran.
#include "collectors/osquery/brief_table.h"

namespace sallyport {
namespace {

constexpr BriefTable kTables[] = {
    {"app_schemes", "programs of macOS that open addresses",
     "scheme handler enabled:I external:I protected:I"},
    {"appcompat_shims", "shims of Windows",
     "executable path description install_time:I type sdb_id"},
    {"atom_packages", "packages of the editor Atom",
     "name version@version description path license homepage uid:B*"},
    {"autoexec", "all that Windows starts by itself", "path* name source"},
    {"background_activities_moderator", "programs that ran on Windows",
     "path last_execution_time:B sid"},
    {"browser_plugins", "NPAPI plugins of browsers",
     "uid:B* name identifier version@version sdk description development_region native:I path* "
     "disabled:I"},
    {"chocolatey_packages", "packages of Chocolatey",
     "name version@version summary author license path"},
    {"chrome_extension_content_scripts", "scripts of Chrome's extensions",
     "browser_type uid:B* identifier version@version script match profile_path path referenced:B"},
    {"chrome_extensions", "extensions of Chrome and its relatives",
     "browser_type uid:B* name profile profile_path referenced_identifier identifier "
     "version@version description default_locale current_locale update_url author persistent:I "
     "path permissions permissions_json~ optional_permissions optional_permissions_json~ "
     "manifest_hash referenced:B from_webstore state install_time install_timestamp:B "
     "manifest_json~ key~"},
    {"deb_package_files", "files of Debian packages", "package* path* admindir+"},
    {"default_environment", "environment that Windows gives", "variable value expand:I"},
    {"device_firmware", "firmware of devices of a Mac", "type device* version@version"},
    {"firefox_addons", "extensions of Firefox",
     "uid:B* name identifier* creator type version@version description source_url visible:I "
     "active:I disabled:I autoupdate:I location path"},
    {"gatekeeper_approved_apps", "programs that users allowed in Gatekeeper",
     "path requirement ctime:D mtime:D"},
    {"homebrew_packages", "packages of Homebrew",
     "name path version@version type auto_updates:I app_name prefix+~"},
    {"ie_extensions", "extensions of Internet Explorer", "name registry_path version@version path"},
    {"jetbrains_plugins", "plugins of JetBrains' editors",
     "product_type uid:B* name version@version vendor path"},
    {"kernel_extensions", "kernel extensions of macOS",
     "idx:I refs:I size:B name version@version linked_against path"},
    {"launchd_overrides", "overrides of macOS' daemons", "label key value uid:B path"},
    {"npm_packages", "packages of Node",
     "name version@version description author license homepage path directory* "
     "pid_with_namespace:I+~ mount_namespace_id~"},
    {"office_mru", "documents that Office opened",
     "application version path last_opened_time:B sid"},
    {"opera_extensions", "extensions of Opera",
     "uid:B* name identifier version@version description locale update_url author persistent:I "
     "path permissions"},
    {"osquery_extensions", "extensions of osquery", "uuid:B name version sdk_version path type"},
    {"osquery_flags", "options of osquery",
     "name type description default_value value shell_only:I"},
    {"osquery_info", "osquery itself",
     "pid:I uuid instance_id version config_hash config_valid:I extensions build_platform "
     "build_distro start_time:I watcher:I platform_mask:I"},
    {"osquery_packs", "packs of osquery",
     "name platform version shard:I discovery_cache_hits:I discovery_executions:I active:I"},
    {"osquery_registry", "plugins of osquery", "registry name owner_uuid:I internal:I active:I"},
    {"osquery_schedule", "schedule of osquery",
     "name query interval:I executions:B last_executed:B denylisted:I output_size:B wall_time:B~ "
     "wall_time_ms:B last_wall_time_ms:B user_time:B last_user_time:B system_time:B "
     "last_system_time:B average_memory:B last_memory:B"},
    {"package_bom", "files of a package of macOS",
     "filepath uid:I gid:I mode:I size:B modified_time:I path!"},
    {"package_install_history", "packages that macOS installed",
     "package_id time:I name version@version source content_type"},
    {"portage_keywords", "keywords of Portage", "package version keyword mask:I unmask:I"},
    {"portage_packages", "packages of Portage",
     "package version slot build_time:B repository eapi:B size:B world:I"},
    {"portage_use", "USE flags of Portage", "package version use"},
    {"prefetch", "programs that ran on Windows",
     "path filename hash last_run_time:I other_run_times run_count:I size:I volume_serial "
     "volume_creation accessed_files_count:I accessed_directories_count:I accessed_files "
     "accessed_directories"},
    {"python_packages", "packages of Python",
     "name version@version summary author license path directory* uid:B* pid_with_namespace:I+~"},
    {"quicklook_cache", "previews that macOS keeps",
     "path rowid:I fs_id volume_id:I inode:I mtime:I size:B label last_hit_date:I hit_count "
     "icon_mode:B cache_path"},
    {"recent_files", "files that were opened on Windows",
     "uid:B* filename path mtime:B type shortcut_path"},
    {"rpm_package_files", "files of RPM packages",
     "package* path* username groupname mode size:B sha256@nocase"},
    {"running_apps", "programs of macOS that run", "pid:I* bundle_identifier is_active:I~"},
    {"safari_extensions", "extensions of Safari",
     "uid:B* name identifier version@version sdk description path bundle_version copyright"},
    {"sandboxes", "sandboxes of macOS", "label user enabled:I build_id bundle_path path"},
    {"scheduled_tasks", "scheduled tasks of Windows",
     "name action path enabled:I state hidden:I last_run_time:B next_run_time:B last_run_message "
     "last_run_code"},
    {"shellbags", "folders that were opened on Windows",
     "sid source path modified_time:B created_time:B accessed_time:B mft_entry:B mft_sequence:I"},
    {"shimcache", "programs that ran on Windows", "entry:I path modified_time:I execution_flag:I"},
    {"userassist", "programs that a user started on Windows",
     "path last_execution_time:B count:I sid"},
    {"vscode_extensions", "extensions of Visual Studio Code",
     "name uuid version@version path publisher publisher_id installed_at:B prerelease:I uid:B* "
     "vscode_edition"},
    {"windows_search", "index of Windows' search",
     "name path size:B date_created:I date_modified:I owner type properties query+~ sort+~ "
     "max_results:I+~ additional_properties+~"},
    {"wmi_bios_info", "settings of the firmware", "name value"},
    {"wmi_cli_event_consumers", "command lines that WMI starts",
     "name command_line_template executable_path class relative_path"},
    {"wmi_event_filters", "events that WMI waits for",
     "name query query_language class relative_path"},
    {"wmi_filter_consumer_binding", "which event of WMI starts what",
     "consumer filter class relative_path"},
    {"wmi_script_event_consumers", "scripts that WMI starts",
     "name scripting_engine script_file_name script_text class relative_path"},
};

}  // namespace

std::span<const BriefTable> BriefSoftwareTables() { return kTables; }

}  // namespace sallyport
