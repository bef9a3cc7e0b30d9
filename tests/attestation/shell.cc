// SPDX-License-Identifier: Apache-2.0
#include "tests/attestation/shell.h"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace sallyport {

ShellOutput RunShell(const std::string& folder, const std::string& script) {
  const std::string file = folder + "/.script.sh";
  std::ofstream(file) << script << '\n';
  const std::string line = "cd '" + folder + "' && LC_ALL=C bash -e '" + file + "' 2>&1";
  FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen");
  ShellOutput out;
  std::array<char, 4096> buffer;
  while (const size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    out.text.append(buffer.data(), n);
  }
  const int status = pclose(pipe);
  out.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return out;
}

}  // namespace sallyport
