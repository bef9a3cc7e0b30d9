// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <span>

#include "base/hex.h"
#include "base/text.h"
#include "policy/yaml_tree.h"

namespace sallyport {
namespace {

// What Fleet knows and we read past: the GitOps list (PolicySpec in Fleet's
// server/fleet/policies.go) and the display keys of its standard library.
constexpr std::string_view kFleetPolicyKeys[] = {"team",
                                                 "calendar_events_enabled",
                                                 "run_script",
                                                 "install_software",
                                                 "conditional_access_enabled",
                                                 "conditional_access_bypass_enabled",
                                                 "webhooks_and_tickets_enabled",
                                                 "fleet_maintained_app_slug",
                                                 "platforms",
                                                 "tags",
                                                 "purpose",
                                                 "contributors",
                                                 "bash",
                                                 "powershell",
                                                 "script",
                                                 "configuration_profile"};
// What stands in the entries of Fleet's other lists, and never in a policy.
constexpr std::string_view kFleetOtherItems[] = {
    "interval", "automations_enabled",   "logging",  "observer_can_run", "discard_data",
    "snapshot", "label_membership_type", "hosts",    "criteria",         "removed",
    "denylist", "min_osquery_version",   "host_ids", "label_type"};
// Keys that change how a policy is judged, and ours where they stand under `sallyport`: what looks
// like one of them is a mistake, and not a key to read past.
constexpr std::string_view kKeysThatMatter[] = {"name",
                                                "query",
                                                "platform",
                                                "critical",
                                                "sallyport",
                                                "labels_include_any",
                                                "labels_include_all",
                                                "labels_exclude_any",
                                                "type",
                                                "path",
                                                "paths"};
constexpr std::string_view kOurSettings[] = {"mode",    "grace",   "tier",    "unknown",
                                             "max_age", "observe", "expected"};
constexpr std::string_view kFleetFileKeys[] = {
    "name",    "team_settings", "org_settings", "settings", "agent_options",
    "queries", "controls",      "reports",      "software", "labels"};
constexpr std::string_view kFleetKinds[] = {"query",  "report", "pack",       "label",
                                            "config", "team",   "user_roles", "enroll_secret"};

bool Among(std::string_view word, std::span<const std::string_view> list) {
  return std::ranges::find(list, word) != list.end();
}

// How many letters have to be put in, left out or changed; bounded work, since keys are short.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t corner = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)});
      corner = above;
    }
  }
  return row[b.size()];
}

// The key that matters which this one was probably meant to be; "": none.
std::string_view MeantBy(std::string_view key) {
  if (key.size() > 40) return {};
  const std::string lower = Lower(key);
  for (std::string_view each : kKeysThatMatter) {
    if (Distance(lower, each) <= (each.size() < 6 ? 1U : 2U)) return each;
  }
  return {};
}

class PolicyReader {
 public:
  PolicyFileContent Read(const std::vector<YamlPtr>& documents) {
    for (const YamlPtr& document : documents) Note("", Document(*document));
    if (names_.empty() && problems_.empty() && passed_over_.empty())
      problems_.push_back({"", 0, "no policy in the file"});
    return {std::move(policies_), std::move(problems_), std::move(passed_over_),
            std::move(unknown_keys_)};
  }

 private:
  tl::unexpected<Error> At(int line, const std::string& what) {
    failed_at_ = line;
    return Fail(Code::kInvalidArgument, what);
  }

  void Note(const std::string& policy, const Status& done) {
    if (!done) problems_.push_back({policy, failed_at_, done.error().message});
  }

  Status Document(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::kNull) return {};  // "---" with nothing after it
    if (node.kind == YamlNode::Kind::kSequence) return List(node);
    if (node.kind != YamlNode::Kind::kMap) return At(node.line, "neither a policy nor a list");
    for (const auto& [key, value] : node.entries) {
      if (key->text == "kind" || key->text == "apiVersion") return KindDocument(node);
    }
    return GitOpsDocument(node);
  }

  Status List(const YamlNode& node) {
    for (const YamlPtr& item : node.items) Note(NameIn(*item), OnePolicy(*item));
    return {};
  }

  Status GitOpsDocument(const YamlNode& node) {
    for (const auto& [key, value] : node.entries) {
      if (key->text == "policies") {
        if (value->kind == YamlNode::Kind::kNull) continue;
        if (value->kind != YamlNode::Kind::kSequence) {
          return At(value->line, "policies: not a list");
        }
        if (Status done = List(*value); !done) return done;
      } else if (!Among(key->text, kFleetFileKeys)) {
        if (Distance(Lower(key->text), "policies") <= 2) {
          return At(key->line, Excerpt(key->text) + ": unknown key; policies?");
        }
        unknown_keys_.push_back({"", key->line, Excerpt(key->text) + ": unknown key, read past"});
      }
    }
    return {};
  }

  Status KindDocument(const YamlNode& node) {
    std::string kind;
    const YamlNode* spec = nullptr;
    for (const auto& [key, value] : node.entries) {
      if (key->text == "kind") {
        kind = value->text;
      } else if (key->text == "spec") {
        spec = value.get();
      } else if (key->text == "apiVersion") {
        if (value->text != "v1") return At(value->line, "apiVersion: only v1 is known");
      } else {
        unknown_keys_.push_back({"", key->line, Excerpt(key->text) + ": unknown key, read past"});
      }
    }
    if (Among(kind, kFleetKinds)) return {};
    if (kind != "policy") return At(node.line, "kind: " + Excerpt(kind) + " is not \"policy\"");
    if (spec == nullptr) return At(node.line, "spec: missing");
    Note(NameIn(*spec), OnePolicy(*spec));
    return {};
  }

  static std::string NameIn(const YamlNode& node) {
    for (const auto& [key, value] : node.entries) {
      if (key->text == "name") return Excerpt(Trim(value->text), 255);
    }
    return {};
  }

  Status OnePolicy(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kMap) return At(node.line, "a policy is a map of keys");
    for (const auto& [key, value] : node.entries) {
      if (!Among(key->text, kFleetOtherItems)) continue;
      passed_over_.push_back(
          {NameIn(node), node.line,
           "not judged: with " + key->text + " it is a report or a label of Fleet, not a policy"});
      return {};
    }
    Policy policy;
    policy.line = node.line;
    bool other_platforms_only = false;
    keys_read_past_.clear();
    std::string type;
    for (const auto& [key, value] : node.entries) {
      Status done;
      if (key->text == "platform") {
        done = Platforms(*value, policy, other_platforms_only);
      } else if (key->text == "type") {
        done = Text(*key, *value, type);
      } else if (key->text == "sallyport") {
        done = Settings(*value, policy);
      } else {
        done = FleetKey(*key, *value, policy);
      }
      if (!done) return done;
    }
    if (Status done = CheckLabels(policy); !done) return done;
    return Keep(std::move(policy), other_platforms_only, type);
  }

  Status CheckLabels(const Policy& policy) {
    const bool include = !policy.labels_include_any.empty() || !policy.labels_include_all.empty();
    if (include && !policy.labels_exclude_any.empty()) {
      return At(policy.line, "labels_exclude_any: stands beside labels_include_" +
                                 std::string(policy.labels_include_any.empty() ? "all" : "any"));
    }
    if (!policy.labels_include_any.empty() && !policy.labels_include_all.empty()) {
      return At(policy.line, "labels_include_all: stands beside labels_include_any");
    }
    if (policy.HasLabels() && policy.mode != Mode::kReport) {
      return At(policy.line, "labels: policy " + Excerpt(policy.name) + " is of mode " +
                                 ModeName(policy.mode) +
                                 ", but labels are not known here: it would hit every device");
    }
    return {};
  }

  Status Labels(const YamlNode& key, const YamlNode& value, std::vector<std::string>& out) {
    if (value.kind == YamlNode::Kind::kNull) return {};
    if (value.kind != YamlNode::Kind::kSequence) return At(value.line, key.text + ": not a list");
    for (const YamlPtr& item : value.items) {
      if (item->kind != YamlNode::Kind::kScalar || Trim(item->text).empty()) {
        return At(item->line, key.text + ": not a list of names");
      }
      out.emplace_back(Trim(item->text));
    }
    return {};
  }

  Status Keep(Policy policy, bool other_platforms_only, std::string_view type) {
    if (policy.name.empty()) return At(policy.line, "name: missing");
    const bool made_by_fleet = type == "patch" && Trim(policy.query).empty();
    if (Trim(policy.query).empty() && !made_by_fleet) {
      return At(policy.line, "query: missing in policy " + Excerpt(policy.name));
    }
    if (policy.critical && policy.grace.count() > 0) {
      return At(policy.line, "grace: policy " + Excerpt(policy.name) +
                                 " is critical, which means no grace; leave one of them out");
    }
    if (!names_.insert(policy.name).second) {
      return At(policy.line, "name: " + Excerpt(policy.name) + " stands here a second time");
    }
    if (other_platforms_only || made_by_fleet) {
      passed_over_.push_back({policy.name, policy.line,
                              made_by_fleet ? "not judged: Fleet makes the query of a patch policy"
                                            : "not judged: it is for chrome alone"});
      return {};
    }
    for (PolicyProblem& key : keys_read_past_) key.policy = policy.name;
    std::ranges::move(keys_read_past_, std::back_inserter(unknown_keys_));
    policies_.push_back(std::move(policy));
    return {};
  }

  Status FleetKey(const YamlNode& key, const YamlNode& value, Policy& policy) {
    if (key.text == "name") return Name(value, policy);
    if (key.text == "query") return Text(key, value, policy.query);
    if (key.text == "description") return Text(key, value, policy.description);
    if (key.text == "resolution") return Text(key, value, policy.resolution);
    if (key.text == "critical") return Bool(key, value, policy.critical);
    if (key.text == "labels_include_any") return Labels(key, value, policy.labels_include_any);
    if (key.text == "labels_include_all") return Labels(key, value, policy.labels_include_all);
    if (key.text == "labels_exclude_any") return Labels(key, value, policy.labels_exclude_any);
    if (key.text == "path" || key.text == "paths") {
      return At(key.line, key.text + ": other files are not read; put the policy here");
    }
    if (Among(key.text, kFleetPolicyKeys)) return {};
    return UnknownKey(key);
  }

  Status UnknownKey(const YamlNode& key) {
    if (Among(key.text, kOurSettings)) {
      return At(key.line, key.text + ": stands under \"sallyport\"");
    }
    if (const std::string_view meant = MeantBy(key.text); !meant.empty()) {
      return At(key.line, Excerpt(key.text) + ": unknown key; " + std::string(meant) + "?");
    }
    keys_read_past_.push_back({"", key.line, Excerpt(key.text) + ": unknown key, read past"});
    return {};
  }

  Status Name(const YamlNode& value, Policy& policy) {
    if (Status done = TextAt("name", value, policy.name); !done) return done;
    policy.name = Trim(policy.name);
    if (policy.name.size() > 255) return At(value.line, "name: longer than 255 bytes");
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
    if (std::ranges::any_of(policy.name, control)) return At(value.line, "name: a control byte");
    return {};
  }

  Status Text(const YamlNode& key, const YamlNode& value, std::string& out) {
    return TextAt(key.text, value, out);
  }

  Status TextAt(const std::string& key, const YamlNode& value, std::string& out) {
    if (value.kind == YamlNode::Kind::kNull) return {};  // "description:" with nothing after it
    if (value.kind != YamlNode::Kind::kScalar) return At(value.line, key + ": not a text");
    out = value.text;
    return {};
  }

  Status Bool(const YamlNode& key, const YamlNode& value, bool& out) {
    if (value.kind == YamlNode::Kind::kNull) return {};
    const std::string word = Lower(value.text);  // YAML 1.1's words, as Fleet's own reader takes
    if (word == "true" || word == "yes" || word == "on") {
      out = true;
    } else if (word == "false" || word == "no" || word == "off") {
      out = false;
    } else {
      return At(value.line, key.text + ": " + Excerpt(value.text) + " is neither true nor false");
    }
    return {};
  }

  // "chrome" is Fleet's word for a system that has no agent of ours.
  Status Platforms(const YamlNode& value, Policy& policy, bool& other_platforms_only) {
    std::string list;
    if (Status done = TextAt("platform", value, list); !done) return done;
    bool chrome = false;
    for (std::string_view part : Split(list, ',')) {
      const std::string_view word = Trim(part);
      if (word.empty()) continue;
      const std::optional<Os> os = OsFromName(word);
      if (!os && word != "chrome") {
        return At(value.line,
                  "platform: " + Excerpt(word) + " is none of linux, darwin, windows, chrome");
      }
      chrome = chrome || !os;
      if (os && std::ranges::find(policy.platforms, *os) == policy.platforms.end()) {
        policy.platforms.push_back(*os);
      }
    }
    other_platforms_only = chrome && policy.platforms.empty();
    return {};
  }

  Status Settings(const YamlNode& node, Policy& policy) {
    if (node.kind == YamlNode::Kind::kNull) return {};
    if (node.kind != YamlNode::Kind::kMap) return At(node.line, "sallyport: not a map of keys");
    for (const auto& [key, value] : node.entries) {
      if (Status done = Setting(key->text, key->line, *value, policy); !done) return done;
    }
    return {};
  }

  Status Setting(const std::string& key, int line, const YamlNode& value, Policy& policy) {
    if (key == "mode") return ReadMode(value, policy.mode);
    if (key == "tier") return ReadTier("sallyport.tier", value, policy.tier);
    if (key == "grace") return ReadDuration("sallyport.grace", value, policy.grace);
    if (key == "max_age") return ReadMaxAge(value, policy.max_age);
    if (key == "unknown") return ReadUnknown(value, policy);
    if (key == "observe") return TextAt("sallyport.observe", value, policy.observe);
    if (key == "expected") return TextAt("sallyport.expected", value, policy.expected);
    return At(line, "sallyport." + Excerpt(key) + ": unknown key");
  }

  Status ReadUnknown(const YamlNode& node, Policy& policy) {
    if (node.kind != YamlNode::Kind::kMap) {
      return At(node.line, "sallyport.unknown: write {after: 15m, tier: limited}");
    }
    for (const auto& [key, value] : node.entries) {
      Status done;
      if (key->text == "after") {
        done = ReadDuration("sallyport.unknown.after", *value, policy.unknown_after);
      } else if (key->text == "tier") {
        done = ReadTier("sallyport.unknown.tier", *value, policy.unknown_tier);
      } else {
        done = At(key->line, "sallyport.unknown." + Excerpt(key->text) + ": unknown key");
      }
      if (!done) return done;
    }
    return {};
  }

  Status ReadMaxAge(const YamlNode& value, Millis& out) {
    if (Status done = ReadDuration("sallyport.max_age", value, out); !done) return done;
    if (out.count() == 0) return At(value.line, "sallyport.max_age: nothing is that fresh");
    return {};
  }

  Status ReadDuration(const std::string& key, const YamlNode& value, Millis& out) {
    if (value.kind != YamlNode::Kind::kScalar) return At(value.line, key + ": not a duration");
    const Result<Millis> parsed = ParseDuration(value.text);
    if (!parsed) return At(value.line, key + ": " + parsed.error().message);
    out = *parsed;
    return {};
  }

  Status ReadTier(const std::string& key, const YamlNode& value, Tier& out) {
    const std::optional<Tier> tier = TierFromName(value.text);
    if (!tier) {
      return At(value.line,
                key + ": " + Excerpt(value.text) + " is none of none, quarantine, limited, full");
    }
    out = *tier;
    return {};
  }

  Status ReadMode(const YamlNode& value, Mode& out) {
    for (const Mode mode : {Mode::kReport, Mode::kNotify, Mode::kWarn, Mode::kBlock}) {
      if (value.text != ModeName(mode)) continue;
      out = mode;
      return {};
    }
    return At(value.line,
              "sallyport.mode: " + Excerpt(value.text) + " is none of report, notify, warn, block");
  }

  int failed_at_ = 0;  // line of the last failure
  std::vector<Policy> policies_;
  std::vector<PolicyProblem> problems_;
  std::vector<PolicyProblem> passed_over_;
  std::vector<PolicyProblem> unknown_keys_;
  std::vector<PolicyProblem> keys_read_past_;  // of the policy that is being read
  std::set<std::string> names_;
};

Result<std::string> SetId(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    return Fail(Code::kInternal, "SHA-256 of the policy file");
  }
  return ToHex(std::string_view(reinterpret_cast<const char*>(digest.data()), 6));
}

}  // namespace

PolicyFileContent ReadPolicies(std::string_view yaml, std::string_view file_name) {
  const auto documents = ParseYaml(yaml, file_name);
  if (!documents) return {{}, {{"", 0, documents.error().message}}, {}, {}};
  return PolicyReader().Read(*documents);
}

Result<PolicySet> ParsePolicies(std::string_view yaml, std::string_view file_name) {
  const auto documents = ParseYaml(yaml, file_name);
  if (!documents) return tl::unexpected(documents.error());
  PolicyFileContent content = PolicyReader().Read(*documents);
  if (!content.problems.empty()) {
    const PolicyProblem& first = content.problems.front();
    const std::string line = first.line > 0 ? ":" + std::to_string(first.line) : "";
    return Fail(Code::kInvalidArgument, std::string(file_name) + line + ": " + first.text);
  }
  auto id = SetId(yaml);
  if (!id) return tl::unexpected(id.error());
  return PolicySet{std::move(content.policies), std::move(*id)};
}

}  // namespace sallyport
