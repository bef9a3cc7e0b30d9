// SPDX-License-Identifier: Apache-2.0
// Declarations of osquery's tables: what is asked for by a path or key.
#pragma once

#include "base/table.h"

namespace sallyport {

inline constexpr Column kRegistryColumns[] = {
    {"key", Type::kText, "the key, from its root", "nocase", Role::kAdditional},
    {"path", Type::kText, "key and name", "nocase", Role::kIndex},
    {"name", Type::kText, "of the value or key below"},
    {"type", Type::kText, "REG_SZ and the like; subkey for a key"},
    {"data", Type::kText, "the value as text"},
    {"mtime", Type::kBigint, "seconds since 1970, of the key"},
};
inline constexpr Schema kRegistryTable{"registry", kRegistryColumns,
                                       "keys and values of Windows' registry"};

inline constexpr Column kPlistColumns[] = {
    {"key", Type::kText, "first part of the key"},
    {"subkey", Type::kText, "the rest, by slashes"},
    {"value", Type::kText, "as text"},
    {"path", Type::kText, "file", "", Role::kRequired},
};
inline constexpr Schema kPlist{"plist", kPlistColumns, "values of a property list"};

inline constexpr Column kFileColumns[] = {
    {"path", Type::kText, "the file", "", Role::kRequired},
    {"directory", Type::kText, "folder that holds it", "", Role::kRequired},
    {"filename", Type::kText, "last part of the path"},
    {"inode", Type::kBigint, "number of the inode"},
    {"uid", Type::kBigint, "owner"},
    {"gid", Type::kBigint, "group"},
    {"mode", Type::kText, "permissions, octal with a leading 0"},
    {"device", Type::kBigint, "number of the device"},
    {"size", Type::kBigint, "bytes"},
    {"block_size", Type::kInteger, "bytes of a block"},
    {"atime", Type::kBigint, "last read, seconds since 1970"},
    {"mtime", Type::kBigint, "last change of content, seconds since 1970"},
    {"ctime", Type::kBigint, "last change of metadata, seconds since 1970"},
    {"btime", Type::kBigint, "creation, seconds since 1970"},
    {"hard_links", Type::kInteger, "number of names"},
    {"symlink", Type::kInteger, "1: the path is a symbolic link"},
    {"type", Type::kText, "regular, directory, symlink, character, block, fifo or socket"},
    {"symlink_target_path", Type::kText, "where the link leads"},
    {"attributes", Type::kText, "Windows: letters of the file's attributes"},
    {"volume_serial", Type::kText, "Windows: of the volume"},
    {"file_id", Type::kText, "Windows: number of the file"},
    {"file_version", Type::kText, "Windows: of the program, as its resources say", "version"},
    {"product_version", Type::kText, "Windows: of the product, as its resources say", "version"},
    {"original_filename", Type::kText, "Windows: as its resources say"},
    {"shortcut_target_path", Type::kText, "Windows: where a shortcut leads"},
    {"shortcut_target_type", Type::kText, "Windows: what a shortcut leads to"},
    {"shortcut_target_location", Type::kText, "Windows: folder of that"},
    {"shortcut_start_in", Type::kText, "Windows: working folder of a shortcut"},
    {"shortcut_run", Type::kText, "Windows: window that a shortcut opens"},
    {"shortcut_comment", Type::kText, "Windows: remark of a shortcut"},
    {"bsd_flags", Type::kText, "macOS: flags of the file, in words"},
};
inline constexpr Schema kFileTable{"file", kFileColumns, "files and folders by their path"};

inline constexpr Column kHashColumns[] = {
    {"path", Type::kText, "the file", "", Role::kRequired},
    {"directory", Type::kText, "folder whose files are hashed", "", Role::kRequired},
    {"md5", Type::kText, "of the content", "nocase"},
    {"sha1", Type::kText, "of the content", "nocase"},
    {"sha256", Type::kText, "of the content", "nocase"},
};
inline constexpr Schema kHash{"hash", kHashColumns, "digests of files"};

inline constexpr Column kAugeasColumns[] = {
    {"node", Type::kText, "path in Augeas' tree", "", Role::kIndex},
    {"value", Type::kText, "of the node"},
    {"label", Type::kText, "last part of the node"},
    {"path", Type::kText, "file", "", Role::kAdditional},
};
inline constexpr Schema kAugeas{"augeas", kAugeasColumns,
                                "configuration files as Augeas reads them", "configurations"};

inline constexpr Column kCertificatesColumns[] = {
    {"common_name", Type::kText, "of the subject"},
    {"subject", Type::kText, "distinguished name"},
    {"subject2", Type::kText, "distinguished name, as RFC 2253 writes it"},
    {"issuer", Type::kText, "distinguished name"},
    {"issuer2", Type::kText, "distinguished name, as RFC 2253 writes it"},
    {"ca", Type::kInteger, "1: it may sign others"},
    {"self_signed", Type::kInteger, "1: by its own key"},
    {"not_valid_before", Type::kText, "seconds since 1970"},
    {"not_valid_after", Type::kText, "seconds since 1970"},
    {"signing_algorithm", Type::kText, "of the signature"},
    {"key_algorithm", Type::kText, "of the key"},
    {"key_strength", Type::kText, "bits or curve"},
    {"key_usage", Type::kText, "what the key is for"},
    {"subject_key_id", Type::kText, "identifier of the key", "nocase"},
    {"authority_key_id", Type::kText, "identifier of the issuer's key", "nocase"},
    {"sha1", Type::kText, "of the certificate", "nocase"},
    {"path", Type::kText, "file or keychain", "", Role::kAdditional},
    {"serial", Type::kText, "serial number", "nocase"},
    {"sid", Type::kText, "Windows: account of the store"},
    {"store_location", Type::kText, "Windows: of the store"},
    {"store", Type::kText, "Windows: of the store"},
    {"username", Type::kText, "Windows: account of the store"},
    {"store_id", Type::kText, "Windows: of the store"},
};
inline constexpr Schema kCertificates{"certificates", kCertificatesColumns,
                                      "certificates of the system and of files"};

inline constexpr Column kSignatureColumns[] = {
    {"path", Type::kText, "program or bundle", "", Role::kRequired},
    {"hash_resources", Type::kInteger, "1: resources are checked as well", "", Role::kAdditional},
    {"hash_executable", Type::kInteger, "1: the program is hashed", "", Role::kAdditional},
    {"arch", Type::kText, "architecture that is checked"},
    {"signed", Type::kInteger, "1: the signature holds"},
    {"identifier", Type::kText, "that was signed"},
    {"cdhash", Type::kText, "hash of the code directory", "nocase"},
    {"team_identifier", Type::kText, "of the developer"},
    {"authority", Type::kText, "name of the signing certificate"},
    {"entitlements", Type::kText, "that were signed"},
};
inline constexpr Schema kSignature{"signature", kSignatureColumns, "code signatures of macOS"};

inline constexpr Column kAuthenticodeColumns[] = {
    {"path", Type::kText, "program", "", Role::kRequired},
    {"original_program_name", Type::kText, "that was signed"},
    {"serial_number", Type::kText, "of the signing certificate"},
    {"issuer_name", Type::kText, "of the signing certificate"},
    {"subject_name", Type::kText, "of the signing certificate"},
    {"result", Type::kText, "trusted, untrusted, missing, invalid and the like"},
};
inline constexpr Schema kAuthenticode{"authenticode", kAuthenticodeColumns,
                                      "code signatures of Windows"};

}  // namespace sallyport
