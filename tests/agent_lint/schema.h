// SPDX-License-Identifier: Apache-2.0
// Documents held against agent/cli/schema.
#pragma once

#include <array>
#include <cstdio>
#include <string>

#include "tests/platform/temp_folder.h"

namespace sallyport {

// What python3-jsonschema says of the document; empty when it fits.
inline std::string Validate(const std::string& schema, const std::string& document) {
  TempFolder folder;
  folder.Write("document.json", document);
  const std::string command =
      "python3 -c 'import json, sys, jsonschema;"
      " jsonschema.Draft202012Validator.check_schema(json.load(open(sys.argv[2])));"
      " jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])),"
      " cls=jsonschema.Draft202012Validator)' " +
      folder / "document.json" + " " SALLYPORT_SOURCE_DIR "/agent/cli/schema/sallyport." + schema +
      ".v1.json 2>&1";
  FILE* process = popen(command.c_str(), "r");
  std::string output;
  std::array<char, 4096> buffer{};
  while (fgets(buffer.data(), buffer.size(), process) != nullptr) output += buffer.data();
  return pclose(process) == 0 ? output : "failed: " + output;
}

}  // namespace sallyport
