// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/status_text.h"

#include <vector>

#include "agent/cli/standing.h"
#include "base/exit_code.h"
#include "base/text.h"

namespace sallyport {
namespace {

using Paint = Style::Paint;

constexpr size_t kLabel = 10;

Millis FromMs(uint64_t ms) { return Millis(static_cast<Millis::rep>(ms)); }

std::string Line(std::string_view label, const std::string& text) {
  std::string line(label);
  line.resize(kLabel, ' ');
  return line + text + "\n";
}

// "2026-11-24 09:00 (in 1 d 3 h)", "(2 d ago)"
std::string MomentAndDistance(Millis wall, Millis now) {
  const std::string distance =
      wall >= now ? "in " + Duration(wall - now) : Duration(now - wall) + " ago";
  return Moment(wall) + " (" + distance + ")";
}

std::string Since(const v1::Outcome& outcome) {
  return outcome.since_ms() == 0 ? "" : " (since " + Moment(FromMs(outcome.since_ms())) + ")";
}

Paint PaintOf(v1::Outcome::Verdict verdict, bool blocking) {
  if (verdict == v1::Outcome::VERDICT_PASS) return Paint::kGood;
  return blocking || verdict == v1::Outcome::VERDICT_FAIL ? Paint::kBad : Paint::kWarning;
}

std::string DeviceLine(const v1::AgentStatus& status) {
  if (status.device_id().empty()) {
    return Line("Device",
                "not enrolled   enroll: sallyport enroll --service HOST:PORT --ca FILE "
                "--token-file FILE");
  }
  const bool file = status.key_uri().starts_with("file:");
  return Line("Device", Printable(status.device_id()) + "   " +
                            (file ? "key in a file" : "key " + Printable(status.key_uri())));
}

std::string ServiceLine(const v1::AgentStatus& status, Millis now, const Style& style) {
  std::string text = Printable(status.service_address()) + "   ";
  if (status.connected()) {
    text += style(Paint::kGood, "connected") + " for " +
            Duration(now - FromMs(status.connected_since_ms()));
  } else {
    text += style(Paint::kBad, "not connected");
    if (!status.connection_error().empty()) text += ": " + Printable(status.connection_error());
  }
  if (!status.manifest_policy_set().empty()) {
    text += ", policy set " + Printable(status.manifest_policy_set());
  }
  return Line("Service", text);
}

std::string VerdictLine(const Standing& standing, Millis now, const Style& style) {
  switch (standing.code) {
    case ExitCode::kOk:
      return Line("Verdict", style(Paint::kGood, "FULL") + "   full access");
    case ExitCode::kInGrace:
      return Line("Verdict", style(Paint::kWarning, "GRACE") + "   full access ends " +
                                 MomentAndDistance(standing.deadline, now));
    case ExitCode::kNotCompliant:
      return Line("Verdict",
                  style(Paint::kBad, TierWord(standing.tier)) + "   " + TierMeaning(standing.tier));
    default:
      return Line("Verdict", style(Paint::kWarning, "UNKNOWN") + "   " + Printable(standing.why));
  }
}

std::string ConcernLines(const v1::AttestationResult& result, const Style& style) {
  std::string text;
  for (const v1::Outcome& outcome : Concerns(result)) {
    const std::string observed =
        outcome.observed().empty() ? "" : "   " + Printable(outcome.observed());
    text +=
        Line(outcome.verdict() == v1::Outcome::VERDICT_FAIL ? "Failing" : "Unclear",
             style(PaintOf(outcome.verdict(), outcome.blocking()), Printable(outcome.policy())) +
                 observed + Since(outcome));
    std::string fix =
        outcome.resolution().empty() ? "" : "fix: " + Printable(outcome.resolution()) + "   ";
    text += Line("", fix + "more: sallyport explain " + Printable(outcome.policy()));
  }
  return text;
}

std::string EvidenceLine(const v1::AgentStatus& status) {
  std::string text;
  if (status.has_result()) {
    text = "judged " +
           Duration(FromMs(status.now_boot_ms()) - FromMs(status.last_result_boot_ms())) + " ago, ";
  }
  text += std::to_string(status.collectors_size()) + " tables";
  if (!status.collector_connected()) text += ", the collector does not run";
  if (status.lease_left_ms() > 0) {
    text += "; without news access stands " + Duration(FromMs(status.lease_left_ms()));
  }
  return Line("Evidence", text);
}

std::string SpoolLine(const v1::AgentStatus& status) {
  if (status.spooled() == 0 && status.spool_dropped() == 0) return "";
  std::string text = std::to_string(status.spooled()) + " offline evidences wait for the service";
  if (status.spool_dropped() > 0) {
    text += ", " + std::to_string(status.spool_dropped()) + " older ones were dropped";
  }
  return Line("Spool", text);
}

std::string Blocks(const v1::Outcome& outcome, Millis now) {
  if (outcome.verdict() == v1::Outcome::VERDICT_PASS) return "nothing";
  const std::string tier = TierWord(outcome.demands());
  const std::string to = tier + " (" + TierMeaning(outcome.demands()) + ")";
  if (outcome.blocking()) return "access is held down to " + to;
  if (outcome.deadline_ms() != 0) {
    return "nothing yet; from " + MomentAndDistance(FromMs(outcome.deadline_ms()), now) + " on " +
           to;
  }
  return "nothing (mode " + Printable(outcome.mode()) + ")";
}

std::string Field(std::string_view name, const std::string& value) {
  if (value.empty()) return "";
  std::string line = "      " + std::string(name);
  line.resize(16, ' ');
  return line + value + "\n";
}

std::string OutcomeText(const v1::Outcome& outcome, Millis now, const Style& style) {
  std::string word = OutcomeWord(outcome.verdict());
  word.resize(std::max<size_t>(word.size(), 4), ' ');
  std::string text = style(PaintOf(outcome.verdict(), outcome.blocking()), word) + "  " +
                     Printable(outcome.policy());
  if (!outcome.description().empty()) text += "   " + Printable(outcome.description());
  text += "\n";
  text += Field("seen", Printable(outcome.observed()));
  text += Field("expected", Printable(outcome.expected()));
  if (outcome.since_ms() != 0) {
    text += Field("since", MomentAndDistance(FromMs(outcome.since_ms()), now));
  }
  text += Field("blocks", Blocks(outcome, now));
  text += Field("fix", Printable(outcome.resolution()));
  std::vector<std::string> tables(outcome.tables().begin(), outcome.tables().end());
  text += Field("read", Printable(Join(tables, ", ")));
  text += Field("case", Printable(outcome.case_code()));
  return text;
}

}  // namespace

std::string StatusText(const v1::AgentStatus& status, Millis now_wall, const Style& style) {
  const Standing standing = StandingOf(status);
  std::string text = DeviceLine(status);
  if (standing.code == ExitCode::kNotEnrolled) {
    if (!status.connection_error().empty()) {
      text += Line("Error", Printable(status.connection_error()));
    }
    return text;
  }
  text += ServiceLine(status, now_wall, style);
  text += VerdictLine(standing, now_wall, style);
  text += ConcernLines(status.last_result(), style);
  text += EvidenceLine(status);
  text += SpoolLine(status);
  return text;
}

Result<std::string> ExplainText(const v1::AgentStatus& status, const std::string& policy,
                                Millis now_wall, const Style& style) {
  const Standing standing = StandingOf(status);
  if (standing.code == ExitCode::kNotEnrolled) return DeviceLine(status);
  std::string text;
  if (policy.empty()) {
    text = VerdictLine(standing, now_wall, style);
    const auto concerns = Concerns(status.last_result());
    for (const v1::Outcome& outcome : concerns) {
      text += "\n" + OutcomeText(outcome, now_wall, style);
    }
    if (concerns.empty() && standing.code == ExitCode::kOk) {
      text += Line(
          "", "all " + std::to_string(status.last_result().outcomes_size()) + " policies pass");
    }
    return text;
  }
  for (const v1::Outcome& outcome : status.last_result().outcomes()) {
    if (outcome.policy() == policy) return OutcomeText(outcome, now_wall, style);
  }
  std::vector<std::string> known;
  for (const v1::Outcome& outcome : status.last_result().outcomes()) {
    known.push_back(outcome.policy());
  }
  return Fail(Code::kNotFound, "the last verdict knows no policy " + Printable(policy) +
                                   (known.empty() ? "" : "; it knows " + Join(known, ", ")));
}

}  // namespace sallyport
