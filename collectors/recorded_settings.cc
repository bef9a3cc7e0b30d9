// SPDX-License-Identifier: Apache-2.0
#include "collectors/recorded_settings.h"

#include <algorithm>
#include <map>
#include <set>

#include "collectors/gnome_lock_settings.h"
#include "collectors/gvdb.h"

namespace sallyport {
namespace {

constexpr size_t kSignature = 8;  // bytes that say the order of a value's

std::string Word(size_t number) {
  std::string out;
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(number >> shift & 0xff);
  return out;
}

std::string Append(std::string_view bytes, std::string* file) {
  const size_t begin = file->size();
  *file += bytes;
  return Word(begin) + Word(file->size());
}

// As collectors/gvdb.cc reads a table, with every name whole, no filter and no buckets. `tables`
// are the places of those in it. Returns the place of this one.
std::string AppendTable(const Gvdb::Values& values,
                        const std::map<std::string, std::string>& tables, std::string* file) {
  std::string table = Word(0) + Word(0);
  const auto add = [&](const std::string& name, char type, const std::string& place) {
    table += Word(0) + Word(0xffffffff) + Append(name, file).substr(0, 4) +
             Word(name.size() | static_cast<size_t>(type) << 16) + place;
  };
  for (const auto& [name, value] : values) add(name, 'v', Append(value, file));
  for (const auto& [name, place] : tables) add(name, 'H', place);
  return Append(table, file);
}

// Keys of dconf are paths, those of a schema are names.
bool IsKept(const std::string& name) {
  return std::ranges::any_of(kGnomeLockSettings, [&](const auto& setting) {
    std::string path = "/" + std::string(setting.first) + "/";
    std::ranges::replace(path, '.', '/');
    return name == setting.second || name == path + std::string(setting.second);
  });
}

Result<Gvdb::Values> Kept(const Gvdb& file, std::string_view table) {
  Result<Gvdb::Values> values = file.Read(table);
  if (values) std::erase_if(*values, [](const auto& value) { return !IsKept(value.first); });
  return values;
}

}  // namespace

bool IsSettingsDatabase(std::string_view content) {
  return content.starts_with("GVariant") || content.starts_with("raVGtnai");
}

std::string ShortenSettings(std::string_view content) {
  const Result<Gvdb> file = Gvdb::Open(content, "settings");
  const Result<Gvdb::Values> root = file ? Kept(*file, "") : tl::unexpected(file.error());
  if (!root) return "";
  std::set<std::string_view> names{".locks"};
  for (const auto& [schema, key] : kGnomeLockSettings) names.insert(schema);
  std::string out = std::string(content.substr(0, kSignature)) + std::string(16, '\0');
  std::map<std::string, std::string> tables;
  for (std::string_view name : names) {
    const Result<Gvdb::Values> values = Kept(*file, name);
    if (!values && values.error().code == Code::kNotFound) continue;
    if (!values) return "";
    tables[std::string(name)] = AppendTable(*values, {}, &out);
  }
  const std::string place = AppendTable(*root, tables, &out);
  return out.replace(16, place.size(), place);
}

}  // namespace sallyport
