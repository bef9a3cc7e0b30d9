// SPDX-License-Identifier: Apache-2.0
#include "collectors/paths/json_flatten.h"

#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"

namespace sallyport {
namespace {

// The parser keeps its own stack; here each level of nesting is a Level.
class Flattener : public nlohmann::json_sax<nlohmann::json> {
 public:
  Flattener(const std::string& path, std::vector<std::string> prefix, FlatRows* rows)
      : path_(path), keys_(std::move(prefix)), rows_(rows) {}

  const Status& status() const { return status_; }

  bool null() override {
    NextItem();
    return true;
  }
  bool boolean(bool value) override { return Value(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return Value(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return Value(std::to_string(value)); }
  bool number_float(number_float_t value, const string_t&) override {
    char text[512];  // the largest double has 309 digits, the smallest some 340
    const auto [end, error] =
        std::to_chars(text, text + sizeof text, value, std::chars_format::fixed);
    return error == std::errc() ? Value(std::string(text, end)) : Broken("a number");
  }
  bool string(string_t& value) override { return Value(value); }
  bool binary(binary_t&) override { return Broken("binary"); }

  bool start_object(std::size_t) override { return Open(false); }
  bool start_array(std::size_t) override { return Open(true); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool key(string_t& name) override {
    Level& level = levels_.back();
    FinishMember(&level);
    keys_.back() = name;
    level.member = name;
    level.begin = rows_->size();
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    status_ = Fail(Code::kMalformed, path_ + ": no JSON at byte " + std::to_string(position));
    return false;
  }

 private:
  struct Level {
    bool list = false;
    size_t next = 0;  // of a list
    // Of an object: which rows each member has.
    std::map<std::string, std::pair<size_t, size_t>> members = {};
    std::string member = {};
    size_t begin = 0;
    bool any = false;
  };

  bool Stop(Status status) {
    status_ = std::move(status);
    return false;
  }
  bool Broken(const char* what) {
    return Stop(Fail(Code::kMalformed, path_ + ": " + what + " at " + Excerpt(Join(keys_, "/"))));
  }

  void NextItem() {
    if (levels_.empty() || !levels_.back().list) return;
    keys_.back() = std::to_string(levels_.back().next++);
  }

  bool Value(std::string text) {
    NextItem();
    Status added = rows_->Add(keys_, std::move(text));
    return added ? true : Stop(std::move(added));
  }

  bool Open(bool list) {
    NextItem();
    if (levels_.size() == kMaxFlatDepth) {
      return Stop(Fail(Code::kTooLarge,
                       path_ + ": over " + std::to_string(kMaxFlatDepth) + " levels deep"));
    }
    levels_.push_back({.list = list});
    keys_.emplace_back();
    return true;
  }

  bool Close() {
    FinishMember(&levels_.back());
    levels_.pop_back();
    keys_.pop_back();
    return true;
  }

  // The rows of a member end where the next one begins.
  void FinishMember(Level* level) {
    if (level->list || !std::exchange(level->any, true)) return;
    const std::pair<size_t, size_t> rows{level->begin, rows_->size()};
    const auto [old, fresh] = level->members.try_emplace(level->member, rows);
    if (fresh) return;
    rows_->Drop(old->second.first, old->second.second);
    old->second = rows;
  }

  const std::string& path_;
  std::vector<std::string> keys_;
  FlatRows* rows_;
  std::vector<Level> levels_;
  Status status_;
};

Status Flatten(std::string_view text, const std::string& path, std::vector<std::string> prefix,
               FlatRows* rows) {
  // The parser would take it for the end of the text.
  const size_t nul = text.find('\0');
  if (nul != std::string_view::npos) {
    return Fail(Code::kMalformed, path + ": no JSON at byte " + std::to_string(nul));
  }
  Flattener flattener(path, std::move(prefix), rows);
  try {
    if (nlohmann::json::sax_parse(text.begin(), text.end(), &flattener)) return {};
  } catch (const std::exception& e) {  // nlohmann's border
    return Fail(Code::kMalformed, path + ": " + e.what());
  }
  if (!flattener.status()) return flattener.status();
  return Fail(Code::kMalformed, path + ": no JSON");
}

}  // namespace

Status FlattenJson(std::string_view text, const std::string& path, FlatRows* rows) {
  return Flatten(text, path, {}, rows);
}

Status FlattenJsonLines(std::string_view text, const std::string& path, FlatRows* rows) {
  size_t number = 0;
  for (const std::string_view line : Lines(text)) {
    if (Trim(line).empty()) continue;
    const std::string key = std::to_string(number++);
    if (const Status ok = Flatten(line, path, {key}, rows); !ok) {
      return Wrap(ok.error(), "value " + key);
    }
  }
  return {};
}

}  // namespace sallyport
