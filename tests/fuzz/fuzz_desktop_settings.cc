// SPDX-License-Identifier: Apache-2.0
// Bytes as a dconf database, as GLib's schemas and as a file of KDE. What is read lies within the
// bytes; nothing may crash or hang.
#include <cstdlib>
#include <string>

#include "collectors/gvdb.h"
#include "collectors/kconfig.h"

using namespace sallyport;

namespace {

void ReadTable(const Gvdb& file, std::string_view bytes, std::string_view table) {
  const auto values = file.Read(table);
  if (!values) return;
  if (values->size() > Gvdb::kMaxItems) std::abort();
  for (const auto& [name, value] : *values) {
    if (name.size() > Gvdb::kMaxName) std::abort();
    if (value.data() < bytes.data() || value.data() + value.size() > bytes.data() + bytes.size()) {
      std::abort();
    }
    const auto number = file.Number(value, name);
    if (number && (*number < 0 || *number > UINT32_MAX)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto file = Gvdb::Open(bytes, "db")) {
    ReadTable(*file, bytes, "");
    ReadTable(*file, bytes, ".locks");
  }
  KconfigGroup group("Daemon");
  for (const char* path : {"system", "user"}) {
    if (!group.Add(bytes, path)) break;
  }
  if (group.Get("Timeout").value && group.Get("Timeout").source.empty()) std::abort();
  return 0;
}
