// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(Base64, IsTheOneOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(EncodeBase64(plain), encoded);
    EXPECT_EQ(DecodeBase64(encoded).value(), plain);
  }
  for (const char* bad : {"Zg=", "Zg=a", "Z===", "Zm9v!m9v", "Zg==Zg=="}) {
    EXPECT_EQ(DecodeBase64(bad).error().code, Code::kMalformed) << bad;
  }
}

}  // namespace
}  // namespace sallyport
