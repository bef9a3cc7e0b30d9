// SPDX-License-Identifier: Apache-2.0
// resolv.conf(5), as glibc reads it.
#include <algorithm>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

constexpr size_t kMaxNameServers = 3;
constexpr size_t kMaxBytes = 1 << 20;

// resolv/resolv.h of glibc: RES_INIT, RES_RECURSE, RES_DEFNAMES and RES_DNSRCH are always there.
constexpr int64_t kAlways = 0x1 | 0x40 | 0x80 | 0x200;
constexpr std::pair<std::string_view, int64_t> kOptions[] = {
    {"debug", 0x2},
    {"use-vc", 0x8},
    {"inet6", 0x2000},
    {"rotate", 0x4000},
    {"no-check-names", 0x8000},
    {"edns0", 0x100000},
    {"single-request", 0x200000},
    {"single-request-reopen", 0x400000},
    {"no-tld-query", 0x1000000},
    {"no-reload", 0x2000000},
    {"trust-ad", 0x4000000},
};

struct Resolver {
  std::vector<std::string> servers;
  std::vector<std::string> search;
  std::vector<std::string> sorted;  // "130.155.160.0/255.255.240.0"
  int64_t options = kAlways;
};

void ReadOption(std::string_view word, Resolver* out) {
  for (const auto& [name, bit] : kOptions) {
    if (word == name) out->options |= bit;
  }
}

// The last of "search" and "domain" counts; of name servers the first three.
Resolver ParseResolvConf(std::string_view text) {
  Resolver out;
  for (const std::string_view line : Lines(text)) {
    if (line.empty() || line[0] == ';' || line[0] == '#') continue;
    const std::vector<std::string_view> words = Fields(line);
    if (words.size() < 2 || line[0] == ' ' || line[0] == '\t') continue;
    if (words[0] == "nameserver" && out.servers.size() < kMaxNameServers) {
      out.servers.emplace_back(words[1]);
    } else if (words[0] == "search") {
      out.search.assign(words.begin() + 1, words.end());
    } else if (words[0] == "domain") {
      out.search.assign(1, std::string(words[1]));
    } else if (words[0] == "sortlist") {
      out.sorted.assign(words.begin() + 1, words.end());
    } else if (words[0] == "options") {
      for (const std::string_view word : words) ReadOption(word, &out);
    }
  }
  return out;
}

// Without a file glibc asks the machine itself, and searches the domain of its name.
void FillDefaults(const Host& host, Resolver* out) {
  if (out->servers.empty()) out->servers.emplace_back("127.0.0.1");
  if (!out->search.empty()) return;
  const auto name = ReadTrimmed(host, "/proc/sys/kernel/hostname");
  const size_t dot = name ? name->find('.') : std::string::npos;
  if (dot != std::string::npos && dot + 1 < name->size())
    out->search.push_back(name->substr(dot + 1));
}

}  // namespace

Result<Rows> DnsResolversLinux(const Host& host, const Keys& keys) {
  const Result<std::string> text = host.ReadFile("/etc/resolv.conf", kMaxBytes);
  if (!text && text.error().code != Code::kNotFound) return tl::unexpected(text.error());
  Resolver resolver = ParseResolvConf(text.value_or(""));
  FillDefaults(host, &resolver);
  TableRows rows(kDnsResolvers);
  const auto add = [&](const char* type, const std::vector<std::string>& list) {
    for (size_t i = 0; i < list.size(); ++i) {
      const size_t slash = type == std::string_view("sortlist") ? list[i].find('/') : list[i].npos;
      const Value mask =
          slash == list[i].npos ? Cell(std::nullopt) : Cell(list[i].substr(slash + 1));
      rows.Add({{"id", Cell(static_cast<int64_t>(i))},
                {"type", Cell(type)},
                {"address", Cell(list[i].substr(0, slash))},
                {"netmask", type == std::string_view("nameserver") ? Cell("32") : mask},
                {"options", Cell(resolver.options)}});
    }
  };
  add("nameserver", resolver.servers);
  add("sortlist", resolver.sorted);
  add("search", resolver.search);
  return rows.Take(keys);
}

}  // namespace sallyport
