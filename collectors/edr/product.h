// SPDX-License-Identifier: Apache-2.0
// A security product as data: how it is found, and what shows that it works.
#pragma once

#include <span>
#include <string_view>

namespace sallyport {

// A process of a product: `comm` as /proc shows it (15 bytes at most), and the programs that it may
// be. A process of that name that runs another program is somebody else's.
struct ProcessMark {
  std::string_view comm;
  std::span<const std::string_view> programs;
};

// A setting and the value that it must have; an empty value: any but none.
struct Requirement {
  std::string_view name;
  std::string_view value;
};

// What a product says of itself, by its own command or in a file that it keeps.
struct ProductReport {
  std::span<const std::string_view> command;  // argv; empty: the file
  std::string_view file;
  std::span<const Requirement> must;  // all of them: it does its work
  Requirement degraded;               // it runs and does less than it should; its name is the mode
  Requirement tamper;                 // it keeps itself from being switched off
};

// What shows that a product does what its category promises, and not only runs.
struct EnforcingSign {
  enum class Kind {
    kNone,       // nothing that can be seen from outside: unknown while it runs
    kCommand,    // a line of a command's output: "enabled 1"
    kReport,     // what it says of itself
    kCompanion,  // another process of the product runs, and its configuration says so
  };
  Kind kind = Kind::kNone;
  std::span<const std::string_view> command;  // kCommand: argv
  std::string_view field;                    // kCommand: first word of the line; kCompanion: option
  std::span<const std::string_view> values;  // of the field, that mean yes
  ProcessMark companion;                     // kCompanion
  ProductReport report = {};                 // kReport
};

// Where a product's configuration lies: the argument of its running process, else the default.
struct ConfigurationFile {
  std::span<const std::string_view> flags;  // "-c", "--config-file"
  std::string_view default_path;
};

struct SignatureStore {
  enum class Kind { kNone, kClamav };
  Kind kind = Kind::kNone;
  std::string_view folder_option;  // of the configuration
  std::string_view default_folder;
};

struct EdrProduct {
  std::string_view name;
  std::string_view vendor;
  std::string_view category;
  std::span<const std::string_view> files;  // any of them: it is present
  std::string_view dpkg_package;            // for its version; "" none
  std::string_view unit;
  ProcessMark process;  // empty: its unit's state says whether it runs
  ConfigurationFile configuration;
  EnforcingSign enforcing;
  SignatureStore signatures;
};

// products_linux.cc: the list.
std::span<const EdrProduct> EdrProductsOfLinux();

}  // namespace sallyport
