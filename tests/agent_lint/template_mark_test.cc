// SPDX-License-Identifier: Apache-2.0
#include "agent/lint/template_mark.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(TemplateMark, FirstMarkOfAnyLanguageIsFoundWithItsLine) {
  EXPECT_EQ(FindTemplate("a\nb = {{ key }}\n"), (TemplateMark{2, "{{"}));
  EXPECT_EQ(FindTemplate("{% if x %}\n{{ y }}\n"), (TemplateMark{1, "{%"}));
  EXPECT_EQ(FindTemplate("a\n\nb = ${var.psk}\n"), (TemplateMark{3, "${"}));
  EXPECT_EQ(FindTemplate("<%= @psk %>"), (TemplateMark{1, "<%"}));
}

TEST(TemplateMark, BracesOfSwanctlAndMarksThatNothingClosesAreNone) {
  EXPECT_EQ(FindTemplate("connections {\n  corp {\n  }\n}\n"), std::nullopt);
  EXPECT_EQ(FindTemplate("a = {{ b\n"), std::nullopt);
  EXPECT_EQ(FindTemplate("a = $name\n"), std::nullopt);
}

TEST(TemplateMark, ShellVariableInACommentIsNoneAndJinjaInACommentIsOne) {
  EXPECT_EQ(FindTemplate("  # set ${HOME} first\na = b\n"), std::nullopt);
  EXPECT_EQ(FindTemplate("# set ${HOME} first\na = ${b}\n"), (TemplateMark{2, "${"}));
  EXPECT_EQ(FindTemplate("# {{ ansible_managed }}\n"), (TemplateMark{1, "{{"}));
}

TEST(TemplateMark, LongCommentOfMarksIsPassedByInOneStep) {
  std::string text = "# ";
  while (text.size() < (1 << 20)) text += "${";
  EXPECT_EQ(FindTemplate(text), std::nullopt);
  EXPECT_EQ(FindTemplate(text + "}\n  ; ${a}\nb = ${c}\n"), (TemplateMark{3, "${"}));
}

}  // namespace
}  // namespace sallyport
