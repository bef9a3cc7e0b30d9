// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include "tests/agent/local_name.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {

struct LocalName::Folder {
  TempFolder folder;
};

LocalName::LocalName() : folder_(std::make_unique<Folder>()) {
  chmod(folder_->folder.path().c_str(), 0755);  // other users come, too
  text_ = folder_->folder / "agent.sock";
}
LocalName::~LocalName() = default;

}  // namespace sallyport
