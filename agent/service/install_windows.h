// SPDX-License-Identifier: Apache-2.0
// The service's entry in the service manager: installed, and taken out again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace sallyport {

struct Installation {
  std::string name;                    // of the service, "Sallyport"
  std::string program;                 // whole path
  std::vector<std::string> arguments;  // kept in the service's command line
};

// What the service needs of SYSTEM's privileges: to log LOCAL SERVICE on, and to start a process
// with its token. Everything else is taken from the service process.
inline constexpr const wchar_t* kServicePrivileges[] = {
    L"SeAssignPrimaryTokenPrivilege",
    L"SeChangeNotifyPrivilege",
    L"SeIncreaseQuotaPrivilege",
    L"SeTcbPrivilege",
};

// Starts by itself, delayed; started again 1, 5 and then each time 60 seconds after it failed,
// counted anew after a day; also when it ended by itself with an error. `notice` is told what this
// system's service manager has no setting for; whatever else fails is an error, and then there is
// no service. kConflict when there is one of this name.
Status InstallService(const Installation& what,
                      const std::function<void(const std::string&)>& notice);

// Stops it first. kNotFound. Its folders stay.
Status UninstallService(const std::string& name);

}  // namespace sallyport
