// SPDX-License-Identifier: Apache-2.0
#include "collectors/gvdb.h"

#include <algorithm>

namespace sallyport {
namespace {

constexpr size_t kHeaderSize = 24;
constexpr size_t kItemSize = 24;
constexpr uint32_t kNoParent = 0xffffffff;
constexpr uint32_t kBloomWords = (1 << 27) - 1;  // the other bits of that word are its shift

uint32_t LittleEndian(std::string_view four) {
  uint32_t word = 0;
  for (size_t i = 4; i-- > 0;) word = word << 8 | static_cast<unsigned char>(four[i]);
  return word;
}

}  // namespace

Result<Gvdb> Gvdb::Open(std::string_view bytes, std::string name) {
  Gvdb file(bytes, std::move(name));
  const bool straight = bytes.starts_with("GVariant");
  if (bytes.size() < kHeaderSize || (!straight && !bytes.starts_with("raVGtnai")) ||
      file.Word(8) != 0) {
    return Fail(Code::kMalformed, file.name_ + ": not a GVDB file of version 0");
  }
  file.swapped_ = !straight;
  file.root_ = {file.Word(16), file.Word(20)};
  return file;
}

uint32_t Gvdb::Word(size_t at) const { return LittleEndian(bytes_.substr(at, 4)); }

Result<std::string_view> Gvdb::Bytes(Range range) const {
  if (range.begin > range.end || range.end > bytes_.size()) {
    return Fail(Code::kMalformed, name_ + ": leads out of the file");
  }
  return bytes_.substr(range.begin, range.end - range.begin);
}

// A table: two counts, a filter, buckets, and items to its end.
Result<Gvdb::Items> Gvdb::ItemsOf(Range table) const {
  const Result<std::string_view> bytes = Bytes(table);
  if (!bytes) return tl::unexpected(bytes.error());
  if (bytes->empty()) return Items{};
  if (bytes->size() < 8) return Fail(Code::kMalformed, name_ + ": a table without its counts");
  const uint64_t words = uint64_t{Word(table.begin) & kBloomWords} + Word(table.begin + 4);
  const uint64_t before = 8 + words * 4;
  if (before > bytes->size() || (bytes->size() - before) % kItemSize != 0) {
    return Fail(Code::kMalformed, name_ + ": a table that is not whole");
  }
  const size_t count = (bytes->size() - static_cast<size_t>(before)) / kItemSize;
  if (count > kMaxItems) return Fail(Code::kTooLarge, name_ + ": too many items in a table");
  return Items{table.begin + static_cast<size_t>(before), count};
}

Gvdb::Item Gvdb::ItemAt(const Items& items, size_t index) const {
  const size_t at = items.begin + index * kItemSize;
  const uint32_t key = Word(at + 8);
  const uint32_t key_size = Word(at + 12) & 0xffff;
  // An end that does not fit is before its begin, and so refused.
  return {.parent = Word(at + 4),
          .key = {key, key + key_size},
          .type = bytes_[at + 14],
          .value = {Word(at + 16), Word(at + 20)}};
}

// Names share their beginnings: an item has the last part of its name, its parent what is before.
Result<std::string> Gvdb::NameOf(const Items& items, size_t index) const {
  std::string name;
  for (int depth = 0; depth < kMaxParents; ++depth) {
    const Item item = ItemAt(items, index);
    const Result<std::string_view> part = Bytes(item.key);
    if (!part) return tl::unexpected(part.error());
    if (name.size() + part->size() > kMaxName) {
      return Fail(Code::kMalformed, name_ + ": a name without end");
    }
    name.insert(0, *part);
    if (item.parent == kNoParent) return name;
    if (item.parent >= items.count) return Fail(Code::kMalformed, name_ + ": a parent too far");
    index = item.parent;
  }
  return Fail(Code::kMalformed, name_ + ": a name without end");
}

Result<Gvdb::Range> Gvdb::TableNamed(std::string_view table) const {
  if (table.empty()) return root_;
  const Result<Items> items = ItemsOf(root_);
  if (!items) return tl::unexpected(items.error());
  for (size_t i = 0; i < items->count; ++i) {
    const Item item = ItemAt(*items, i);
    if (item.type != 'H') continue;
    const Result<std::string> name = NameOf(*items, i);
    if (!name) return tl::unexpected(name.error());
    if (*name == table) return item.value;
  }
  return Fail(Code::kNotFound, name_ + ": no table " + std::string(table));
}

Result<Gvdb::Values> Gvdb::Read(std::string_view table) const {
  const Result<Range> range = TableNamed(table);
  if (!range) return tl::unexpected(range.error());
  const Result<Items> items = ItemsOf(*range);
  if (!items) return tl::unexpected(items.error());
  Values values;
  for (size_t i = 0; i < items->count; ++i) {
    const Item item = ItemAt(*items, i);
    if (item.type != 'v') continue;
    Result<std::string> name = NameOf(*items, i);
    if (!name) return tl::unexpected(name.error());
    const Result<std::string_view> value = Bytes(item.value);
    if (!value) return tl::unexpected(value.error());
    values.emplace(std::move(*name), *value);
  }
  return values;
}

// A variant is its value, a zero byte, and the name of its type.
Result<int64_t> Gvdb::Number(std::string_view variant, const std::string& key) const {
  const size_t zero = variant.rfind('\0');
  if (zero != variant.npos) {
    const std::string_view value = variant.substr(0, zero);
    const std::string_view type = variant.substr(zero + 1);
    if ((type == "b" || type == "(b)") && value.size() == 1 && value[0] >= 0 && value[0] <= 1) {
      return value[0];
    }
    if ((type == "u" || type == "(u)") && value.size() == 4) {
      std::string bytes(value);
      if (swapped_) std::ranges::reverse(bytes);
      return LittleEndian(bytes);
    }
  }
  return Fail(Code::kMalformed, name_ + ": " + key + ": neither a boolean nor a number");
}

}  // namespace sallyport
