// SPDX-License-Identifier: Apache-2.0
// Declarations of osquery's tables: what is installed and where it comes from.
#pragma once

#include "base/table.h"

namespace sallyport {

inline constexpr Column kPatchesColumns[] = {
    {"csname", Type::kText, "the machine's name"},
    {"hotfix_id", Type::kText, "number of the KB article"},
    {"caption", Type::kText, "address of the KB article"},
    {"description", Type::kText, "kind of update"},
    {"fix_comments", Type::kText, "remarks of the update"},
    {"installed_by", Type::kText, "account that installed it"},
    {"install_date", Type::kText, "moment when it was installed; mostly empty"},
    {"installed_on", Type::kText, "day when it was installed, in the machine's own form"},
};
inline constexpr Schema kPatches{"patches", kPatchesColumns,
                                 "updates of Windows that are installed"};

inline constexpr Column kWindowsUpdateHistoryColumns[] = {
    {"client_app_id", Type::kText, "program that asked for the update"},
    {"date", Type::kBigint, "seconds since 1970"},
    {"description", Type::kText, "what the update says of itself"},
    {"hresult", Type::kBigint, "code of the operation"},
    {"operation", Type::kText, "Installation or Uninstallation"},
    {"result_code", Type::kText, "Succeeded, Failed, Aborted and the like"},
    {"server_selection", Type::kText, "which update server was asked"},
    {"service_id", Type::kText, "identifier of an update service that is none of the usual"},
    {"support_url", Type::kText, "where more is told"},
    {"title", Type::kText, "name of the update"},
    {"update_id", Type::kText, "identifier of the update"},
    {"update_revision", Type::kBigint, "revision of the update"},
};
inline constexpr Schema kWindowsUpdateHistory{
    "windows_update_history", kWindowsUpdateHistoryColumns, "what Windows Update did"};

inline constexpr Column kProgramsColumns[] = {
    {"name", Type::kText, "as it is shown to people"},
    {"version", Type::kText, "as its installer wrote it", "version"},
    {"install_location", Type::kText, "folder"},
    {"install_source", Type::kText, "where it was installed from"},
    {"language", Type::kText, "language of the product"},
    {"publisher", Type::kText, "who made it"},
    {"uninstall_string", Type::kText, "command that removes it"},
    {"install_date", Type::kText, "day, as its installer wrote it"},
    {"identifying_number", Type::kText, "product code or key name"},
    {"package_family_name", Type::kText, "family of an MSIX package"},
    {"upgrade_code", Type::kText, "of the installer package"},
};
inline constexpr Schema kPrograms{"programs", kProgramsColumns,
                                  "programs that are installed on Windows",
                                  "programs_and_features"};

inline constexpr Column kDebPackagesColumns[] = {
    {"name", Type::kText, "name of the package"},
    {"version", Type::kText, "with epoch and revision", "version_dpkg"},
    {"source", Type::kText, "source package that it was built from"},
    {"size", Type::kBigint, "installed size in kilobytes"},
    {"arch", Type::kText, "architecture"},
    {"revision", Type::kText, "what follows the last hyphen of the version"},
    {"status", Type::kText, "wanted, flag and state: \"install ok installed\""},
    {"maintainer", Type::kText, "who maintains it"},
    {"section", Type::kText, "section of the archive"},
    {"priority", Type::kText, "required, important, standard, optional or extra"},
    {"admindir", Type::kText, "dpkg's folder; /var/lib/dpkg when a query fixes none", "",
     Role::kAdditional},
};
inline constexpr Schema kDebPackages{"deb_packages", kDebPackagesColumns,
                                     "packages that dpkg knows"};

inline constexpr Column kAptSourcesColumns[] = {
    {"name", Type::kText, "label of the repository"},
    {"source", Type::kText, "file that lists it"},
    {"base_uri", Type::kText, "address of the repository"},
    {"release", Type::kText, "release that it holds"},
    {"version", Type::kText, "version of the release", "version_dpkg"},
    {"maintainer", Type::kText, "who maintains the repository"},
    {"components", Type::kText, "main, contrib and the like"},
    {"architectures", Type::kText, "that it offers"},
};
inline constexpr Schema kAptSources{"apt_sources", kAptSourcesColumns, "package sources of apt"};

inline constexpr Column kRpmPackagesColumns[] = {
    {"name", Type::kText, "name of the package", "", Role::kIndex},
    {"version", Type::kText, "without epoch and release", "version_rhel", Role::kIndex},
    {"release", Type::kText, "release of the packaging", "", Role::kIndex},
    {"source", Type::kText, "source package that it was built from"},
    {"size", Type::kBigint, "installed size in bytes"},
    {"sha1", Type::kText, "of the package's header", "nocase"},
    {"arch", Type::kText, "architecture", "", Role::kIndex},
    {"epoch", Type::kInteger, "NULL when it has none", "", Role::kIndex},
    {"install_time", Type::kInteger, "seconds since 1970"},
    {"vendor", Type::kText, "who built it"},
    {"package_group", Type::kText, "group that it belongs to"},
};
inline constexpr Schema kRpmPackages{"rpm_packages", kRpmPackagesColumns,
                                     "packages that rpm knows"};

inline constexpr Column kYumSourcesColumns[] = {
    {"name", Type::kText, "name of the repository"},
    {"source", Type::kText, "file that lists it"},
    {"baseurl", Type::kText, "address of the repository"},
    {"mirrorlist", Type::kText, "address of a list of mirrors"},
    {"metalink", Type::kText, "address of a metalink"},
    {"enabled", Type::kText, "whether it is used"},
    {"gpgcheck", Type::kText, "whether signatures of packages are checked"},
    {"gpgkey", Type::kText, "where its keys are"},
};
inline constexpr Schema kYumSources{"yum_sources", kYumSourcesColumns,
                                    "package sources of yum and dnf"};

inline constexpr Column kAppsColumns[] = {
    {"name", Type::kText, "of the folder, with .app"},
    {"path", Type::kText, "the folder", "", Role::kIndex},
    {"bundle_executable", Type::kText, "program within it"},
    {"bundle_identifier", Type::kText, "reverse domain name", "nocase"},
    {"bundle_name", Type::kText, "short name"},
    {"bundle_short_version", Type::kText, "version for people", "version"},
    {"bundle_version", Type::kText, "version of the build", "version"},
    {"bundle_package_type", Type::kText, "four letters, mostly APPL"},
    {"environment", Type::kText, "variables that it is started with"},
    {"element", Type::kText, "1: it runs without window and Dock icon"},
    {"compiler", Type::kText, "that it was built with"},
    {"development_region", Type::kText, "language that it was made in"},
    {"display_name", Type::kText, "name for people"},
    {"info_string", Type::kText, "text of its information window"},
    {"minimum_system_version", Type::kText, "oldest macOS that it runs on", "version"},
    {"category", Type::kText, "of the App Store"},
    {"applescript_enabled", Type::kText, "whether scripts may drive it"},
    {"copyright", Type::kText, "as the application says"},
    {"last_opened_time", Type::kDouble, "seconds since 1970"},
};
inline constexpr Schema kApps{"apps", kAppsColumns, "applications that are installed on macOS"};

inline constexpr Column kPackageReceiptsColumns[] = {
    {"package_id", Type::kText, "reverse domain name"},
    {"package_filename", Type::kText, "file name of the package", "", Role::kIndex, true},
    {"version", Type::kText, "version of the package", "version"},
    {"location", Type::kText, "where it was unpacked, below the volume"},
    {"install_time", Type::kDouble, "seconds since 1970"},
    {"installer_name", Type::kText, "program that installed it"},
    {"path", Type::kText, "file of the receipt", "", Role::kAdditional},
};
inline constexpr Schema kPackageReceipts{"package_receipts", kPackageReceiptsColumns,
                                         "installer packages of macOS", "packages"};

}  // namespace sallyport
