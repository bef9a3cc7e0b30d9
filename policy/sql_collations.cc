// SPDX-License-Identifier: Apache-2.0
#include "policy/sql_collations.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "base/package_version.h"
#include "base/text.h"
#include "policy/sql_functions.h"
#include "policy/sql_values.h"

namespace sallyport {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The next run of digits (leading zeros dropped) or of letters; empty at the end.
struct Part {
  std::string_view text;
  bool number = false;
  bool end = false;
};

Part TakePart(std::string_view& rest) {
  while (!rest.empty() && !IsDigit(rest[0]) && !IsLetter(rest[0])) rest.remove_prefix(1);
  if (rest.empty()) return Part{{}, false, true};
  const bool number = IsDigit(rest[0]);
  size_t size = 0;
  while (size < rest.size() && (number ? IsDigit(rest[size]) : IsLetter(rest[size]))) ++size;
  Part part{rest.substr(0, size), number, false};
  rest.remove_prefix(size);
  while (number && part.text.starts_with('0')) part.text.remove_prefix(1);
  return part;
}

int Sign(int64_t v) { return v < 0 ? -1 : v > 0 ? 1 : 0; }

int CompareParts(const Part& a, const Part& b) {
  // A missing part is a number zero; letters come after zero and before every other number.
  const bool a_number = a.number || a.end;
  const bool b_number = b.number || b.end;
  if (a_number != b_number) {
    const bool zero = a_number ? a.text.empty() : b.text.empty();
    return a_number == zero ? -1 : 1;
  }
  if (a_number && a.text.size() != b.text.size()) return a.text.size() < b.text.size() ? -1 : 1;
  return Sign(a.text.compare(b.text));
}

using Compare = int (*)(std::string_view, std::string_view);

template <Compare compare>
int Collation(void*, int a_size, const void* a, int b_size, const void* b) {
  return compare({static_cast<const char*>(a), static_cast<size_t>(a_size)},
                 {static_cast<const char*>(b), static_cast<size_t>(b_size)});
}

using CollationFn = int (*)(void*, int, const void*, int, const void*);
constexpr std::pair<const char*, CollationFn> kCollations[] = {
    {"version", Collation<CompareVersions>},
    {"version_dpkg", Collation<CompareDpkgVersions>},
    {"version_rhel", Collation<CompareRpmVersions>},
    {"version_arch", Collation<CompareArchVersions>},
};
constexpr std::string_view kBuiltIn[] = {"", "binary", "nocase", "rtrim"};

struct Flavour {
  std::string_view name;
  Compare compare;
};
constexpr Flavour kFlavours[] = {{"", CompareVersions},
                                 {"arch", CompareArchVersions},
                                 {"dpkg", CompareDpkgVersions},
                                 {"rhel", CompareRpmVersions}};

// version_compare(a, b [, flavour]): -1, 0 or 1.
void VersionCompare(sqlite3_context* context, int argc, sqlite3_value** argv) {
  if (argc != 2 && argc != 3) {
    return ReturnError(context, "version_compare(): 2 or 3 arguments are wanted");
  }
  if (AnySqlNull(argc, argv)) return;
  const std::string name = argc == 3 ? Lower(SqlText(argv[2])) : "";
  const auto* flavour = std::ranges::find(kFlavours, name, &Flavour::name);
  if (flavour == std::end(kFlavours)) {
    return ReturnError(context, "version_compare(): flavour " + Excerpt(name, 20) +
                                    " is none of ARCH, DPKG, RHEL");
  }
  const int order = flavour->compare(SqlText(argv[0]), SqlText(argv[1]));
  sqlite3_result_int(context, (order > 0) - (order < 0));
}

}  // namespace

int CompareVersions(std::string_view a, std::string_view b) {
  for (;;) {
    const Part left = TakePart(a);
    const Part right = TakePart(b);
    if (left.end && right.end) return 0;
    if (const int order = CompareParts(left, right); order != 0) return order;
  }
}

bool IsCollation(std::string_view name) {
  const auto same = [name](const auto& known) { return name == known.first; };
  return std::ranges::find(kBuiltIn, name) != std::end(kBuiltIn) ||
         std::ranges::any_of(kCollations, same);
}

Status RegisterVersionFunctions(sqlite3* db) {
  return AddSqlFunction(db, "version_compare", -1, VersionCompare);
}

Status RegisterCollations(sqlite3* db) {
  for (const auto& [name, compare] : kCollations) {
    const int rc = sqlite3_create_collation_v2(db, name, SQLITE_UTF8, nullptr, compare, nullptr);
    if (rc != SQLITE_OK) return Fail(Code::kInternal, "collation " + std::string(name));
  }
  return {};
}

}  // namespace sallyport
