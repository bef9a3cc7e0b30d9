// SPDX-License-Identifier: Apache-2.0
#include "agent/places.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(PlacesLinux, StateIsKeptOverAStartAndSocketsAreNot) {
  const Places places = DefaultPlaces();
  EXPECT_EQ(places.state, "/var/lib/sallyport");
  EXPECT_EQ(places.collector_state, "/var/lib/sallyport/collector");
  EXPECT_EQ(AgentSocket(places.run), "/run/sallyport/agent.sock");
  EXPECT_EQ(CollectorSocket(places.run), "/run/sallyport/collector.sock");
}

// In memory: it is written at every step.
TEST(PlacesLinux, ProgressIsMarkedBesideTheSocketWhereverThatIs) {
  EXPECT_EQ(ProgressPath("/run/other/c.sock", "/var/lib/x"), "/run/other/collector.progress");
}

}  // namespace
}  // namespace sallyport
