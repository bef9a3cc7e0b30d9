// SPDX-License-Identifier: Apache-2.0
// Backoff: how long to wait before the next try; exponential with full jitter.
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
#pragma once

#include <algorithm>

#include "base/now.h"

namespace sallyport {

class Backoff {
 public:
  Backoff(Millis least, Millis most) : least_(least), most_(most), ceiling_(least) {}

  // `uniform` in [0, 1). Between `least` and a ceiling that doubles with each call up to `most`.
  Millis Next(double uniform) {
    ceiling_ = std::min(ceiling_ * 2, most_);
    const auto spread = static_cast<double>((ceiling_ - least_).count());
    return least_ + Millis(static_cast<Millis::rep>(spread * uniform));
  }

  void Reset() { ceiling_ = least_; }  // it worked

  // From here the next ceilings are `first`, twice that, ..., `most`.
  void Restart(Millis first, Millis most) {
    most_ = most;
    ceiling_ = first / 2;
  }

 private:
  Millis least_;
  Millis most_;
  Millis ceiling_;
};

}  // namespace sallyport
