// SPDX-License-Identifier: Apache-2.0
// What `sallyport enroll` leaves: the folder to the agent's user, the token to nobody.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace sallyport {

class Handover {
 public:
  // `user` by name; empty: whoever runs this keeps it. kNotFound: there is no such user.
  static Result<Handover> To(const std::string& user);

  // The folder and the files in it. kDenied names what cannot be given.
  Status Give(const std::string& folder) const;

 private:
  struct Owner;
  std::shared_ptr<const Owner> owner_;  // null: nothing is given
};

// Overwrites the file, and removes it. What a link leads to stays as it is. kDenied.
Status EraseFile(const std::string& path);

}  // namespace sallyport
