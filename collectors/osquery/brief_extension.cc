// SPDX-License-Identifier: Apache-2.0
// Tables of extensions: Fleet's fleetd, macadmins' and Kolide's.
#include "collectors/osquery/brief_table.h"

namespace sallyport {
namespace {

constexpr BriefTable kTables[] = {
    {"airport_util", "wireless networks around, from airport(8)",
     "option! fullkey parent key value query"},
    {"alt_system_info", "the system, as macadmins' extension tells it",
     "hostname uuid cpu_type cpu_subtype cpu_brand cpu_physical_cores:I cpu_logical_cores:I "
     "cpu_microcode physical_memory:B hardware_vendor hardware_model hardware_version "
     "hardware_serial board_vendor board_model board_version board_serial computer_name "
     "local_hostname"},
    {"apfs_physical_stores", "stores of APFS", "fullkey parent key value query"},
    {"apfs_volumes", "volumes of APFS", "fullkey parent key value query"},
    {"app_icons", "icons of programs of macOS", "path! icon hash"},
    {"apple_silicon_security_policy", "security of an Apple silicon Mac",
     "fullkey parent key value query"},
    {"bitlocker_key_protectors", "what unlocks BitLocker", "drive_letter key_protector_type:I"},
    {"brew_list", "packages of Homebrew", "name path version"},
    {"codesign", "signatures of programs of macOS",
     "path! team_identifier cdhash_sha256 binary_sha256"},
    {"containerd_containers", "containers of containerd",
     "namespace id image_digest image state created:B runtime command"},
    {"containerd_mounts", "mounts of containerd", "namespace container_id type source options"},
    {"corestorage_logical_volume_families", "families of CoreStorage",
     "vg_UUID vg_Version vg_FreeSpace vg_FusionDrive vg_Name vg_Sequence vg_Size vg_Sparse "
     "vg_Status UUID EncryptionStatus EncryptionType HasVisibleUsers HasVolumeKey "
     "IsAcceptingNewUsers "
     "IsFullySecure MayHaveEncryptedEvents RequiresPasswordUnlock"},
    {"corestorage_logical_volumes", "volumes of CoreStorage",
     "vg_UUID vg_Version vg_FreeSpace vg_FusionDrive vg_Name vg_Sequence vg_Size vg_Sparse "
     "vg_Status lvf_UUID lvf_EncryptionStatus lvf_EncryptionType lvf_HasVisibleUsers "
     "lvf_HasVolumeKey lvf_IsAcceptingNewUsers lvf_IsFullySecure lvf_MayHaveEncryptedEvents "
     "lvf_RequiresPasswordUnlock UUID Name ContentHint ConversionState ConversionProgressPercent "
     "DesignatedPhysicalVolume DesignatedPhysicalVolumeIdentifier Identifier Sequence Size Status "
     "Version VolumeName"},
    {"crowdstrike_falcon", "CrowdStrike Falcon's sensor",
     "agent_id cid falcon_version reduced_functionality_mode sensor_loaded"},
    {"cryptoinfo", "keys and certificates in files",
     "path! passphrase+ fullkey parent key value query"},
    {"cryptsetup_luks_salt", "salts of LUKS' key slots", "device! key_slot salt"},
    {"executable_hashes", "digests of programs of macOS",
     "path! executable_path executable_sha256"},
    {"filevault_prk", "the recovery key of FileVault, encrypted", "base64_encrypted"},
    {"filevault_users", "who may unlock FileVault", "username uuid"},
    {"firefox_preferences", "settings of Firefox", "path! fullkey parent key value query"},
    {"firmware_eficheck_integrity_check", "whether the firmware of a Mac is Apple's",
     "chip output"},
    {"firmwarepasswd", "the firmware's password", "mode password_enabled option_roms_allowed"},
    {"fleetd_logs", "Fleet's agent's log", "time level payload message error"},
    {"geolocation", "where a Chromebook is", "ip city country region"},
    {"google_chrome_profiles", "profiles of Chrome", "username email ephemeral:I"},
    {"icloud_private_relay", "iCloud's private relay", "status:I"},
    {"ioreg", "the registry of IOKit", "c+ d:I+ k+ n+ p+ r:I+ fullkey parent key value query"},
    {"local_network_permissions", "which programs may use the local network",
     "bundle_id executable_path display_name type state provider_added:I"},
    {"macadmins_unified_log", "the log of macOS",
     "trace_id event_type message log_type category activity_identifier subsystem "
     "process_image_path sender_image_path boot_uuid thread_id parent_activity_identifier "
     "creator_activity_id process_id predicate+ last+ log_level+"},
    {"macos_profiles", "profiles of macOS",
     "identifier display_name description organization verification_state uuid install_date type "
     "username"},
    {"macos_rsr", "rapid security responses",
     "rsr_version macos_version full_macos_version rsr_supported"},
    {"macos_user_profiles", "profiles of macOS' users",
     "username! identifier display_name description organization verification_state uuid "
     "install_date type"},
    {"munki_info", "Munki's last run",
     "version start_time end_time success errors warnings problem_installs console_user "
     "manifest_name"},
    {"munki_installs", "what Munki installed", "name installed installed_version end_time"},
    {"munki_report", "Munki's report", "fullkey parent key value query"},
    {"network_quality", "how good the network is",
     "dl_throughput_kbps ul_throughput_kbps dl_throughput_mbps ul_throughput_mbps start_date "
     "end_date uplink_throughput downlink_throughput dl_responsiveness ul_responsiveness"},
    {"pending_apple_updates", "updates that macOS knows of",
     "product_key name display_name display_version version_string date"},
    {"privacy_preferences", "privacy settings of a Chromebook",
     "network_prediction_enabled:I web_rtc_ip_handling_policy autofill_address_enabled:I "
     "autofill_credit_card_enabled:I password_saving_enabled:I safe_browsing_enabled:I "
     "safe_browsing_extended_reporting_enabled:I search_suggest_enabled:I "
     "spelling_service_enabled:I translation_service_enabled:I ad_measurement_enabled:I "
     "do_not_track_enabled:I fledge_enabled:I hyperlink_auditing_enabled:I "
     "protected_content_enabled:I referrers_enabled:I third_party_cookies_allowed:I "
     "topics_enabled:I"},
    {"puppet_facts", "facts of Puppet", "fact value"},
    {"puppet_info", "Puppet's last run",
     "cached_catalog_status catalog_uuid code_id configuration_version corrective_change "
     "environment host kind master_used noop noop_pending puppet_version report_format status "
     "time transaction_completed transaction_uuid"},
    {"puppet_logs", "Puppet's log", "level message source time file line"},
    {"puppet_state", "resources of Puppet",
     "title file line resource resource_type evaluation_time failed changed out_of_sync skipped "
     "change_count out_of_sync_count corrective_change"},
    {"santa_allowed", "what Santa let run", "timestamp application reason sha256"},
    {"santa_denied", "what Santa kept from running", "timestamp application reason sha256"},
    {"santa_status", "Santa", "fullkey parent key value query"},
    {"sntp_request", "the clock, against a time server",
     "server! timestamp_ms:B clock_offset_ms:B"},
    {"sofa_security_release_info", "releases of macOS, from SOFA",
     "update_name product_version release_date security_info unique_cves_count:I "
     "days_since_previous_release:I os_version+ url+"},
    {"sofa_unpatched_cves", "holes of this macOS, from SOFA",
     "os_version cve actively_exploited patched_version url+"},
    {"system_state", "whether a Chromebook is idle", "idle_state"},
    {"tcc_access", "which programs of macOS may what",
     "service client client_type:I auth_value:I auth_reason:I last_modified:B policy_id:I "
     "indirect_object_identifier indirect_object_identifier_type:I source uid:I"},
};

}  // namespace

std::span<const BriefTable> BriefExtensionTables() { return kTables; }

}  // namespace sallyport
