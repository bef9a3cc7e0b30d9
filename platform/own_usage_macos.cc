// SPDX-License-Identifier: Apache-2.0
#include <mach/mach.h>
#include <sys/resource.h>
#include <time.h>

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

uint64_t ResidentBytes() {
  mach_task_basic_info info{};
  mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
  if (task_info(mach_task_self(), MACH_TASK_BASIC_INFO, reinterpret_cast<task_info_t>(&info),
                &count) != KERN_SUCCESS) {
    return 0;
  }
  return info.resident_size;
}

}  // namespace

OwnUsage UsageOfThisThread() {
  timespec awake{};
  clock_gettime(CLOCK_UPTIME_RAW, &awake);  // CLOCK_MONOTONIC counts sleep here
  timespec thread{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &thread);
  rusage children{};
  getrusage(RUSAGE_CHILDREN, &children);
  OwnUsage usage;
  usage.awake = duration_cast<milliseconds>(seconds(awake.tv_sec) + nanoseconds(awake.tv_nsec));
  usage.cpu = duration_cast<milliseconds>(seconds(thread.tv_sec) + nanoseconds(thread.tv_nsec) +
                                          SpentBy(children.ru_utime) + SpentBy(children.ru_stime));
  usage.bytes = ResidentBytes();
  return usage;
}

}  // namespace sallyport
