// SPDX-License-Identifier: Apache-2.0
// Table plist, as osquery flattens a property list: `key` is that of the outermost dictionary, or
// "root" of a list; `subkey` is the rest by slashes, in which items of lists below the first level
// have numbers that count on.
#include <charconv>
#include <iterator>

#include "base/base64.h"
#include "collectors/osquery/paths.h"
#include "collectors/paths/flat_rows.h"
#include "collectors/paths/path_keys.h"
#include "collectors/paths/tables.h"
#include "collectors/plist_reader.h"

namespace sallyport {
namespace {

// NSNumber's stringValue.
std::string RealText(double value) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc() ? std::string(text, end) : "";
}

std::string ScalarText(const Plist& value) {
  switch (value.kind) {
    case Plist::Kind::kText:
      return value.text;
    case Plist::Kind::kData:
      return EncodeBase64(value.text);
    case Plist::Kind::kReal:
      return RealText(value.real);
    default:
      return std::to_string(value.number);
  }
}

class Flattener {
 public:
  Flattener(const std::string& path, RowBudget* budget) : path_(path), budget_(budget) {}

  Status Add(const Plist& file) {
    if (file.kind == Plist::Kind::kArray) return AddValue("root", "", file, 0);
    if (file.kind != Plist::Kind::kDict) {
      return Fail(Code::kMalformed, path_ + ": neither a dictionary nor a list");
    }
    for (const auto& [key, value] : file.entries) {
      if (const Status ok = AddValue(key, "", value, 0); !ok) return ok;
    }
    return {};
  }

  Rows Take() { return std::move(rows_); }

 private:
  // The reader bounds how deep a file goes. A container without entries is a row without a value.
  Status AddValue(const std::string& key, const std::string& subkey, const Plist& value,
                  size_t number) {
    const bool holds = !value.entries.empty() || !value.items.empty();
    if (!holds) return AddRow(key, subkey, value);
    const std::string begin = subkey.empty() ? "" : subkey + "/";
    for (const auto& [name, entry] : value.entries) {
      if (const Status ok = AddValue(key, begin + name, entry, number); !ok) return ok;
    }
    for (const Plist& item : value.items) {
      const std::string name = subkey.empty() ? "" : std::to_string(number++);
      if (const Status ok = AddValue(key, begin + name, item, number); !ok) return ok;
    }
    return {};
  }

  Status AddRow(const std::string& key, const std::string& subkey, const Plist& value) {
    const bool container = value.kind == Plist::Kind::kDict || value.kind == Plist::Kind::kArray;
    std::string text = container ? "" : ScalarText(value);
    for (const std::string* part : {&key, &subkey, static_cast<const std::string*>(&text)}) {
      if (!IsPlainText(*part)) {
        return Fail(Code::kMalformed, path_ + ": no text at " + key + " " + subkey);
      }
    }
    Row row{Cell(key), Cell(subkey), Cell(std::move(text)), Cell(path_)};
    if (const Status ok = budget_->Take(row, path_); !ok) return ok;
    rows_.push_back(std::move(row));
    return {};
  }

  const std::string& path_;
  RowBudget* budget_;
  Rows rows_;
};

}  // namespace

Result<Rows> PlistTable(const Host& host, const Keys& keys) {
  const auto contents = AskedContents(host, kPlist, keys, kMaxParsedBytes);
  if (!contents) return tl::unexpected(contents.error());
  Rows rows;
  RowBudget budget;
  for (const AskedContent& content : *contents) {
    const auto file = ParsePlist(content.bytes, content.path);
    if (!file) return tl::unexpected(file.error());
    Flattener flattener(content.path, &budget);
    if (const Status ok = flattener.Add(*file); !ok) return tl::unexpected(ok.error());
    Rows more = flattener.Take();
    rows.insert(rows.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
  }
  return rows;
}

}  // namespace sallyport
