// SPDX-License-Identifier: Apache-2.0
#include "gateway/status.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace sallyport::gateway {
namespace {

const Ipv4 kA{0x0a630001};  // 10.99.0.1
const Ipv4 kB{0x0a630002};

IkeSa Sa(uint64_t id, const std::string& identity, Ipv4 address) {
  return {id, true, "ikev2", identity, "192.0.2." + std::to_string(id), {address}, {}};
}

const std::vector<Element> kTwo = {
    {{"ipsec0", kA}, Tier::kFull, Millis{59'960}, "dev-1"},
    {{"ipsec0", kB}, Tier::kQuarantine, Millis{900}, ""},
};

TEST(GateStatusText, NamesTheTierTheTimeLeftTheDeviceAndEachTunnelOfTheAddress) {
  const std::vector<IkeSa> sas = {Sa(3, "dev-1.lab", kA), Sa(7, "dev-1.lab", kA)};
  EXPECT_EQ(
      StatusText(kTwo, sas),
      "INTERFACE        ADDRESS         TIER           ENDS IN  DEVICE                   TUNNEL\n"
      "ipsec0           10.99.0.1       full            60.0 s  dev-1                    "
      "ike-3 from 192.0.2.3, ike-7 from 192.0.2.7\n"
      "ipsec0           10.99.0.2       quarantine       0.9 s  ?                        none\n");
}

TEST(GateStatusText, ACharonThatWasNotAskedIsNotACharonWithoutTunnels) {
  const std::string said = StatusText(kTwo, std::nullopt);
  EXPECT_NE(said.find("dev-1                    not asked\n"), std::string::npos) << said;
  EXPECT_EQ(said.find("none"), std::string::npos) << said;
}

TEST(GateStatusText, ATunnelWithoutALeaseHasALineOfItsOwn) {
  const std::string said = StatusText({}, std::vector<IkeSa>{Sa(4, "printer.lab", kB)});
  EXPECT_NE(said.find("no lease: ike-4 printer.lab from 192.0.2.4\n"), std::string::npos) << said;
}

TEST(GateStatusJson, SaysTheSameAsTheKernelAndCharon) {
  const std::vector<IkeSa> sas = {Sa(3, "dev-1.lab", kA), Sa(4, "printer.lab", Ipv4{0x0a630009})};
  EXPECT_EQ(nlohmann::json::parse(StatusJson(kTwo, sas)), nlohmann::json::parse(R"({
    "schema": "sallyport.gate-status/v1",
    "charon_asked": true,
    "leases": [
      {"interface": "ipsec0", "address": "10.99.0.1", "tier": "full", "ends_in_ms": 59960,
       "device_id": "dev-1",
       "tunnels": [{"session_id": "ike-3", "identity": "dev-1.lab", "remote_host": "192.0.2.3"}]},
      {"interface": "ipsec0", "address": "10.99.0.2", "tier": "quarantine", "ends_in_ms": 900,
       "device_id": "", "tunnels": []}],
    "tunnels_without_lease": [
      {"session_id": "ike-4", "identity": "printer.lab", "remote_host": "192.0.2.4"}]})"));
}

TEST(GateStatusJson, ATunnelThatIsNotEstablishedIsNobodysTunnel) {
  IkeSa half = Sa(3, "dev-1.lab", kA);
  half.established = false;
  const auto said = nlohmann::json::parse(StatusJson(kTwo, std::vector<IkeSa>{half}));
  EXPECT_EQ(said["leases"][0]["tunnels"], nlohmann::json::array());
  EXPECT_EQ(said["tunnels_without_lease"], nlohmann::json::array());
}

// --- against its schema

// What python3-jsonschema says; empty when the document fits.
std::string Validate(const std::string& document) {
  char name[] = "/tmp/sallyport-status-XXXXXX";
  const std::string folder = mkdtemp(name);
  const std::string file = folder + "/document.json";
  std::ofstream(file) << document;
  const std::string command =
      "python3 -c 'import json, sys, jsonschema;"
      " jsonschema.Draft202012Validator.check_schema(json.load(open(sys.argv[2])));"
      " jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])),"
      " cls=jsonschema.Draft202012Validator)' " +
      file + " " SALLYPORT_SOURCE_DIR "/gateway/schema/sallyport.gate-status.v1.json 2>&1";
  FILE* process = popen(command.c_str(), "r");
  std::string out;
  char buffer[4096];
  while (const size_t got = fread(buffer, 1, sizeof buffer, process)) out.append(buffer, got);
  const int status = pclose(process);
  std::filesystem::remove_all(folder);
  return status == 0 ? out : "failed: " + out;
}

TEST(GateStatusSchema, EveryStatusFits) {
  EXPECT_EQ(Validate(StatusJson({}, std::nullopt)), "");
  EXPECT_EQ(Validate(StatusJson(kTwo, std::nullopt)), "");
  EXPECT_EQ(Validate(StatusJson(
                kTwo, std::vector<IkeSa>{Sa(3, "dev-1.lab", kA), Sa(4, "printer.lab", Ipv4{1})})),
            "");
}

TEST(GateStatusSchema, APeersIdentityThatIsNoUtf8StillMakesADocument) {
  EXPECT_EQ(Validate(StatusJson({}, std::vector<IkeSa>{Sa(4, "caf\xe9\"\n", kB)})), "");
}

TEST(GateStatusSchema, ItRefusesWhatNoStatusSays) {
  auto said = nlohmann::json::parse(StatusJson(kTwo, std::nullopt));
  said["leases"][0]["tier"] = "none";
  EXPECT_NE(Validate(said.dump()).find("'none' is not one of"), std::string::npos);
  said["leases"][0]["tier"] = "full";
  said["leases"][0].erase("ends_in_ms");
  EXPECT_NE(Validate(said.dump()).find("'ends_in_ms' is a required property"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::gateway
