// SPDX-License-Identifier: Apache-2.0
#include "agent/service/service_control_windows.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(ServiceControl, StopAndBothShutdownsEndTheServiceAndNothingElseDoes) {
  EXPECT_TRUE(EndsService(SERVICE_CONTROL_STOP));
  EXPECT_TRUE(EndsService(SERVICE_CONTROL_SHUTDOWN));
  EXPECT_TRUE(EndsService(SERVICE_CONTROL_PRESHUTDOWN));
  for (const DWORD control : {SERVICE_CONTROL_PAUSE, SERVICE_CONTROL_INTERROGATE,
                              SERVICE_CONTROL_POWEREVENT, SERVICE_CONTROL_SESSIONCHANGE}) {
    EXPECT_FALSE(EndsService(static_cast<DWORD>(control))) << control;
  }
}

TEST(ServiceControl, OutsideTheServiceManagerItDoesNotBegin) {
  ServiceControl control([] {});
  EXPECT_EQ(control.Begin().error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace sallyport
