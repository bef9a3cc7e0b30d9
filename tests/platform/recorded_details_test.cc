// SPDX-License-Identifier: Apache-2.0
// Details of files and values of registry keys, recorded and asked again.
#include <gtest/gtest.h>

#include "platform/recorded_host.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const FileDetails kWhole{.kind = FileDetails::Kind::kSocket,
                         .link_target = "../\xff",
                         .size = 1,
                         .modified_s = 2,
                         .accessed_s = 3,
                         .changed_s = 4,
                         .born_s = 5,
                         .uid = 6,
                         .gid = 7,
                         .mode = 04755,
                         .device = 9,
                         .inode = 10,
                         .hard_links = 11,
                         .block_size = 12,
                         .attributes = 0x80000001,
                         .volume_serial = 0xfffffffe};

TEST(RecordedHost, DetailsOfFilesSurviveTheJsonAndWhatWasNotToldStaysSo) {
  FakeHost laptop;
  laptop.Put("/whole", "");
  laptop.PutDetails("/whole", kWhole);
  laptop.Put("/little", "abc", {.modified_s = 8, .mode = 0644, .uid = 1, .gid = 2});
  laptop.Fail("/denied", Code::kDenied);
  const RecordingHost recording(laptop, "written from documentation: this test");
  for (const char* path : {"/whole", "/little", "/denied"}) {
    static_cast<void>(recording.Inspect(path));
  }
  const RecordedHost replayed(RecordingFromJson(ToJson(recording.recording())).value());
  EXPECT_EQ(replayed.Inspect("/whole").value(), kWhole);
  EXPECT_EQ(replayed.Inspect("/little").value(),
            (FileDetails{.size = 3, .modified_s = 8, .uid = 1, .gid = 2, .mode = 0644}));
  EXPECT_EQ(replayed.Inspect("/denied").error().code, Code::kDenied);
  EXPECT_EQ(replayed.Inspect("/else").error(),
            (Error{Code::kUnavailable, "not recorded: details /else"}));
}

TEST(RecordedHost, ValuesOfARegistryKeySurviveTheJsonWithoutSecrets) {
  FakeHost laptop(Os::kWindows);
  laptop.PutRegistryValues("HKEY_USERS\\a",
                           RegistryContent{7,
                                           {{"", "REG_SZ", "x"},
                                            {"DefaultPassword", "REG_SZ", "hunter2"},
                                            {"damaged", "REG_DWORD", std::nullopt}}});
  const RecordingHost recording(laptop, "written from documentation: this test");
  EXPECT_EQ(recording.ReadRegistryKey("HKEY_USERS\\a").value().entries[1].data, "hunter2");
  const std::string json = ToJson(recording.recording());
  EXPECT_EQ(json.find("hunter2"), std::string::npos);
  const RecordedHost replayed(RecordingFromJson(json).value());
  EXPECT_EQ(replayed.ReadRegistryKey("HKEY_USERS\\a").value(),
            (RegistryContent{7,
                             {{"", "REG_SZ", "x"},
                              {"DefaultPassword", "REG_SZ", "[redacted]"},
                              {"damaged", "REG_DWORD", std::nullopt}}}));
  EXPECT_EQ(replayed.ReadRegistryKey("HKEY_USERS\\b").error(),
            (Error{Code::kUnavailable, "not recorded: registry values of HKEY_USERS\\b"}));
}

}  // namespace
}  // namespace sallyport
