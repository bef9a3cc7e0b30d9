// SPDX-License-Identifier: Apache-2.0
// A security product of Windows as data: its services, and what shows that it works.
#pragma once

#include <span>
#include <string_view>

namespace sallyport {

// What shows that a product does what its category promises, and not only runs.
struct WindowsSign {
  enum class Kind {
    kNever,     // it does not keep anything from happening: 0
    kDefender,  // MSFT_MpComputerStatus: runs as the machine's own antivirus, real-time protection
                // on
    kDriver,    // without its driver it is blind: 0; with it, whether it prevents is not seen
    kRegistry,  // a number in the registry: 1
  };
  Kind kind = Kind::kNever;
  std::string_view driver = {};  // kDriver: a service of the kernel
  std::string_view key = {};     // kRegistry
  std::string_view name = {};    // kRegistry
};

struct WindowsSignatures {
  enum class Kind { kNone, kClamav, kDefender };
  Kind kind = Kind::kNone;
  std::string_view configuration = {};   // kClamav: clamd.conf
  std::string_view default_folder = {};  // kClamav
};

struct WindowsEdrProduct {
  std::string_view name;
  std::string_view vendor;
  std::string_view category;
  std::string_view service;                    // the key's name; case means nothing
  std::span<const std::string_view> programs;  // that its process may run, in lower case
  WindowsSign enforcing;
  WindowsSignatures signatures;
  std::string_view settings = {};  // a registry key that changes with what it is told to do
};

// products_windows.cc: the list.
std::span<const WindowsEdrProduct> EdrProductsOfWindows();

}  // namespace sallyport
