// SPDX-License-Identifier: Apache-2.0
// iptables-save(8) with counters. A row for each chain, then one for each of its rules.
#include <map>
#include <optional>

#include "base/text.h"
#include "collectors/ip_text.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

// protocols(5), as far as iptables names them.
constexpr std::pair<std::string_view, int64_t> kProtocols[] = {
    {"all", 0},    {"icmp", 1},   {"igmp", 2},   {"ipv4", 4}, {"tcp", 6},        {"udp", 17},
    {"dccp", 33},  {"gre", 47},   {"esp", 50},   {"ah", 51},  {"ipv6-icmp", 58}, {"ospf", 89},
    {"vrrp", 112}, {"l2tp", 115}, {"sctp", 132}, {"mh", 135}, {"udplite", 136},
};

Value ProtocolCell(const std::string& name) {
  for (const auto& [known, number] : kProtocols) {
    if (name == known) return Cell(number);
  }
  const auto number = ParseInt(name);
  return number ? Cell(*number) : Cell(Unknown{});
}

// Words; what stands in double quotes is one, with \" for a quote.
std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> out;
  bool quoted = false;
  bool in_word = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ' ' && !quoted) {
      in_word = false;
      continue;
    }
    if (!in_word) out.emplace_back();
    in_word = true;
    if (line[i] == '"') {
      quoted = !quoted;
    } else {
      if (line[i] == '\\' && quoted && i + 1 < line.size()) ++i;
      out.back().push_back(line[i]);
    }
  }
  return out;
}

struct Counters {
  int64_t packets = 0;
  int64_t bytes = 0;
};

// "[12:840]"
std::optional<Counters> ParseCounters(std::string_view text) {
  const size_t colon = text.find(':');
  if (!text.starts_with('[') || !text.ends_with(']') || colon == std::string_view::npos) {
    return std::nullopt;
  }
  const auto packets = ParseInt(text.substr(1, colon - 1));
  const auto bytes = ParseInt(text.substr(colon + 1, text.size() - colon - 2));
  if (!packets || !bytes) return std::nullopt;
  return Counters{*packets, *bytes};
}

// An option's value. What is negated no column can tell: unknown.
struct Option {
  std::string text;
  bool negated = false;
};
using Options = std::map<std::string, Option>;

struct Rule {
  std::string chain;
  Options options;
  bool matches = false;
};

// -A INPUT ! -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT
std::optional<Rule> ParseRule(const std::vector<std::string>& words, size_t begin) {
  if (words.size() < begin + 2 || words[begin] != "-A") return std::nullopt;
  Rule rule{words[begin + 1], {}, false};
  bool negated = false;
  for (size_t i = begin + 2; i < words.size(); ++i) {
    if (words[i] == "!") {
      negated = true;
      continue;
    }
    if (words[i].starts_with('-') && i + 1 < words.size()) {
      if (words[i] == "-m") rule.matches = true;
      rule.options.emplace(words[i], Option{words[i + 1], negated});
    }
    negated = false;
  }
  return rule;
}

Value TextOf(const Rule& rule, const char* name, const Value& otherwise) {
  const auto found = rule.options.find(name);
  if (found == rule.options.end()) return otherwise;
  return found->second.negated ? Cell(Unknown{}) : Cell(found->second.text);
}

struct Network {
  Value address = Cell("0.0.0.0");
  Value mask = Cell("0.0.0.0");
};

// "10.0.0.0/8", "192.0.2.1/32", "10.0.0.0/255.0.255.0"
Network NetworkOf(const Rule& rule, const char* name) {
  const auto found = rule.options.find(name);
  if (found == rule.options.end()) return {};
  if (found->second.negated) return {Unknown{}, Unknown{}};
  const std::string& text = found->second.text;
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return {Cell(text), Cell("255.255.255.255")};
  const std::string mask = text.substr(slash + 1);
  const auto bits = ParseInt(mask);
  return {Cell(text.substr(0, slash)), Cell(bits ? MaskText(*bits, false) : mask)};
}

struct Interface {
  Value name = Cell("all");
  Value mask = Cell("");
};

// The kernel compares the name with its closing NUL; of "eth+" the letters alone.
Interface InterfaceOf(const Rule& rule, const char* name) {
  const auto found = rule.options.find(name);
  if (found == rule.options.end()) return {};
  if (found->second.negated) return {Unknown{}, Unknown{}};
  const std::string& text = found->second.text;
  const size_t compared = text.ends_with('+') ? text.size() - 1 : text.size() + 1;
  return {Cell(text), Cell(std::string(2 * compared, 'F'))};
}

class Save {
 public:
  explicit Save(TableRows* rows) : rows_(rows) {}

  bool Line(std::string_view line) {
    if (line.empty() || line[0] == '#' || line == "COMMIT") return true;
    if (line[0] == '*') {
      table_ = line.substr(1);
      policies_.clear();
      return true;
    }
    const std::vector<std::string> words = Words(line);
    if (words.empty()) return false;
    if (line[0] == ':') return Chain(words);
    const auto counters = ParseCounters(words[0]);
    const auto rule = ParseRule(words, counters ? 1 : 0);
    if (!rule || table_.empty()) return false;
    AddRule(*rule, counters.value_or(Counters{}));
    return true;
  }

 private:
  // ":INPUT ACCEPT [12:840]"; a chain of one's own has the policy "-".
  bool Chain(const std::vector<std::string>& words) {
    const auto counters = words.size() == 3 ? ParseCounters(words[2]) : std::nullopt;
    if (!counters || table_.empty()) return false;
    const std::string chain = words[0].substr(1);
    const std::string policy = words[1] == "-" ? "" : words[1];
    policies_[chain] = policy;
    rows_->Add({{"filter_name", Cell(table_)},
                {"chain", Cell(chain)},
                {"policy", Cell(policy)},
                {"packets", Cell(counters->packets)},
                {"bytes", Cell(counters->bytes)}});
    return true;
  }

  void AddRule(const Rule& rule, const Counters& counters) {
    const Network source = NetworkOf(rule, "-s");
    const Network destination = NetworkOf(rule, "-d");
    const Interface in = InterfaceOf(rule, "-i");
    const Interface out = InterfaceOf(rule, "-o");
    const auto protocol = rule.options.find("-p");
    const bool negated = protocol != rule.options.end() && protocol->second.negated;
    const Value number = protocol == rule.options.end() ? Cell(0)
                         : negated                      ? Cell(Unknown{})
                                                        : ProtocolCell(protocol->second.text);
    const Value none = std::monostate{};
    rows_->Add({{"filter_name", Cell(table_)},
                {"chain", Cell(rule.chain)},
                {"policy", Cell(policies_[rule.chain])},
                {"target", TextOf(rule, "-j", TextOf(rule, "-g", Cell("")))},
                {"protocol", number},
                {"src_port", TextOf(rule, "--sport", TextOf(rule, "--sports", none))},
                {"dst_port", TextOf(rule, "--dport", TextOf(rule, "--dports", none))},
                {"src_ip", source.address},
                {"src_mask", source.mask},
                {"iniface", in.name},
                {"iniface_mask", in.mask},
                {"dst_ip", destination.address},
                {"dst_mask", destination.mask},
                {"outiface", out.name},
                {"outiface_mask", out.mask},
                {"match", Cell(rule.matches ? "yes" : "no")},
                {"packets", Cell(counters.packets)},
                {"bytes", Cell(counters.bytes)}});
  }

  TableRows* rows_;
  std::string table_;
  std::map<std::string, std::string> policies_;
};

}  // namespace

Result<Rows> IptablesLinux(const Host& host, const Keys& keys) {
  const auto output = host.Run({.argv = {"/usr/sbin/iptables-save", "-c"}, .max_output = 16 << 20});
  if (!output) return tl::unexpected(output.error());
  if (output->exit_code != 0) {
    return Fail(Code::kUnavailable, "iptables-save: " + Excerpt(Trim(output->err)));
  }
  TableRows rows(kIptables);
  Save save(&rows);
  for (const std::string_view line : Lines(output->out)) {
    if (!save.Line(line)) return Fail(Code::kMalformed, "iptables-save: " + Excerpt(line));
  }
  return rows.Take(keys);
}

}  // namespace sallyport
