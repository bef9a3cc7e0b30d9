// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "collectors/plist_reader.h"
#include "collectors/screen_lock.h"

namespace sallyport {
namespace {

constexpr char kManaged[] = "/Library/Managed Preferences";
constexpr char kProfile[] = "/com.apple.screensaver.plist";

Value NumberAt(const Plist& profile, std::string_view key) {
  const Plist* const found = profile.Find(key);
  const bool number = found != nullptr && (found->kind == Plist::Kind::kInteger ||
                                           found->kind == Plist::Kind::kBoolean);
  return number ? Cell(found->number) : Cell(Unknown{});
}

// askForPassword, askForPasswordDelay and idleTime of the payload com.apple.screensaver. Where it
// names no idle time, or none, the display may sleep by itself, and that asks for the password too.
Row RowOf(const Value& user, const Plist& profile) {
  const Value ask = NumberAt(profile, "askForPassword");
  const Value idle = NumberAt(profile, "idleTime");
  if (ask == Cell(0)) {
    return {
        user, Cell(0), idle, Cell(std::nullopt), Cell(1), Cell("profile com.apple.screensaver")};
  }
  const auto* seconds = std::get_if<int64_t>(&idle);
  const bool sleeps = seconds != nullptr && *seconds > 0;
  const bool locks = ask == Cell(1) && sleeps;
  return {user,
          locks ? Cell(1) : Cell(Unknown{}),
          sleeps ? idle : Cell(Unknown{}),
          NumberAt(profile, "askForPasswordDelay"),
          locks ? Cell(1) : Cell(Unknown{}),
          Cell("profile com.apple.screensaver")};
}

Status Append(const Host& host, const std::string& folder, const Value& user, Rows& rows) {
  const auto profile = ReadPlist(host, folder + kProfile);
  if (profile) {
    rows.push_back(RowOf(user, *profile));
  } else if (profile.error().code != Code::kNotFound) {
    return tl::unexpected(profile.error());
  }
  return {};
}

}  // namespace

// sysadminctl(8) -screenLock tells of the account that asks, and a daemon's is nobody's at a
// screen.
Result<Rows> ScreenLockMacos(const Host& host, const Keys&) {
  Rows rows;
  const auto entries = host.ListDir(kManaged);
  if (!entries && entries.error().code != Code::kNotFound) return tl::unexpected(entries.error());
  if (const Status read = Append(host, kManaged, Cell(std::nullopt), rows); !read) {
    return tl::unexpected(read.error());
  }
  const bool for_everybody = !rows.empty();
  for (const DirEntry& entry : entries ? *entries : std::vector<DirEntry>{}) {
    if (entry.type != FileType::kDirectory) continue;
    const std::string folder = std::string(kManaged) + "/" + entry.name;
    if (const Status read = Append(host, folder, Cell(entry.name), rows); !read) {
      return tl::unexpected(read.error());
    }
  }
  if (!for_everybody) {  // the rest of the people
    rows.push_back(
        {Cell(std::nullopt), Unknown{}, Unknown{}, Unknown{}, Unknown{}, Cell(std::nullopt)});
  }
  return rows;
}

}  // namespace sallyport
