// SPDX-License-Identifier: Apache-2.0
// osquery's tables of hardware, kernel, users, network and files that nothing here collects.
#include "collectors/osquery/brief_table.h"

namespace sallyport {
namespace {

constexpr BriefTable kTables[] = {
    {"account_policy_data", "logins of accounts of macOS",
     "uid:B creation_time:D failed_login_count:B failed_login_timestamp:D "
     "password_last_set_time:D"},
    {"acpi_tables", "tables of ACPI", "name size:I md5@nocase"},
    {"ad_config", "Active Directory on macOS", "name domain option value"},
    {"alf_explicit_auths", "programs that macOS' firewall lets through", "process"},
    {"alf_services", "services of macOS' firewall", "service process state:I"},
    {"arp_cache", "neighbours on the network", "address mac@nocase interface permanent"},
    {"authorization_mechanisms", "mechanisms of macOS' rights",
     "label* plugin mechanism privileged entry"},
    {"authorizations", "rights of macOS",
     "label* modified allow_root timeout version tries authenticate_user shared comment created "
     "class session_owner"},
    {"authorized_keys", "keys that may log in by SSH",
     "uid:B* algorithm key options comment key_file pid_with_namespace:I+~"},
    {"battery", "the battery",
     "manufacturer serial_number manufacture_date:I model health condition state chemistry "
     "cycle_count:I designed_capacity:I max_capacity:I current_capacity:I percent_remaining:I "
     "amperage:I voltage:I minutes_until_empty:I minutes_to_full_charge:I charging:I charged:I"},
    {"carbon_black_info", "Carbon Black's sensor",
     "sensor_id:I config_name collect_store_files:I collect_module_loads:I collect_module_info:I "
     "collect_file_mods:I collect_reg_mods:I collect_net_conns:I collect_processes:I "
     "collect_cross_processes:I collect_emet_events:I collect_data_file_writes:I "
     "collect_process_user_context:I collect_sensor_operations:I log_file_disk_quota_mb:I "
     "log_file_disk_quota_percentage:I protection_disabled:I sensor_ip_addr "
     "sensor_backend_server event_queue:I binary_queue:I"},
    {"carves", "files that osquery carved",
     "time:B sha256@nocase size:I path status carve_guid* request_id carve:I+"},
    {"chassis_info", "the case",
     "audible_alarm breach_description chassis_types description lock manufacturer model "
     "security_breach serial smbios_tag sku status visible_alarm"},
    {"connected_displays", "displays of a Mac",
     "name product_id serial_number vendor_id manufactured_week:I manufactured_year:I display_id "
     "pixels resolution ambient_brightness_enabled connection_type display_type main:I mirror:I "
     "online:I rotation"},
    {"connectivity", "how Windows reaches the network",
     "disconnected:I ipv4_no_traffic:I ipv6_no_traffic:I ipv4_subnet:I ipv4_local_network:I "
     "ipv4_internet:I ipv6_subnet:I ipv6_local_network:I ipv6_internet:I"},
    {"cpu_info", "processors",
     "device_id model manufacturer processor_type availability cpu_status:I number_of_cores "
     "logical_processors:I address_width current_clock_speed:I max_clock_speed:I "
     "socket_designation number_of_efficiency_cores:I number_of_performance_cores:I "
     "load_percentage:I"},
    {"cpu_time", "where the processors' time went",
     "core:I user:B nice:B system:B idle:B iowait:B irq:B softirq:B steal:B guest:B guest_nice:B"},
    {"cpuid", "features of the processor", "feature value output_register output_bit:I input_eax"},
    {"crontab", "jobs of cron",
     "event minute hour day_of_month month day_of_week command path pid_with_namespace:I+~"},
    {"cups_destinations", "printers", "name option_name option_value"},
    {"cups_jobs", "print jobs",
     "title destination user format size:I completed_time:I processing_time:I creation_time:I"},
    {"curl", "an answer over HTTP",
     "url! method user_agent+ response_code:I round_trip_time:B bytes:B result"},
    {"curl_certificate", "the certificate of a server",
     "hostname! common_name organization organization_unit serial_number issuer_common_name "
     "issuer_organization issuer_organization_unit valid_from valid_to sha256_fingerprint "
     "sha1_fingerprint version:I signature_algorithm signature subject_key_identifier "
     "authority_key_identifier key_usage extended_key_usage policies subject_alternative_names "
     "issuer_alternative_names info_access subject_info_access policy_mappings has_expired:I "
     "basic_constraint name_constraints policy_constraints dump_certificate:I+~ timeout:I+~ pem"},
    {"device_file", "files, read from a disk",
     "device! partition! path filename inode:B* uid:B gid:B mode size:B block_size:I atime:B "
     "mtime:B ctime:B hard_links:I type"},
    {"device_hash", "digests of files, read from a disk",
     "device! partition! inode:B! md5@nocase sha1@nocase sha256@nocase"},
    {"device_partitions", "partitions of a disk",
     "device! partition:I label type offset:B blocks_size:B blocks:B inodes:B flags:I"},
    {"disk_info", "disks of Windows",
     "partitions:I disk_index:I type id pnp_device_id disk_size:B manufacturer hardware_model name "
     "serial description"},
    {"dns_cache", "names that Windows keeps", "name type flags:I"},
    {"drivers", "drivers of Windows",
     "device_id device_name image description service service_key version@version inf class "
     "provider manufacturer driver_key date:B signed:I"},
    {"etc_hosts", "/etc/hosts", "address hostnames pid_with_namespace:I+~"},
    {"etc_protocols", "/etc/protocols", "name number:I alias comment"},
    {"etc_services", "/etc/services", "name port:I protocol aliases comment"},
    {"event_taps", "programs that listen to keyboard and mouse of a Mac",
     "enabled:I event_tap_id:I event_tapped process_being_tapped:I tapping_process:I"},
    {"extended_attributes", "extended attributes of files", "path! directory! key value base64:I"},
    {"fan_speed_sensors", "fans of a Mac", "fan name actual:I min:I max:I target:I"},
    {"ibridge_info", "the iBridge chip",
     "boot_uuid@nocase coprocessor_version firmware_version unique_chip_id"},
    {"intel_me_info", "Intel's management engine", "version@version"},
    {"interface_ipv6", "IPv6 of interfaces",
     "interface hop_limit:I forwarding_enabled:I redirect_accept:I rtadv_accept:I"},
    {"iokit_devicetree", "IOKit's tree of devices",
     "name class id:B parent:B device_path service:I busy_state:I retain_count:I depth:I"},
    {"iokit_registry", "IOKit's registry",
     "name class id:B parent:B busy_state:I retain_count:I depth:I"},
    {"kernel_keys", "keys that Linux keeps",
     "serial_number flags usage:B timeout permissions uid:B gid:B type description"},
    {"keychain_acls", "who may use items of the keychain",
     "keychain_path authorizations path description label"},
    {"keychain_items", "items of the keychain",
     "label description comment account created modified type pk_hash path+"},
    {"known_hosts", "hosts that SSH knows", "uid:B* key key_file"},
    {"kva_speculative_info", "mitigations of Windows",
     "kva_shadow_enabled:I kva_shadow_user_global:I kva_shadow_pcid:I kva_shadow_inv_pcid:I "
     "bp_mitigations:I bp_system_pol_disabled:I bp_microcode_disabled:I "
     "cpu_spec_ctrl_supported:I ibrs_support_enabled:I stibp_support_enabled:I "
     "cpu_pred_cmd_supported:I"},
    {"last", "logins", "username tty pid:I type:I type_name time:I host"},
    {"lldp_neighbors", "neighbours that announce themselves",
     "interface rid:I chassis_id_type chassis_id chassis_sysname chassis_sys_description "
     "chassis_bridge_capability_available:I chassis_bridge_capability_enabled:I "
     "chassis_router_capability_available:I chassis_router_capability_enabled:I port_id_type "
     "port_id port_description port_ttl:B"},
    {"load_average", "load", "period average"},
    {"logged_in_users", "who is logged in", "type user tty host time:B pid:I sid registry_hive"},
    {"logon_sessions", "sessions of Windows",
     "logon_id:I user logon_domain authentication_package logon_type session_id:I logon_sid "
     "logon_time:B logon_server dns_domain_name upn logon_script profile_path home_directory "
     "home_directory_drive"},
    {"magic", "what kind of file it is", "path! magic_db_files+ data mime_type mime_encoding"},
    {"md_devices", "arrays of Linux",
     "device_name status raid_level:I size:B chunk_size:B raid_disks:I nr_raid_disks:I "
     "working_disks:I active_disks:I failed_disks:I spare_disks:I superblock_state "
     "superblock_version superblock_update_time:B bitmap_on_mem bitmap_chunk_size "
     "bitmap_external_file recovery_progress recovery_finish recovery_speed resync_progress "
     "resync_finish resync_speed reshape_progress reshape_finish reshape_speed "
     "check_array_progress check_array_finish check_array_speed unused_devices other"},
    {"md_drives", "drives of arrays of Linux", "md_device_name drive_name slot:I state"},
    {"md_personalities", "kinds of arrays that Linux knows", "name"},
    {"mdfind", "what Spotlight finds", "path query!"},
    {"mdls", "what Spotlight knows of a file", "path! key value valuetype~"},
    {"memory_array_mapped_addresses", "addresses of memory arrays",
     "handle memory_array_handle starting_address ending_address partition_width:I"},
    {"memory_arrays", "memory arrays",
     "handle location use memory_error_correction max_capacity:I memory_error_info_handle "
     "number_memory_devices:I"},
    {"memory_device_mapped_addresses", "addresses of memory modules",
     "handle memory_device_handle memory_array_mapped_address_handle starting_address "
     "ending_address partition_row_position:I interleave_position:I interleave_data_depth:I"},
    {"memory_devices", "memory modules",
     "handle array_handle form_factor total_width:I data_width:I size:I set:I device_locator "
     "bank_locator memory_type memory_type_details max_speed:I configured_clock_speed:I "
     "manufacturer serial_number asset_tag part_number min_voltage:I max_voltage:I "
     "configured_voltage:I"},
    {"memory_error_info", "errors of memory",
     "handle error_type error_granularity error_operation vendor_syndrome "
     "memory_array_error_address device_error_address error_resolution"},
    {"memory_info", "memory",
     "memory_total:B memory_free:B memory_available:B buffers:B cached:B swap_cached:B active:B "
     "inactive:B swap_total:B swap_free:B"},
    {"memory_map", "regions of memory", "name start end"},
    {"msr", "registers of the processor",
     "processor_number:B turbo_disabled:B turbo_ratio_limit:B platform_info:B perf_ctl:B "
     "perf_status:B feature_control:B rapl_power_limit:B rapl_energy_status:B rapl_power_units:B"},
    {"nfs_shares", "shares that macOS exports", "share options readonly:I"},
    {"ntdomains", "the domain of Windows",
     "name client_site_name dc_site_name dns_forest_name domain_controller_address "
     "domain_controller_name domain_name status"},
    {"ntfs_acl_permissions", "who may what with a file of Windows",
     "path! type principal access inherited_from"},
    {"nvram", "variables in NVRAM", "name* type value"},
    {"oem_strings", "what the maker wrote into the firmware", "handle number:I value"},
    {"pci_devices", "devices on PCI",
     "pci_slot pci_class driver vendor vendor_id model model_id pci_class_id pci_subclass_id "
     "pci_subclass subsystem_vendor_id subsystem_vendor subsystem_model_id subsystem_model "
     "subsystem express:I thunderbolt:I removable:I"},
    {"physical_disk_performance", "load of Windows' disks",
     "name avg_disk_bytes_per_read:B avg_disk_bytes_per_write:B avg_disk_read_queue_length:B "
     "avg_disk_write_queue_length:B avg_disk_sec_per_read:I avg_disk_sec_per_write:I "
     "current_disk_queue_length:I percent_disk_read_time:B percent_disk_write_time:B "
     "percent_disk_time:B percent_idle_time:B"},
    {"pipes", "pipes of Windows", "pid:B* name instances:I max_instances:I flags"},
    {"power_sensors", "power of a Mac", "key* category name value"},
    {"preferences", "settings of macOS", "domain* key* subkey value forced:I username+ host"},
    {"process_envs", "environment of processes", "pid:I* key value"},
    {"process_memory_map", "memory of processes",
     "pid:I* start end permissions offset:B device inode:I path pseudo:I"},
    {"process_namespaces", "namespaces of processes",
     "pid:I* cgroup_namespace ipc_namespace mnt_namespace net_namespace pid_namespace "
     "user_namespace uts_namespace"},
    {"process_open_files", "files that processes have open", "pid:B* fd:B path"},
    {"process_open_pipes", "pipes between processes",
     "pid:B fd:B mode inode:B type partner_pid:B partner_fd:B partner_mode"},
    {"process_open_sockets", "sockets of processes",
     "pid:I fd:B socket:B family:I protocol:I local_address remote_address local_port:I "
     "remote_port:I path state net_namespace"},
    {"shared_folders", "folders that macOS shares", "name path"},
    {"shared_memory", "shared memory of Linux",
     "shmid:I owner_uid:B creator_uid:B pid:B creator_pid:B atime:B dtime:B ctime:B permissions "
     "size:B attached:I status locked:I"},
    {"shared_resources", "shares of Windows",
     "description install_date status allow_maximum:I maximum_allowed:B name path type:B "
     "type_name"},
    {"sharing_preferences", "what macOS shares",
     "screen_sharing:I file_sharing:I printer_sharing:I remote_login:I remote_management:I "
     "remote_apple_events:I internet_sharing:I bluetooth_sharing:I disc_sharing:I "
     "content_caching:I"},
    {"shell_history", "what was typed in shells", "uid:B* time:I command history_file"},
    {"smart_drive_info", "what drives say of themselves",
     "device_name disk_id:I driver_type model_family device_model serial_number "
     "lu_wwn_device_id additional_product_id firmware_version user_capacity sector_sizes "
     "rotation_rate form_factor in_smartctl_db:I ata_version transport_type sata_version "
     "read_device_identity_failure smart_supported smart_enabled packet_device_type "
     "power_mode warnings"},
    {"smbios_tables", "tables of SMBIOS",
     "number:I type:I description handle:I header_size:I size:I md5@nocase"},
    {"smc_keys", "keys of Apple's SMC", "key* type size:I value hidden:I"},
    {"ssh_configs", "configuration of SSH", "uid:B* block option ssh_config_file"},
    {"sudoers", "who may use sudo for what", "source header rule_details"},
    {"suid_bin", "programs that run as their owner",
     "path username groupname permissions pid_with_namespace:I+~"},
    {"system_profiler", "what system_profiler says", "data_type! value"},
    {"temperature_sensors", "temperatures of a Mac", "key* name celsius:D fahrenheit:D"},
    {"time", "date and time",
     "weekday year:I month:I day:I hour:I minutes:I seconds:I timezone "
     "local_timezone unix_time:I timestamp datetime iso_8601 win_timestamp:B"},
    {"time_machine_backups", "backups of Time Machine", "destination_id backup_date:I"},
    {"time_machine_destinations", "where Time Machine writes",
     "alias destination_id consistency_scan_date:I root_volume_uuid@nocase bytes_available:I "
     "bytes_used:I encryption"},
    {"ulimit_info", "limits of processes", "type soft_limit hard_limit"},
    {"usb_devices", "devices on USB",
     "usb_address:I usb_port:I vendor vendor_id version model model_id serial class subclass "
     "protocol removable:I"},
    {"video_info", "graphics of Windows",
     "color_depth:I driver driver_date:B driver_version manufacturer model series video_mode"},
    {"virtual_memory_info", "memory of macOS",
     "free:B active:B inactive:B speculative:B throttled:B wired:B purgeable:B faults:B copy:B "
     "zero_fill:B reactivated:B purged:B file_backed:B anonymous:B uncompressed:B compressor:B "
     "decompressed:B compressed:B page_ins:B page_outs:B swap_ins:B swap_outs:B"},
    {"wifi_networks", "wireless networks that macOS knows",
     "ssid network_name security_type last_connected:I~ passpoint:I~ possibly_hidden:I roaming:I~ "
     "roaming_profile auto_login:I~ temporarily_disabled:I disabled:I~ add_reason added_at:I "
     "captive_portal:I captive_login_date:I was_captive_network:I auto_join:I "
     "personal_hotspot:I"},
    {"wifi_status", "the wireless network of macOS",
     "interface ssid bssid network_name country_code security_type rssi:I noise:I channel:I "
     "channel_width:I channel_band:I transmit_rate mode"},
    {"wifi_survey", "wireless networks around",
     "interface ssid bssid network_name country_code rssi:I noise:I channel:I channel_width:I "
     "channel_band:I"},
    {"winbaseobj", "named objects of Windows", "session_id:I object_name object_type"},
    {"yara", "matches of YARA in a file",
     "path! matches count:I sig_group+ sigfile+ sigrule+~ strings tags sigurl+~ "
     "pid_with_namespace:I+~"},
};

}  // namespace

std::span<const BriefTable> BriefSystemTables() { return kTables; }

}  // namespace sallyport
