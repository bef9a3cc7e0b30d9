// SPDX-License-Identifier: Apache-2.0
#include "platform/watched_way.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

using Kind = Seen::Kind;

// Names and what lies there; the folders that were watched, and each question, in their order.
struct Tree {
  std::map<std::string, Seen> names;
  std::map<std::string, Code> unwatchable = {};
  std::vector<std::string> asked = {};

  Result<Way> Follow(const std::string& path) {
    asked.clear();
    return FollowWay(
        path,
        [this](const std::string& folder) -> Status {
          asked.push_back("watch " + folder);
          const auto fails = unwatchable.find(folder);
          if (fails != unwatchable.end()) return Fail(fails->second, folder);
          return {};
        },
        [this](const std::string& name) -> Result<Seen> {
          asked.push_back("look " + name);
          const auto at = names.find(name);
          return at == names.end() ? Seen{} : at->second;
        });
  }
};

Seen File(uint64_t id) { return {Kind::kFile, id}; }
Seen Folder(uint64_t id) { return {Kind::kFolder, id}; }
Seen Link(uint64_t id, const std::string& target) { return {Kind::kLink, id, target}; }

TEST(WatchedWay, EveryFolderIsWatchedBeforeItsNameIsLookedAt) {
  Tree tree{{{"/etc", Folder(1)}, {"/etc/hosts", File(2)}}};
  const Way way = tree.Follow("/etc//./hosts").value();
  EXPECT_EQ(way.place, "/etc/hosts");
  EXPECT_FALSE(way.folder);
  EXPECT_EQ(tree.asked,
            (std::vector<std::string>{"watch /", "look /etc", "watch /etc", "look /etc/hosts"}));
}

TEST(WatchedWay, OfWhatDoesNotExistTheNearestFolderThatDoesIsWatched) {
  Tree tree{{{"/Library", Folder(1)}}};
  const Way way = tree.Follow("/Library/Managed Preferences/a.plist").value();
  EXPECT_FALSE(way.exists());
  EXPECT_EQ(tree.asked, (std::vector<std::string>{"watch /", "look /Library", "watch /Library",
                                                  "look /Library/Managed Preferences"}));
}

TEST(WatchedWay, LinksAreFollowedFromWhereTheyLie) {
  Tree tree{{{"/etc", Link(1, "private/etc")},
             {"/private", Folder(2)},
             {"/private/etc", Folder(3)},
             {"/private/etc/localtime", Link(4, "/var/zone")},
             {"/var", Link(5, "private/../private/var")},
             {"/private/var", Folder(6)},
             {"/private/var/zone", Folder(7)}}};
  const Way way = tree.Follow("/etc/localtime").value();
  EXPECT_EQ(way.place, "/private/var/zone");
  EXPECT_TRUE(way.folder);
  EXPECT_EQ(way.steps.size(), 7u);
}

TEST(WatchedWay, ALoopOfLinksIsMalformedAndAFileHasNoNamesBelow) {
  Tree tree{{{"/a", Link(1, "b")}, {"/b", Link(2, "a")}, {"/file", File(3)}}};
  EXPECT_EQ(tree.Follow("/a").error(), (Error{Code::kMalformed, "/a: too many links"}));
  EXPECT_FALSE(tree.Follow("/file/below").value().exists());
  EXPECT_EQ(tree.asked.back(), "look /file");
  EXPECT_EQ(tree.Follow("/..").value().place, "/");
}

TEST(WatchedWay, AFolderThatGoesMeanwhileEndsTheWayAndOneThatMayNotBeWatchedFailsIt) {
  Tree tree{{{"/a", Folder(1)}, {"/a/b", File(2)}}, {{"/a", Code::kNotFound}}};
  EXPECT_FALSE(tree.Follow("/a/b").value().exists());
  tree.unwatchable = {{"/a", Code::kDenied}};
  EXPECT_EQ(tree.Follow("/a/b").error(), (Error{Code::kDenied, "/a"}));
}

TEST(WatchedWay, WhatComesGoesOrTakesThePlaceOfAnotherIsTold) {
  Tree tree{{{"/a", Folder(1)}}};
  const Way missing = tree.Follow("/a/b").value();
  tree.names["/a/b"] = File(2);
  const Way there = tree.Follow("/a/b").value();
  tree.names["/a/b"] = File(3);
  const Way replaced = tree.Follow("/a/b").value();
  tree.names["/a"] = Folder(4);
  const Way moved = tree.Follow("/a/b").value();
  EXPECT_TRUE(Differs(missing, there));
  EXPECT_TRUE(Differs(there, missing));
  EXPECT_TRUE(Differs(there, replaced));
  EXPECT_TRUE(Differs(replaced, moved));
  EXPECT_FALSE(Differs(there, there));
}

TEST(WatchedWay, WhatStaysMissingIsNotToldAndANeighbourTellsNothing) {
  Tree tree{{{"/a", Folder(1)}}};
  const Way before = tree.Follow("/a/b/c").value();
  tree.names["/a/b"] = Folder(2);
  EXPECT_FALSE(Differs(before, tree.Follow("/a/b/c").value()));
  tree.names["/a/b/c"] = File(3);
  const Way there = tree.Follow("/a/b/c").value();
  tree.names["/a/b/d"] = File(4);
  EXPECT_FALSE(Differs(there, tree.Follow("/a/b/c").value()));
}

}  // namespace
}  // namespace sallyport
