// SPDX-License-Identifier: Apache-2.0
#include "platform/watched_way.h"

#include <deque>
#include <string_view>

#include "base/text.h"

namespace sallyport {
namespace {

constexpr int kMaxLinks = 40;

void PushFront(std::deque<std::string>& parts, std::string_view path) {
  std::deque<std::string> more;
  for (const std::string_view part : Split(path, '/')) {
    if (!part.empty() && part != ".") more.emplace_back(part);
  }
  parts.insert(parts.begin(), more.begin(), more.end());
}

}  // namespace

Result<Way> FollowWay(const std::string& path, const WatchFolder& watch, const Look& look) {
  Way way;
  std::deque<std::string> rest;
  PushFront(rest, path);
  std::string at;  // real so far; empty: the root
  Seen here{Seen::Kind::kFolder};
  for (int links = 0; !rest.empty();) {
    const std::string name = rest.front();
    rest.pop_front();
    if (name == "..") {
      at.resize(at.empty() ? 0 : at.rfind('/'));
      here = {Seen::Kind::kFolder};
      continue;
    }
    if (here.kind != Seen::Kind::kFolder) return way;  // a file has no names
    const Status watched = watch(at.empty() ? "/" : at);
    if (!watched && watched.error().code == Code::kNotFound) return way;
    if (!watched) return tl::unexpected(watched.error());
    const std::string next = at + "/" + name;
    auto seen = look(next);
    if (!seen) return tl::unexpected(seen.error());
    way.steps.insert_or_assign(next, *seen);
    if (seen->kind == Seen::Kind::kNothing) return way;
    if (seen->kind == Seen::Kind::kLink) {
      if (++links > kMaxLinks) return Fail(Code::kMalformed, path + ": too many links");
      if (seen->target.starts_with('/')) at.clear();
      PushFront(rest, seen->target);
      continue;
    }
    at = next;
    here = *std::move(seen);
  }
  way.place = at.empty() ? "/" : at;
  way.folder = here.kind == Seen::Kind::kFolder;
  return way;
}

bool Differs(const Way& before, const Way& after) {
  return before != after && (before.exists() || after.exists());
}

}  // namespace sallyport
