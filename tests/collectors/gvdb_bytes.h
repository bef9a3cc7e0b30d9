// SPDX-License-Identifier: Apache-2.0
// GVDB files made of literals, every name whole. A file that dconf made is in gvdb_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace sallyport {

using GvdbValues = std::map<std::string, std::string>;  // variants by name

inline std::string LittleEndian(uint32_t word) {
  std::string out;
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(word >> shift & 0xff);
  return out;
}

inline std::string BoolVariant(bool value, const char* type = "b") {
  return std::string(1, value ? '\1' : '\0') + '\0' + type;
}

inline std::string NumberVariant(uint32_t value, const char* type = "u") {
  return LittleEndian(value) + '\0' + type;
}

// Appends names, values and the table of them, and returns where that begins and ends. The values
// of `tables` are such places.
inline std::string AppendGvdbTable(const GvdbValues& values, const GvdbValues& tables,
                                   std::string* file) {
  const auto place = [&](const std::string& bytes) {
    const auto begin = static_cast<uint32_t>(file->size());
    *file += bytes;
    return LittleEndian(begin) + LittleEndian(static_cast<uint32_t>(file->size()));
  };
  std::string table = LittleEndian(0) + LittleEndian(0);  // no filter, no buckets
  const auto item = [&](const std::string& name, char type, const std::string& value) {
    const auto kind = static_cast<uint32_t>(static_cast<unsigned char>(type)) << 16;
    table += LittleEndian(0) + LittleEndian(0xffffffff) + place(name).substr(0, 4) +
             LittleEndian(static_cast<uint32_t>(name.size()) | kind) + value;
  };
  for (const auto& [name, value] : values) item(name, 'v', place(value));
  for (const auto& [name, value] : tables) item(name, 'H', value);
  return place(table);
}

inline std::string ToGvdb(const GvdbValues& values,
                          const std::map<std::string, GvdbValues>& tables = {}) {
  std::string file = "GVariant" + std::string(16, '\0');
  GvdbValues places;
  for (const auto& [name, content] : tables) places[name] = AppendGvdbTable(content, {}, &file);
  const std::string root = AppendGvdbTable(values, places, &file);
  return file.replace(16, 8, root);
}

}  // namespace sallyport
