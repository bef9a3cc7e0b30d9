// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "collectors/desktop_users.h"
#include "collectors/osquery/account_files.h"

namespace sallyport {
namespace {

using Desktop = DesktopUser::Desktop;

constexpr std::string_view kSessionFolders[] = {"/usr/share/wayland-sessions",
                                                "/usr/share/xsessions"};
constexpr char kChoices[] = "/var/lib/AccountsService/users";

// useradd(8): UID_MIN of people; 65534 is nobody.
constexpr int64_t kFirstPerson = 1000;
constexpr int64_t kNobody = 65534;

// The value of "Name=value" in a desktop entry or key file; "": none.
std::string KeyOf(std::string_view text, std::string_view name) {
  for (std::string_view line : Lines(text)) {
    const size_t equals = line.find('=');
    if (equals != line.npos && Trim(line.substr(0, equals)) == name) {
      return std::string(Trim(line.substr(equals + 1)));
    }
  }
  return "";
}

// Desktop Entry Specification, DesktopNames: "ubuntu:GNOME", "KDE". Budgie and the like call
// themselves GNOME and lock by a program of their own.
Desktop DesktopOf(std::string_view entry) {
  std::string names = KeyOf(entry, "DesktopNames");
  std::ranges::replace(names, ':', ';');
  std::set<std::string_view> set;
  for (std::string_view name : Split(names, ';')) set.insert(Trim(name));
  for (std::string_view other : {"Budgie", "GNOME-Flashback", "Unity", "X-Cinnamon"}) {
    if (set.contains(other)) return Desktop::kOther;
  }
  if (set.contains("GNOME")) return Desktop::kGnome;
  return set.contains("KDE") ? Desktop::kKde : Desktop::kOther;
}

struct Session {
  std::string path;
  Desktop desktop = Desktop::kUnknown;
};
using Sessions = std::multimap<std::string, Session>;  // by name

Result<Sessions> InstalledSessions(const Host& host) {
  constexpr std::string_view kSuffix = ".desktop";
  Sessions sessions;
  for (std::string_view folder : kSessionFolders) {
    const auto entries = host.ListDir(std::string(folder));
    if (!entries && entries.error().code == Code::kNotFound) continue;
    if (!entries) return tl::unexpected(entries.error());
    for (const DirEntry& entry : *entries) {
      if (!entry.name.ends_with(kSuffix)) continue;
      const std::string path = std::string(folder) + "/" + entry.name;
      const Result<std::string> text = host.ReadFile(path);
      if (!text) return tl::unexpected(text.error());
      sessions.emplace(entry.name.substr(0, entry.name.size() - kSuffix.size()),
                       Session{path, DesktopOf(*text)});
    }
  }
  return sessions;
}

// Of the sessions that are meant, the one desktop that all of them are.
void Choose(Sessions::const_iterator begin, Sessions::const_iterator end, DesktopUser* user) {
  if (begin == end) return;
  const Session& first = begin->second;
  const bool same = std::all_of(
      begin, end, [&](const auto& session) { return session.second.desktop == first.desktop; });
  if (!same) return;
  user->desktop = first.desktop;
  user->session = first.path;
}

void ChooseSession(const Host& host, const Sessions& sessions, DesktopUser* user) {
  const Result<std::string> choice = host.ReadFile(std::string(kChoices) + "/" + user->name);
  if (!choice && choice.error().code != Code::kNotFound) return;
  std::string name = choice ? KeyOf(*choice, "Session") : "";
  if (name.empty() && choice) name = KeyOf(*choice, "XSession");
  if (name.empty()) return Choose(sessions.begin(), sessions.end(), user);
  const auto [begin, end] = sessions.equal_range(name);
  Choose(begin, end, user);
}

bool MayLogIn(const Account& account) {
  return account.uid >= kFirstPerson && account.uid != kNobody &&
         !account.shell.ends_with("/nologin") && !account.shell.ends_with("/false");
}

// People of a directory service are in no file, but the login screen remembers them.
Status AddRemembered(const Host& host, const std::set<std::string>& local,
                     std::vector<DesktopUser>* users) {
  const auto entries = host.ListDir(kChoices);
  if (!entries && entries.error().code == Code::kNotFound) return {};
  if (!entries) return tl::unexpected(entries.error());
  for (const DirEntry& entry : *entries) {
    if (local.contains(entry.name)) continue;
    const Result<std::string> text = host.ReadFile(std::string(kChoices) + "/" + entry.name);
    if (!text) return tl::unexpected(text.error());
    if (KeyOf(*text, "SystemAccount") == "true") continue;
    users->push_back({.name = entry.name});
  }
  return {};
}

}  // namespace

Result<std::vector<DesktopUser>> DesktopUsers(const Host& host) {
  const Result<Sessions> sessions = InstalledSessions(host);
  if (!sessions) return tl::unexpected(sessions.error());
  if (sessions->empty()) return Fail(Code::kUnsupported, "no desktop is installed");
  const Result<std::string> passwd = host.ReadFile("/etc/passwd");
  if (!passwd) return tl::unexpected(passwd.error());
  const Result<std::vector<Account>> accounts = ParsePasswd(*passwd);
  if (!accounts) return tl::unexpected(accounts.error());

  std::vector<DesktopUser> users;
  std::set<std::string> local;
  for (const Account& account : *accounts) {
    local.insert(account.name);
    if (!MayLogIn(account)) continue;
    const auto home = host.Stat(account.home);
    if (!home && home.error().code == Code::kNotFound) continue;
    users.push_back({.name = account.name, .uid = account.uid, .home = account.home});
  }
  if (const Status ok = AddRemembered(host, local, &users); !ok) return tl::unexpected(ok.error());
  for (DesktopUser& user : users) ChooseSession(host, *sessions, &user);
  std::ranges::sort(users, {}, &DesktopUser::name);
  return users;
}

}  // namespace sallyport
