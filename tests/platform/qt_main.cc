// SPDX-License-Identifier: Apache-2.0
// gtest's main with the QCoreApplication that notifiers, timers and QtDBus need.
#include <gtest/gtest.h>

#include <QCoreApplication>

#include "tests/platform/private_bus.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  sallyport::PrivateBus::UseAddress();
  QCoreApplication app(argc, argv);
  return RUN_ALL_TESTS();
}
