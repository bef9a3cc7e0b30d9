// SPDX-License-Identifier: Apache-2.0
// gtest's main with the QCoreApplication that notifiers and timers need.
#include <gtest/gtest.h>

#include <QCoreApplication>

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  QCoreApplication app(argc, argv);
  return RUN_ALL_TESTS();
}
