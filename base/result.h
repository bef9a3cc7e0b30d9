// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error that names the thing that went wrong.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace sallyport {

enum class Code {
  kNotFound,         // the thing asked for does not exist
  kUnsupported,      // this system has no such thing, and never will
  kDenied,           // the system, or our own limit, refused
  kTimeout,          // the deadline passed first
  kMalformed,        // bytes or text that do not follow their format
  kTooLarge,         // over a bound of ours
  kInvalidArgument,  // the caller's or the user's mistake
  kConflict,         // true, but not in this state (used token, sequence gone backwards, ...)
  kBadSignature,     // a signature, certificate or HMAC that does not verify
  kUnavailable,      // a peer or service that cannot be reached now
  kExhausted,        // a bound on memory, disk or work was hit
  kInternal,         // a bug of ours or of a library
};

// Lower case, stable: goes into logs, counters and collector_status.
const char* CodeName(Code code);

// The message names the thing (file, key, line, table); never a secret, never key bytes.
struct Error {
  Code code = Code::kInternal;
  std::string message;

  friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> Fail(Code code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

// "message" becomes "prefix: message"; the code stays.
inline tl::unexpected<Error> Wrap(const Error& error, const std::string& prefix) {
  return tl::unexpected<Error>(Error{error.code, prefix + ": " + error.message});
}

}  // namespace sallyport
