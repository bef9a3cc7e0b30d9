// SPDX-License-Identifier: Apache-2.0
// OpenVPN: its configuration files, and the options that NetworkManager gives it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "collectors/vpn/model.h"

namespace sallyport {

// One line: an option and its parameters; an inline file is an option without its content.
struct OpenvpnOption {
  std::string name;
  std::vector<std::string> words = {};
  bool is_inline = false;
  Span where;
};

// openvpn(8): words by blanks, quotes and backslashes as there, "#" and ";" begin comments.
// Parameters that are secrets are not kept. Errors, by file and line: a quote or an inline file
// that is not closed, too many options.
Result<std::vector<OpenvpnOption>> ParseOpenvpn(std::string_view text, const std::string& file);

// What the options say; `client` and `name` are the row's.
void AddOpenvpn(const std::vector<OpenvpnOption>& options, const std::string& client,
                const std::string& name, const Span& where, VpnConfiguration* out);

}  // namespace sallyport
