// SPDX-License-Identifier: Apache-2.0
// A CA in a folder of its own, a key, and the names that tests certify.
#pragma once

#include <gtest/gtest.h>

#include <chrono>

#include "attestation/certificates.h"
#include "tests/attestation/temporary_folder.h"

namespace sallyport {

inline const LeafName kLaptop{LeafName::Role::kDevice, "corp.example", "laptop-1"};
inline const LeafName kGate{LeafName::Role::kGateway, "corp.example", "gate-1"};

inline Now WallClock() {
  return {Millis(0),
          std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch())};
}

inline Now At(int64_t wall_s) { return {Millis(0), Millis(wall_s * 1000)}; }

class CertificateFixture : public ::testing::Test {
 protected:
  CertificateAuthority OpenCa(Now now) const {
    return CertificateAuthority::Open(folder_.path() + "/ca", "corp.example", now).value();
  }
  TemporaryFolder folder_;
  SigningKey key_ = SigningKey::Generate().value();
};

}  // namespace sallyport
