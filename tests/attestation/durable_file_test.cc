// SPDX-License-Identifier: Apache-2.0
#include "attestation/durable_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/attestation/temporary_folder.h"

namespace sallyport {
namespace {

TEST(DurableFile, WhatIsWrittenIsReadAndReplacedAsAWhole) {
  const TemporaryFolder folder;
  const std::string path = folder.File("sp\xc3\xa4t");
  ASSERT_TRUE(ReplaceSmallFile(path, std::string("a\r\n\0z", 5), FileAccess::kOwner));
  EXPECT_EQ(ReadSmallFile(path).value(), std::string("a\r\n\0z", 5));
  ASSERT_TRUE(ReplaceSmallFile(path, "", FileAccess::kEveryoneReads));
  EXPECT_EQ(ReadSmallFile(path).value(), "");
  EXPECT_EQ(folder.Names(), std::vector<std::string>{"sp\xc3\xa4t"});
}

TEST(DurableFile, CreatingWhatIsThereIsAConflictAndChangesNothing) {
  const TemporaryFolder folder;
  ASSERT_TRUE(CreateSmallFile(folder.File("a"), "first", FileAccess::kOwner));
  EXPECT_EQ(CreateSmallFile(folder.File("a"), "second", FileAccess::kOwner).error().code,
            Code::kConflict);
  EXPECT_EQ(ReadSmallFile(folder.File("a")).value(), "first");
  EXPECT_EQ(folder.Names(), std::vector<std::string>{"a"});
}

TEST(DurableFile, AFileIsReadUpToItsBoundAndNotCut) {
  const TemporaryFolder folder;
  folder.Put("five", "12345");
  EXPECT_EQ(ReadSmallFile(folder.File("five"), 5).value(), "12345");
  EXPECT_EQ(ReadSmallFile(folder.File("five"), 4).error(),
            (Error{Code::kTooLarge, folder.File("five") + ": over 4 bytes"}));
}

TEST(DurableFile, AMissingFolderOrFileIsNotFound) {
  const TemporaryFolder folder;
  const std::string inside = folder.File("missing/file");
  EXPECT_EQ(ReplaceSmallFile(inside, "x", FileAccess::kOwner).error().code, Code::kNotFound);
  EXPECT_EQ(CreateSmallFile(inside, "x", FileAccess::kOwner).error().code, Code::kNotFound);
  EXPECT_EQ(ReadSmallFile(inside).error().code, Code::kNotFound);
  EXPECT_EQ(CheckOwnerOnly(inside).error().code, Code::kNotFound);
}

TEST(DurableFile, OnlyAFileOfItsOwnerIsItsOwnersOnly) {
  const TemporaryFolder folder;
  ASSERT_TRUE(CreateSmallFile(folder.File("mine"), "x", FileAccess::kOwner));
  ASSERT_TRUE(CreateSmallFile(folder.File("ours"), "x", FileAccess::kEveryoneReads));
  EXPECT_TRUE(CheckOwnerOnly(folder.File("mine")));
  EXPECT_EQ(CheckOwnerOnly(folder.File("ours")).error().code, Code::kDenied);
}

TEST(DurableFile, AnOwnersFolderIsMadeWithItsParentsAndKeepsItsContent) {
  const TemporaryFolder folder;
  ASSERT_TRUE(MakeOwnerFolder(folder.File("a/b/c/")));
  folder.Put("a/b/c/kept", "x");
  ASSERT_TRUE(MakeOwnerFolder(folder.File("a/b/c")));
  EXPECT_EQ(folder.Read("a/b/c/kept"), "x");
  EXPECT_TRUE(CheckOwnerOnly(folder.File("a/b")));
  EXPECT_EQ(MakeOwnerFolder(folder.File("a/b/c/kept")).error().code, Code::kConflict);
}

}  // namespace
}  // namespace sallyport
