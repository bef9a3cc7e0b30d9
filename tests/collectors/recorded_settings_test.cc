// SPDX-License-Identifier: Apache-2.0
#include "collectors/recorded_settings.h"

#include <gtest/gtest.h>

#include "collectors/gvdb.h"
#include "tests/collectors/gvdb_bytes.h"

namespace sallyport {
namespace {

constexpr char kIdle[] = "/org/gnome/desktop/session/idle-delay";
constexpr char kDelay[] = "/org/gnome/desktop/screensaver/lock-delay";

TEST(RecordedSettings, OfADatabaseTheSettingsOfTheLockRemainAndNothingElse) {
  const std::string database =
      ToGvdb({{kIdle, NumberVariant(300)},
              {"/org/gnome/shell/favorite-apps", std::string("diary.desktop\0as", 16)}},
             {{".locks", {{kDelay, BoolVariant(true)}, {"/org/private", BoolVariant(true)}}}});
  ASSERT_TRUE(IsSettingsDatabase(database));
  const std::string kept = ShortenSettings(database);
  EXPECT_EQ(kept.find("diary"), kept.npos);
  EXPECT_EQ(kept.find("private"), kept.npos);
  const Gvdb file = Gvdb::Open(kept, "kept").value();
  const Gvdb::Values values = file.Read().value();
  ASSERT_EQ(values.size(), 1u);
  EXPECT_EQ(file.Number(values.at(kIdle), kIdle), 300);
  const Gvdb::Values locks = file.Read(".locks").value();
  EXPECT_EQ(locks.size(), 1u);
  EXPECT_TRUE(locks.contains(kDelay));
}

TEST(RecordedSettings, OfCompiledSchemasTheDefaultsOfTheLockRemain) {
  const std::string kept = ShortenSettings(
      ToGvdb({}, {{"org.gnome.desktop.session",
                   {{"idle-delay", NumberVariant(300, "(u)")}, {"session-name", "gnome"}}},
                  {"org.gnome.other", {{"idle-delay", NumberVariant(7, "(u)")}}}}));
  const Gvdb file = Gvdb::Open(kept, "kept").value();
  const Gvdb::Values values = file.Read("org.gnome.desktop.session").value();
  EXPECT_EQ(values.size(), 1u);
  EXPECT_EQ(file.Number(values.at("idle-delay"), "idle-delay"), 300);
  EXPECT_EQ(file.Read("org.gnome.other").error().code, Code::kNotFound);
}

TEST(RecordedSettings, TheOrderOfBytesRemainsAndWhatCannotBeReadIsLeftOut) {
  std::string swapped = ToGvdb({{kIdle, NumberVariant(300)}});
  swapped.replace(0, 8, "raVGtnai");
  const std::string kept = ShortenSettings(swapped);
  const Gvdb file = Gvdb::Open(kept, "kept").value();
  EXPECT_EQ(file.Number(file.Read().value().at(kIdle), kIdle), 0x2c010000);
  EXPECT_EQ(ShortenSettings(swapped.substr(0, swapped.size() - 1)), "");
  EXPECT_FALSE(IsSettingsDatabase("[Daemon]\n"));
}

}  // namespace
}  // namespace sallyport
