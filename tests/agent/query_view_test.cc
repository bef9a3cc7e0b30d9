// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/query_view.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

const QueryAnswer kAnswer{.columns = {"name", "n", "name"},
                          .rows = {{Cell("a,b"), Cell(1), Cell(std::nullopt)},
                                   {Cell("\x1b[2Jß\"\n"), Cell(2.5), Cell("c")}},
                          .doubts = {"file: denied"}};

TEST(QueryView, ATableIsAlignedAndMovesNoCursor) {
  EXPECT_EQ(RowsText(kAnswer, RowFormat::kTable, Millis(0)),
            "name           n    name\n"
            "-------------  ---  ----\n"
            "a,b            1    \n"
            "\\x1B[2Jß\"\\x0A  2.5  c\n");
}

TEST(QueryView, ALongCellIsShortenedInTheTableOnly) {
  const QueryAnswer answer{.columns = {"x"}, .rows = {{Cell(std::string(100, 'y'))}}, .doubts = {}};
  EXPECT_EQ(RowsText(answer, RowFormat::kTable, Millis(0)),
            "x\n" + std::string(60, '-') + "\n" + std::string(57, 'y') + "...\n");
  EXPECT_EQ(RowsText(answer, RowFormat::kCsv, Millis(0)), "x\n" + std::string(100, 'y') + "\n");
}

TEST(QueryView, LinesAreAlignedAtTheEqualsSign) {
  EXPECT_EQ(RowsText(kAnswer, RowFormat::kLine, Millis(0)),
            "name = a,b\n"
            "   n = 1\n"
            "name = \n"
            "\n"
            "name = \\x1B[2Jß\"\\x0A\n"
            "   n = 2.5\n"
            "name = c\n");
}

TEST(QueryView, CsvQuotesWhatItMust) {
  EXPECT_EQ(RowsText(kAnswer, RowFormat::kCsv, Millis(0)),
            "name,n,name\n"
            "\"a,b\",1,\n"
            "\"\x1b[2Jß\"\"\n\",2.5,c\n");
}

TEST(QueryView, NamesOfColumnsMoveNoCursorAndAreAsWideAsTheyLook) {
  const QueryAnswer answer{.columns = {"\x1b[2J",
                                       "gr\xc3\xb6\xc3\x9f"
                                       "er"},
                           .rows = {{Cell("a\rb"), Cell(2.5)}},
                           .doubts = {}};
  EXPECT_EQ(RowsText(answer, RowFormat::kTable, Millis(0)),
            "\\x1B[2J  gr\xc3\xb6\xc3\x9f"
            "er\n"
            "-------  ------\n"
            "a\\x0Db   2.5\n");
  EXPECT_EQ(RowsText(answer, RowFormat::kLine, Millis(0)),
            "\\x1B[2J = a\\x0Db\n"
            "gr\xc3\xb6\xc3\x9f"
            "er = 2.5\n");
  EXPECT_EQ(RowsText(answer, RowFormat::kCsv, Millis(0)),
            "\x1b[2J,gr\xc3\xb6\xc3\x9f"
            "er\n\"a\rb\",2.5\n");
  EXPECT_NE(RowsText(answer, RowFormat::kJson, Millis(0)).find("er\": 2.5\n"), std::string::npos);
}

TEST(QueryView, JsonKeepsTwoColumnsOfOneNameApart) {
  EXPECT_EQ(RowsText({.columns = {"a", "a"}, .rows = {{Cell(1), Cell(std::nullopt)}}, .doubts = {}},
                     RowFormat::kJson, Millis(0)),
            "{\n"
            "  \"schema\": \"sallyport.query/v1\",\n"
            "  \"generated_at\": \"1970-01-01T00:00:00Z\",\n"
            "  \"columns\": [\n"
            "    \"a\",\n"
            "    \"a:2\"\n"
            "  ],\n"
            "  \"rows\": [\n"
            "    {\n"
            "      \"a\": 1,\n"
            "      \"a:2\": null\n"
            "    }\n"
            "  ],\n"
            "  \"doubts\": []\n"
            "}\n");
}

}  // namespace
}  // namespace sallyport
