// SPDX-License-Identifier: Apache-2.0
// GVDB, the file format of dconf's databases and of GLib's compiled schemas: gvdb-format.h of
// https://gitlab.gnome.org/GNOME/gvdb, with values as the GVariant specification serializes them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport {

// Lives as long as the bytes it was opened on.
class Gvdb {
 public:
  static constexpr size_t kMaxItems = 65'536;  // of a table
  static constexpr size_t kMaxName = 1024;     // bytes of a whole name
  static constexpr int kMaxParents = 64;       // that a name is made of

  // kMalformed: the bytes are no such file. `name` is for messages.
  static Result<Gvdb> Open(std::string_view bytes, std::string name);

  // What the names of a table stand for, as serialized variants: of the file's own table, or of one
  // in it (dconf's ".locks", a schema in the compiled ones). kNotFound: there is no such table;
  // kMalformed, kTooLarge: it leads out of the file, or beyond a bound.
  using Values = std::map<std::string, std::string_view>;
  Result<Values> Read(std::string_view table = "") const;

  // A boolean (0, 1) or a uint32, alone or as the only member of a tuple, as compiled schemas hold
  // a default. kMalformed, with `key`: anything else.
  Result<int64_t> Number(std::string_view variant, const std::string& key) const;

 private:
  struct Range {
    uint32_t begin = 0;
    uint32_t end = 0;
  };
  struct Item {
    uint32_t parent = 0;
    Range key = {};
    char type = 0;
    Range value = {};
  };
  struct Items {
    size_t begin = 0;
    size_t count = 0;
  };

  Gvdb(std::string_view bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}
  uint32_t Word(size_t at) const;  // four bytes that are there
  Result<std::string_view> Bytes(Range range) const;
  Result<Items> ItemsOf(Range table) const;
  Item ItemAt(const Items& items, size_t index) const;
  Result<std::string> NameOf(const Items& items, size_t index) const;
  Result<Range> TableNamed(std::string_view table) const;

  std::string_view bytes_;
  std::string name_;
  bool swapped_ = false;  // values are of the other byte order
  Range root_;
};

}  // namespace sallyport
