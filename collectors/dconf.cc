// SPDX-License-Identifier: Apache-2.0
#include "collectors/dconf.h"

#include <algorithm>

#include "base/text.h"
#include "collectors/gvdb.h"

namespace sallyport {
namespace {

constexpr char kSchemas[] = "/usr/share/glib-2.0/schemas/gschemas.compiled";

// The number of `key` in a table of a file; nullopt: it has none.
Result<std::optional<int64_t>> NumberIn(const std::string& bytes, const std::string& path,
                                        const std::string& table, const std::string& key) {
  const Result<Gvdb> file = Gvdb::Open(bytes, path);
  if (!file) return tl::unexpected(file.error());
  const Result<Gvdb::Values> values = file->Read(table);
  if (!values) return tl::unexpected(values.error());
  const auto found = values->find(key);
  if (found == values->end()) return std::nullopt;
  const Result<int64_t> number = file->Number(found->second, key);
  if (!number) return tl::unexpected(number.error());
  return std::optional(*number);
}

Result<bool> Locks(const std::string& bytes, const std::string& path, const std::string& key) {
  const Result<Gvdb> file = Gvdb::Open(bytes, path);
  if (!file) return tl::unexpected(file.error());
  const Result<Gvdb::Values> locks = file->Read(".locks");
  if (!locks && locks.error().code == Code::kNotFound) return false;
  if (!locks) return tl::unexpected(locks.error());
  return locks->contains(key);
}

}  // namespace

DconfUser::DconfUser(const Host& host, int64_t uid, std::string home)
    : host_(host), uid_(uid), home_(std::move(home)), sources_(Open()) {}

// dconf(7), "PROFILE SELECTION"; dconf_engine_profile_open of its source.
Result<std::string> DconfUser::Profile() const {
  const std::string uid = std::to_string(uid_);
  for (const std::string& path :
       {"/run/dconf/user/" + uid, "/run/user/" + uid + "/dconf.profile",
        std::string("/etc/dconf/profile/user"), std::string("/usr/local/share/dconf/profile/user"),
        std::string("/usr/share/dconf/profile/user")}) {
    Result<std::string> text = host_.ReadFile(path);
    if (text || text.error().code != Code::kNotFound) return text;
  }
  return "user-db:user\n";
}

Result<DconfUser::Source> DconfUser::SourceOf(const std::string& line) const {
  const size_t colon = line.find(':');
  const std::string kind = line.substr(0, colon);
  const std::string name = colon == line.npos ? "" : line.substr(colon + 1);
  Source source;
  if (kind == "user-db") {
    source = {home_ + "/.config/dconf/" + name, true, ""};
  } else if (kind == "system-db") {
    source = {"/etc/dconf/db/" + name, false, ""};
  } else if (kind == "file-db") {
    source = {name, false, ""};
  } else {
    return Fail(Code::kUnsupported, "dconf profile: " + Excerpt(line));
  }
  Result<std::string> bytes = host_.ReadFile(source.path);
  if (!bytes && bytes.error().code != Code::kNotFound) return tl::unexpected(bytes.error());
  if (bytes) source.bytes = std::move(*bytes);
  return source;
}

Result<std::vector<DconfUser::Source>> DconfUser::Open() const {
  const Result<std::string> profile = Profile();
  if (!profile) return tl::unexpected(profile.error());
  std::vector<Source> sources;
  for (std::string_view line : Lines(*profile)) {
    line = Trim(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    if (sources.size() == 64) return Fail(Code::kTooLarge, "dconf profile: too many databases");
    Result<Source> source = SourceOf(std::string(line));
    if (!source) return tl::unexpected(source.error());
    sources.push_back(std::move(*source));
  }
  return sources;
}

Result<DconfSetting> DconfUser::Default(const std::string& schema, const std::string& key) const {
  const Result<std::string> bytes = host_.ReadFile(kSchemas);
  if (!bytes) return tl::unexpected(bytes.error());
  const Result<std::optional<int64_t>> value = NumberIn(*bytes, kSchemas, schema, key);
  if (!value) return tl::unexpected(value.error());
  if (!*value) return Fail(Code::kNotFound, std::string(kSchemas) + ": no key " + key);
  return DconfSetting{**value, false, kSchemas};
}

// A lock in any database but the first makes those before it count no more; dconf_engine_read.
Result<DconfSetting> DconfUser::Setting(const std::string& schema, const std::string& key) const {
  if (!sources_) return tl::unexpected(sources_.error());
  std::string path = "/" + schema + "/" + key;
  std::ranges::replace(path, '.', '/');
  size_t first = 0;
  for (size_t i = sources_->size(); i-- > 1 && first == 0;) {
    const Source& source = (*sources_)[i];
    if (source.bytes.empty()) continue;
    const Result<bool> locks = Locks(source.bytes, source.path, path);
    if (!locks) return tl::unexpected(locks.error());
    if (*locks) first = i;
  }
  const bool locked = first > 0 || sources_->empty() || !sources_->front().writable;
  for (size_t i = first; i < sources_->size(); ++i) {
    const Source& source = (*sources_)[i];
    if (source.bytes.empty()) continue;
    const auto value = NumberIn(source.bytes, source.path, "", path);
    if (!value) return tl::unexpected(value.error());
    if (*value) return DconfSetting{**value, locked, source.path};
  }
  Result<DconfSetting> setting = Default(schema, key);
  if (setting) setting->locked = locked;
  return setting;
}

}  // namespace sallyport
