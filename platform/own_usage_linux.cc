// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <fstream>

#include "platform/own_usage.h"

namespace sallyport {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

microseconds SpentBy(const timeval& time) {
  return seconds(time.tv_sec) + microseconds(time.tv_usec);
}

// proc_pid_statm(5): the second field is resident pages.
uint64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  uint64_t size = 0;
  uint64_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

OwnUsage UsageOfThisThread() {
  timespec thread{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &thread);
  rusage children{};
  getrusage(RUSAGE_CHILDREN, &children);
  OwnUsage usage;
  usage.awake = duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
  usage.cpu = duration_cast<milliseconds>(seconds(thread.tv_sec) + nanoseconds(thread.tv_nsec) +
                                          SpentBy(children.ru_utime) + SpentBy(children.ru_stime));
  usage.bytes = ResidentBytes();
  return usage;
}

}  // namespace sallyport
