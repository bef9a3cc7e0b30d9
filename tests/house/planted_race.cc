// SPDX-License-Identifier: Apache-2.0
// A race of our own below a frame of gRPC, as all our callbacks are. The thread sanitizer must
// report it in spite of tests/support/tsan.supp; built in the tsan preset only.
#include <cstdio>
#include <functional>
#include <thread>

namespace grpc {

// Stands where gRPC's thread stands when it calls us.
[[gnu::noinline]] void CallBack(const std::function<void()>& function) { function(); }

}  // namespace grpc

namespace sallyport {
namespace {

int shared = 0;

[[gnu::noinline]] void Touch() { ++shared; }

}  // namespace
}  // namespace sallyport

int main() {
  std::thread one([] { grpc::CallBack(sallyport::Touch); });
  std::thread two([] { grpc::CallBack(sallyport::Touch); });
  one.join();
  two.join();
  std::printf("%d\n", sallyport::shared);
  return 0;
}
