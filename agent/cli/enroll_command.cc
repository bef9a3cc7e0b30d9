// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/enroll_command.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "agent/cli/handover.h"
#include "attestation/enrollment.h"
#include "base/table.h"
#include "base/text.h"
#include "base/utf8_path.h"
#include "platform/this_host.h"

namespace sallyport {
namespace {

constexpr size_t kMaxTokenBytes = 4096;

Result<std::string> ReadToken(const std::string& path) {
  std::ifstream file(PathOf(path), std::ios::binary);
  if (!file) return Fail(Code::kNotFound, path + ": " + std::strerror(errno));
  std::string token(kMaxTokenBytes + 1, '\0');
  file.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<size_t>(file.gcount()));
  if (token.size() > kMaxTokenBytes) return Fail(Code::kTooLarge, path + ": too long for a token");
  const std::string trimmed(Trim(token));
  if (trimmed.empty()) return Fail(Code::kInvalidArgument, path + ": holds no token");
  return trimmed;
}

}  // namespace

Result<std::string> RunEnroll(const EnrollArguments& arguments) {
  const Result<Handover> handover = Handover::To(arguments.user);
  if (!handover) return tl::unexpected(handover.error());
  Result<std::string> token = ReadToken(arguments.token_file);
  if (!token) return tl::unexpected(token.error());

  EnrollmentOptions options;
  options.folder = arguments.state;
  options.service = arguments.service;
  options.ca_file = arguments.ca_file;
  options.token = *std::move(token);
  options.want_vpn = arguments.want_vpn;
  options.hostname = MachineName();
  options.platform = OsName(MakeThisHost()->os());
  const Result<EnrollmentRecord> record = Enroll(options);
  if (!record) return tl::unexpected(record.error());

  if (const Status given = handover->Give(arguments.state); !given) {
    return tl::unexpected(given.error());
  }
  // It is worth nothing any more; still nobody should find it.
  if (const Status erased = EraseFile(arguments.token_file); !erased) {
    return tl::unexpected(erased.error());
  }
  return record->name.id;
}

}  // namespace sallyport
