// SPDX-License-Identifier: Apache-2.0
#include "gateway/access.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "base/text.h"

namespace sallyport::gateway {
namespace {

constexpr int kMaxNodes = 20'000;
constexpr int kMaxDepth = 8;
constexpr size_t kMaxServices = 1024;

// What stops the parser before a tree is built.
struct Refused {
  int line = 0;
  std::string why;
};

// Walks the events once and lets no alias, no depth and no flood of nodes reach the tree.
class Budget : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Node(mark, anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused{mark.line + 1, "aliases are not allowed"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string&) override {
    Node(mark, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, anchor);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(mark, anchor);
  }
  void OnMapEnd() override { --depth_; }

 private:
  void Node(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) throw Refused{mark.line + 1, "anchors are not allowed"};
    if (++nodes_ > kMaxNodes) throw Refused{mark.line + 1, "too many values"};
  }
  void Open(const YAML::Mark& mark, YAML::anchor_t anchor) {
    Node(mark, anchor);
    if (++depth_ > kMaxDepth) throw Refused{mark.line + 1, "nested too deeply"};
  }

  int nodes_ = 0;
  int depth_ = 0;
};

// Reads the tree; the first fault is thrown as Refused and becomes an Error at the one border.
class Reader {
 public:
  Access Read(const YAML::Node& root) {
    Keys(root, {"services", "tiers", "always"}, "the access file");
    if (!root["services"]) throw Refused{1, "no services"};
    if (!root["tiers"]) throw Refused{1, "no tiers"};
    Services(root["services"]);
    Tiers(root["tiers"]);
    if (root["always"]) access_.always = Names(root["always"], "always");
    if (rules_ > kMaxAccessRules) throw Refused{1, "over 4096 pairs of host and port"};
    return std::move(access_);
  }

 private:
  static int LineOf(const YAML::Node& node) { return node.Mark().line + 1; }

  static std::string Scalar(const YAML::Node& node, const std::string& where) {
    if (!node.IsScalar()) throw Refused{LineOf(node), where + ": a word is expected"};
    return node.Scalar();
  }

  static void Keys(const YAML::Node& map, const std::set<std::string>& known,
                   const std::string& where) {
    if (!map.IsMap()) throw Refused{LineOf(map), where + ": a mapping is expected"};
    std::set<std::string> seen;
    for (const auto& entry : map) {
      const std::string key = Scalar(entry.first, where);
      if (!known.empty() && !known.contains(key)) {
        throw Refused{LineOf(entry.first), where + ": unknown key: " + Excerpt(key)};
      }
      if (!seen.insert(key).second) {
        throw Refused{LineOf(entry.first), where + ": key that comes twice: " + Excerpt(key)};
      }
    }
  }

  static const YAML::Node& Sequence(const YAML::Node& node, const std::string& where) {
    if (!node.IsSequence()) throw Refused{LineOf(node), where + ": a list is expected"};
    return node;
  }

  void Services(const YAML::Node& map) {
    Keys(map, {}, "services");
    for (const auto& entry : map) {
      const std::string name = entry.first.Scalar();
      const std::string where = "service " + Excerpt(name);
      Keys(entry.second, {"hosts", "ports"}, where);
      for (const char* key : {"hosts", "ports"}) {
        const YAML::Node list = entry.second[key];
        if (!list || !list.IsSequence() || list.size() == 0) {
          throw Refused{LineOf(entry.second), where + ": no " + key};
        }
      }
      Service service{name, {}, {}};
      for (const auto& host : entry.second["hosts"]) service.hosts.push_back(Host(host, where));
      for (const auto& port : entry.second["ports"]) service.ports.push_back(PortOf(port, where));
      access_.services.push_back(std::move(service));
      if (access_.services.size() > kMaxServices) {
        throw Refused{LineOf(entry.first), "over 1024 services"};
      }
    }
  }

  static Network Host(const YAML::Node& node, const std::string& where) {
    const std::string text = Scalar(node, where);
    const auto parts = Split(text, '/');
    const auto address = ParseIpv4(parts[0]);
    const auto prefix = parts.size() == 2 ? ParseInt(parts[1]) : std::optional<int64_t>(32);
    if (!address || parts.size() > 2 || !prefix || *prefix < 0 || *prefix > 32) {
      throw Refused{LineOf(node), where + ": not an IPv4 address or network: " + Excerpt(text)};
    }
    if (*prefix == 0) throw Refused{LineOf(node), where + ": everything is not a service"};
    const Network network{*address, static_cast<int>(*prefix)};
    const uint64_t host_bits = (uint64_t{1} << (32 - *prefix)) - 1;
    if ((address->bits & host_bits) != 0) {
      throw Refused{LineOf(node), where + ": address has bits beyond its prefix: " + text};
    }
    return network;
  }

  static Port PortOf(const YAML::Node& node, const std::string& where) {
    const std::string text = Scalar(node, where);
    if (text == "icmp") return {Protocol::kIcmp, 0, 0};
    const auto parts = Split(text, '/');
    const bool known = parts[0] == "tcp" || parts[0] == "udp";
    const auto range = parts.size() == 2 ? Split(parts[1], '-') : std::vector<std::string_view>();
    const int64_t first = range.empty() ? 0 : ParseInt(range.front()).value_or(0);
    const int64_t last = range.empty() ? 0 : ParseInt(range.back()).value_or(0);
    if (!known || range.size() > 2 || first < 1 || last > 65535 || first > last) {
      throw Refused{LineOf(node), where + ": not a port (tcp/443, udp/53, tcp/8000-8100, icmp): " +
                                      Excerpt(text)};
    }
    return {parts[0] == "tcp" ? Protocol::kTcp : Protocol::kUdp, static_cast<uint16_t>(first),
            static_cast<uint16_t>(last)};
  }

  void Tiers(const YAML::Node& map) {
    Keys(map, {"full", "limited", "quarantine"}, "tiers");
    for (Tier tier : {Tier::kFull, Tier::kLimited, Tier::kQuarantine}) {
      const YAML::Node list = map[TierName(tier)];
      if (!list) throw Refused{LineOf(map), std::string("tiers: no ") + TierName(tier)};
      access_.tiers[tier] = Names(list, std::string("tier ") + TierName(tier));
    }
  }

  std::vector<std::string> Names(const YAML::Node& list, const std::string& where) {
    std::vector<std::string> names;
    for (const auto& node : Sequence(list, where)) {
      const std::string name = Scalar(node, where);
      const auto service = std::ranges::find(access_.services, name, &Service::name);
      if (service == access_.services.end()) {
        throw Refused{LineOf(node), where + ": no such service: " + Excerpt(name)};
      }
      rules_ += service->hosts.size() * service->ports.size();
      names.push_back(name);
    }
    return names;
  }

  Access access_;
  size_t rules_ = 0;
};

}  // namespace

std::string ToText(const Network& network) {
  const std::string address = ToText(network.address);
  return network.prefix == 32 ? address : address + "/" + std::to_string(network.prefix);
}

const Service& Access::service(const std::string& name) const {
  return *std::ranges::find(services, name, &Service::name);
}

Result<Access> ParseAccess(std::string_view yaml, const std::string& source) {
  if (yaml.size() > kMaxAccessBytes) return Fail(Code::kTooLarge, source + ": over 1 MiB");
  const auto at = [&source](int line) { return source + ":" + std::to_string(line) + ": "; };
  try {
    std::istringstream events{std::string(yaml)};
    Budget budget;
    YAML::Parser parser(events);
    if (!parser.HandleNextDocument(budget)) return Fail(Code::kMalformed, source + ": empty");
    return Reader().Read(YAML::Load(std::string(yaml)));
  } catch (const Refused& refused) {
    return Fail(Code::kInvalidArgument, at(refused.line) + refused.why);
  } catch (const YAML::Exception& error) {
    return Fail(Code::kMalformed, at(error.mark.line + 1) + error.msg);
  }
}

Result<Access> LoadAccess(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(Code::kNotFound, path + ": cannot be read");
  std::string text(kMaxAccessBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  return ParseAccess(text, path);
}

}  // namespace sallyport::gateway
