// SPDX-License-Identifier: Apache-2.0
#include "agent/lint/config_lint.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "agent/lint/suppression.h"
#include "agent/lint/template_mark.h"
#include "base/exit_code.h"
#include "base/text.h"

namespace sallyport {
namespace {

// Ends of names that configuration may hide behind: only there is a file that cannot be read as
// text worth a word. A picture or an archive is not.
constexpr std::string_view kConfigurationEndings[] = {
    ".cfg",          ".cnf",          ".conf", ".erb", ".ini",   ".j2",      ".jinja",
    ".mobileconfig", ".nmconnection", ".ovpn", ".pbk", ".plist", ".secrets", ".tf",
    ".tmpl",         ".tpl",          ".txt",  ".xml", ".yaml",  ".yml"};

// A name may end in that of a template language: swanctl.conf.j2 is a swanctl.conf.
constexpr std::string_view kTemplateEndings[] = {".j2",  ".jinja", ".jinja2", ".tmpl",
                                                 ".tpl", ".erb",   ".tftpl",  ".in"};

std::string_view WithoutTemplateEnding(std::string_view path) {
  for (std::string_view ending : kTemplateEndings) {
    if (path.ends_with(ending)) return path.substr(0, path.size() - ending.size());
  }
  return path;
}

bool MayConfigure(std::string_view path) {
  const std::string lower = Lower(path);
  return std::ranges::any_of(kConfigurationEndings,
                             [&](std::string_view ending) { return lower.ends_with(ending); });
}

// Texts that speak of configurations and are none; only a name can make them one.
constexpr std::string_view kOtherEndings[] = {
    ".adoc", ".c",    ".cc", ".cpp", ".css", ".csv",   ".diff", ".go", ".h",
    ".html", ".java", ".js", ".md",  ".mo",  ".patch", ".php",  ".pl", ".po",
    ".py",   ".rb",   ".rs", ".rst", ".sh",  ".sql",   ".svg",  ".ts"};

// Folders in which a link may stand for a configuration.
constexpr std::string_view kVpnFolders[] = {"/swanctl/",   "/ipsec.d/", "/strongswan.d/",
                                            "/wireguard/", "/openvpn/", "/system-connections/",
                                            "/ppp/",       "/xl2tpd/"};

bool IsOtherText(std::string_view path) {
  const std::string lower = Lower(path);
  return std::ranges::any_of(kOtherEndings,
                             [&](std::string_view ending) { return lower.ends_with(ending); });
}

struct Candidate {
  std::string path;
  const FileKind* kind = nullptr;
  bool by_name = false;
};

class LintRun {
 public:
  LintRun(const Host& host, const LintTask& task, const Tree& tree, PackJudge* judge)
      : task_(task), tree_(tree), host_(host, tree, task.limits), judge_(judge) {
    report_.rules = judge->Rules();
    std::ranges::copy(FileRules(), std::back_inserter(report_.rules));
    report_.files_unread = tree.unread;
    report_.files_other = tree.other;
  }

  ConfigReport Run() &&;

 private:
  const FileKind* KindByName(std::string_view path) const;
  void Recognise(const TreeFile& file);
  void LookAtLink(const std::string& path, const std::string& why);
  void Read(const Candidate& candidate);
  void Keep(const Candidate& candidate, const std::vector<TableResult>& tables);
  void Unread(const std::string& path, std::string_view kind, const std::string& why, int line);

  const LintTask& task_;
  const Tree& tree_;
  TreeHost host_;
  PackJudge* judge_;
  ConfigReport report_;
  std::vector<Candidate> candidates_;
  std::set<std::string> read_;  // real paths
};

void LintRun::Unread(const std::string& path, std::string_view kind, const std::string& why,
                     int line) {
  report_.files_unread.push_back({.path = tree_.Shown(path),
                                  .kind = std::string(kind),
                                  .why = tree_.ShownMessage(why),
                                  .line = line,
                                  .fingerprint = ""});
}

const FileKind* LintRun::KindByName(std::string_view path) const {
  const std::string_view name = WithoutTemplateEnding(path);
  const auto found =
      std::ranges::find_if(task_.kinds, [&](const FileKind& kind) { return kind.by_name(name); });
  return found == task_.kinds.end() ? nullptr : &*found;
}

// Most links of a machine are no matter of VPNs.
void LintRun::LookAtLink(const std::string& path, const std::string& why) {
  const FileKind* kind = KindByName(path);
  const bool in_folder = std::ranges::any_of(
      kVpnFolders, [&](auto folder) { return path.find(folder) != std::string::npos; });
  if (kind != nullptr || in_folder) {
    Unread(path, kind != nullptr ? kind->name : "", why, 0);
  } else {
    ++report_.files_other;
  }
}

void LintRun::Recognise(const TreeFile& file) {
  const FileKind* kind = KindByName(file.path);
  const bool by_name = kind != nullptr;
  const Result<std::string> text = host_.ReadText(file.path);
  if (!text) {
    if (by_name || file.named || text.error().code == Code::kDenied || MayConfigure(file.path)) {
      return Unread(file.path, by_name ? kind->name : "", text.error().message, 0);
    }
    ++report_.files_other;
    return;
  }
  for (const FileKind& each : task_.kinds) {
    if (IsOtherText(file.path) && !file.named) break;
    if (kind == nullptr && each.by_content != nullptr && each.by_content(*text)) kind = &each;
  }
  if (kind != nullptr) {
    candidates_.push_back({file.path, kind, by_name});
  } else if (file.named) {
    Unread(file.path, "", tree_.Shown(file.path) + ": of no kind that is known here", 0);
  } else {
    ++report_.files_other;
  }
}

// "path:12: ..." of an error: 12.
int LineOf(const std::string& message, const std::string& path) {
  if (!message.starts_with(path + ":")) return 0;
  const std::string rest = message.substr(path.size() + 1);
  return static_cast<int>(ParseInt(rest.substr(0, rest.find(':'))).value_or(0));
}

void LintRun::Read(const Candidate& candidate) {
  const Result<std::string> real = host_.RealPath(candidate.path);
  if (real && read_.contains(*real)) return;  // what another file includes
  const FileKind& kind = *candidate.kind;
  if (kind.read == nullptr) {
    const Result<std::string> text = host_.ReadFile(candidate.path);
    host_.TakeRead();
    const std::string why = text ? candidate.path + ": nothing here reads " + std::string(kind.name)
                                 : text.error().message;
    return Unread(candidate.path, kind.name, why, text ? 0 : LineOf(why, candidate.path));
  }
  const auto content = kind.read(host_, candidate.path);
  if (content) return Keep(candidate, *content);
  host_.TakeRead();
  const std::string& why = content.error().message;
  Unread(candidate.path, kind.name, why, LineOf(why, candidate.path));
}

void LintRun::Keep(const Candidate& candidate, const std::vector<TableResult>& tables) {
  const std::string shown = tree_.Shown(candidate.path);
  std::vector<ConfigFinding> findings = judge_->Judge(candidate.kind->os, tables, candidate.path);
  for (ConfigFinding& finding : findings) {
    finding.path = tree_.Shown(finding.path);
    finding.observed = tree_.ShownMessage(finding.observed);
  }
  const Result<std::string> real = host_.RealPath(candidate.path);
  for (const auto& [path, text] : host_.TakeRead()) {
    read_.insert(path);
    const bool itself = real && *real == path;
    const std::string file = itself ? shown : tree_.Shown(path);
    report_.files_read.push_back({file, std::string(candidate.kind->name), itself ? "" : shown});
    ApplySuppressions(file, FindSuppressions(text), report_.rules, task_.now_wall, &findings);
  }
  std::ranges::move(findings, std::back_inserter(report_.findings));
}

ConfigReport LintRun::Run() && {
  for (const TreeFile& file : tree_.files) Recognise(file);
  for (const auto& [path, why] : tree_.links) LookAtLink(path, why);
  // A file that is known by its name is where a program begins to read.
  std::ranges::stable_partition(candidates_, &Candidate::by_name);
  for (const Candidate& candidate : candidates_) Read(candidate);
  FinishReport(&report_);
  return std::move(report_);
}

}  // namespace

Result<ConfigReport> LintPaths(const Host& host, const LintTask& task, PackJudge* judge) {
  const Result<Tree> tree = WalkTree(host, task.paths, task.folder, task.limits);
  if (!tree) return tl::unexpected(tree.error());
  return LintRun(host, task, *tree, judge).Run();
}

std::span<const ConfigRule> FileRules() {
  static const ConfigRule kRules[] = {
      {.id = std::string(kSuppressionRule),
       .severity = Severity::kWarning,
       .about = "A comment that allows a finding has a reason, a rule that there is, and an end "
                "that is still to come.",
       .expected = "# sallyport: allow RULE reason=\"...\" [until=YYYY-MM-DD]",
       .remedy = "Mend what the comment allows and remove it, or give it a reason and a later "
                 "date."}};
  return kRules;
}

int LintExitCode(const ConfigReport& report, std::optional<Severity> fail_on) {
  if (!fail_on) return static_cast<int>(ExitCode::kOk);
  bool cannot_tell = false;
  for (const ConfigFinding& finding : report.findings) {
    if (!finding.IsNew() || finding.severity < *fail_on) continue;
    if (finding.kind != FindingKind::kUnknown) return static_cast<int>(ExitCode::kFindings);
    cannot_tell = true;
  }
  cannot_tell = cannot_tell || std::ranges::any_of(report.files_unread, [](const UnreadFile& file) {
                  return !file.in_baseline;
                });
  return static_cast<int>(cannot_tell ? ExitCode::kCannotTell : ExitCode::kOk);
}

}  // namespace sallyport
