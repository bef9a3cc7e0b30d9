// SPDX-License-Identifier: Apache-2.0
// The declarations of osquery's tables: what a policy compiles against must be what a collector
// brings, and what osquery has.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "collectors/osquery/brief_table.h"
#include "collectors/osquery/declared.h"
#include "collectors/tables.h"

namespace sallyport {
namespace {

const Schema* Declared(std::string_view name) {
  const auto tables = DeclaredTables();
  const auto found = std::ranges::find(tables, name, &Schema::name);
  return found == tables.end() ? nullptr : &*found;
}

// "version TEXT version_dpkg", "path TEXT required", "antispyware TEXT hidden".
std::string Describe(const Column& column) {
  std::string out = std::string(column.name) + " " + TypeName(column.type);
  if (!column.collation.empty()) out += " " + std::string(column.collation);
  if (column.role == Role::kRequired) out += " required";
  if (column.role == Role::kIndex) out += " index";
  if (column.role == Role::kAdditional) out += " additional";
  return column.hidden ? out + " hidden" : out;
}

std::string Describe(const Schema& schema) {
  std::string out;
  for (const Column& column : schema.columns) out += Describe(column) + "\n";
  return out;
}

TEST(OsqueryDeclarations, ACollectorHasTheColumnsThatAreDeclaredForItsTable) {
  for (const Os os : {Os::kLinux, Os::kMacos, Os::kWindows}) {
    for (const Collector& collector : Collectors(os)) {
      const Schema* declared = Declared(collector.schema.name);
      if (declared == nullptr) continue;  // a table of ours
      EXPECT_EQ(Describe(collector.schema), Describe(*declared))
          << collector.schema.name << " on " << OsName(os);
      EXPECT_EQ(collector.schema.alias, declared->alias) << collector.schema.name;
    }
  }
}

// The kinds of things that osquery's specifications say of a column, one table each.
TEST(OsqueryDeclarations, TypesCollationsRolesAndHiddenColumnsAreOsquerys) {
  EXPECT_EQ(Describe(*Declared("deb_packages")),
            "name TEXT\nversion TEXT version_dpkg\nsource TEXT\nsize BIGINT\narch TEXT\n"
            "revision TEXT\nstatus TEXT\nmaintainer TEXT\nsection TEXT\npriority TEXT\n"
            "admindir TEXT additional\n");
  EXPECT_EQ(Describe(*Declared("plist")),
            "key TEXT\nsubkey TEXT\nvalue TEXT\npath TEXT required\n");
  EXPECT_EQ(Describe(*Declared("hash")),
            "path TEXT required\ndirectory TEXT required\nmd5 TEXT nocase\nsha1 TEXT nocase\n"
            "sha256 TEXT nocase\n");
  EXPECT_EQ(Describe(*Declared("windows_security_center")),
            "firewall TEXT\nautoupdate TEXT\nantivirus TEXT\nantispyware TEXT hidden\n"
            "internet_settings TEXT\nwindows_security_center_service TEXT\n"
            "user_account_control TEXT\n");
  EXPECT_EQ(Describe(*Declared("rpm_packages")->columns.begin()), "name TEXT index");
  EXPECT_EQ(Describe(Declared("rpm_packages")->columns[1]), "version TEXT version_rhel index");
  EXPECT_EQ(Describe(*Declared("disk_encryption")),
            "name TEXT index\nuuid TEXT nocase\nencrypted INTEGER\ntype TEXT\n"
            "encryption_status TEXT\nuid TEXT\nuser_uuid TEXT nocase\nfilevault_status TEXT\n");
}

// What is declared in brief is there with every word of it.
TEST(OsqueryDeclarations, EveryBriefTableExpands) {
  size_t count = 0;
  for (const auto section : {BriefSystemTables, BriefSoftwareTables, BriefEventTables,
                             BriefContainerTables, BriefExtensionTables}) {
    for (const BriefTable& table : section()) {
      const auto schema = Expand(table);
      ASSERT_TRUE(schema) << schema.error().message;
      ASSERT_NE(Declared(table.name), nullptr) << table.name;
      EXPECT_EQ(Describe(*Declared(table.name)), Describe(*schema)) << table.name;
      std::set<std::string_view> names;
      for (const Column& column : schema->columns) {
        EXPECT_TRUE(names.insert(column.name).second) << table.name << "." << column.name;
      }
      EXPECT_FALSE(schema->about.empty()) << table.name;
      ++count;
    }
  }
  EXPECT_GE(count, 220U);
}

TEST(OsqueryDeclarations, ABriefWordSaysTypeRoleHidingAndCollation) {
  const auto schema =
      Expand({"t", "a table", "uid:B+ path! name* n:I~ d:D version*@version x:I+~ plain"});
  EXPECT_EQ(Describe(*schema),
            "uid BIGINT additional\npath TEXT required\nname TEXT index\nn INTEGER hidden\n"
            "d DOUBLE\nversion TEXT version index\nx INTEGER additional hidden\nplain TEXT\n");
  EXPECT_EQ(Expand({"t", "", "a b:X"}).error().message, "table t: column b:X: no such type");
  EXPECT_EQ(Expand({"t", "", "a:"}).error().message, "table t: column a:: no such type");
  EXPECT_EQ(Expand({"t", "", "a@odd"}).error().message, "table t: column a@odd: no such collation");
  EXPECT_EQ(Expand({"t", "", ":I"}).error().message, "table t: column :I: no name");
  EXPECT_EQ(Expand({"t", "", " "}).error().message, "t: no column");
}

TEST(OsqueryDeclarations, SecondNamesAreNobodysFirst) {
  std::set<std::string_view> names;
  for (const Schema& schema : AllSchemas()) {
    EXPECT_TRUE(names.insert(schema.name).second) << schema.name;
    if (!schema.alias.empty()) {
      EXPECT_TRUE(names.insert(schema.alias).second) << schema.alias;
    }
  }
  for (const char* second :
       {"programs_and_features", "packages", "configurations", "hvci_status"}) {
    EXPECT_TRUE(names.contains(second)) << second;
  }
  EXPECT_GE(DeclaredTables().size(), 310U);
}

}  // namespace
}  // namespace sallyport
