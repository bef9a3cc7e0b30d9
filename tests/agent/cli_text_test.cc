// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <time.h>

#include <QByteArray>

#include "agent/cli/doctor.h"
#include "agent/cli/human.h"
#include "agent/cli/standing.h"
#include "agent/cli/status_text.h"
#include "tests/agent/cli_samples.h"

namespace sallyport {
namespace {

const Style kPlain(false);

class CliText : public testing::Test {
 protected:
  CliText() {
    qputenv("TZ", "UTC");
    tzset();
  }
};

TEST_F(CliText, StatusInGraceNamesTheDeadlineInHumanTerms) {
  EXPECT_EQ(StatusText(SampleStatus(), kSampleNow, kPlain),
            "Device    laptop-4711   key in a file\n"
            "Service   posture.corp.example:8443   connected for 2 h 10 m, policy set "
            "2026-11-20.3\n"
            "Verdict   GRACE   full access ends 2026-11-24 09:00 (in 1 d 3 h)\n"
            "Failing   disk-encryption   /: device=/dev/sda2, protection=off (since 2026-11-21 "
            "09:00)\n"
            "          fix: https://help.corp.example/luks   more: sallyport explain "
            "disk-encryption\n"
            "Evidence  judged 40 s ago, 1 tables; without news access stands 4 m 20 s\n");
}

TEST_F(CliText, StatusInQuarantineSaysWhatIsLeft) {
  EXPECT_EQ(StatusText(SampleQuarantined(), kSampleNow, kPlain),
            "Device    laptop-4711   key in a file\n"
            "Service   posture.corp.example:8443   connected for 2 h 10 m, policy set "
            "2026-11-20.3\n"
            "Verdict   QUARANTINE   only what helps to mend this laptop is reachable\n"
            "Failing   disk-encryption   /: device=/dev/sda2, protection=off (since 2026-11-21 "
            "09:00)\n"
            "          fix: https://help.corp.example/luks   more: sallyport explain "
            "disk-encryption\n"
            "Evidence  judged 40 s ago, 1 tables; without news access stands 4 m 20 s\n");
}

TEST_F(CliText, StatusOfflineSaysWhyAndWhatWaits) {
  v1::AgentStatus status = SampleCompliant();
  status.set_connected(false);
  status.set_connection_error("Connection refused");
  status.set_lease_left_ms(0);
  status.set_spooled(3);
  status.set_spool_dropped(2);
  EXPECT_EQ(StatusText(status, kSampleNow, kPlain),
            "Device    laptop-4711   key in a file\n"
            "Service   posture.corp.example:8443   not connected: Connection refused, policy set "
            "2026-11-20.3\n"
            "Verdict   UNKNOWN   the policy service is not reached: Connection refused\n"
            "Evidence  judged 40 s ago, 1 tables\n"
            "Spool     3 offline evidences wait for the service, 2 older ones were dropped\n");
}

TEST_F(CliText, StatusNotEnrolledSaysWhatToType) {
  EXPECT_EQ(StatusText(v1::AgentStatus(), kSampleNow, kPlain),
            "Device    not enrolled   enroll: sallyport enroll --service HOST:PORT --ca FILE "
            "--token-file FILE\n");
}

TEST_F(CliText, ColourComesBesideTheWordNeverInsteadOfIt) {
  const std::string text = StatusText(SampleQuarantined(), kSampleNow, Style(true));
  EXPECT_NE(text.find("\033[31mQUARANTINE\033[0m"), std::string::npos);
}

TEST_F(CliText, ColourOnlyOnATerminalAndNotWithNoColor) {
  EXPECT_TRUE(WantsColor(true, nullptr));
  EXPECT_TRUE(WantsColor(true, ""));
  EXPECT_FALSE(WantsColor(true, "1"));
  EXPECT_FALSE(WantsColor(false, nullptr));
}

TEST_F(CliText, ExplainAnswersEveryQuestionOfOnePolicy) {
  EXPECT_EQ(ExplainText(SampleStatus(), "disk-encryption", kSampleNow, kPlain).value(),
            "FAIL  disk-encryption   The disk is encrypted\n"
            "      seen      /: device=/dev/sda2, protection=off\n"
            "      expected  protection on\n"
            "      since     2026-11-21 09:00 (1 d 21 h ago)\n"
            "      blocks    nothing yet; from 2026-11-24 09:00 (in 1 d 3 h) on QUARANTINE (only "
            "what helps to mend this laptop is reachable)\n"
            "      fix       https://help.corp.example/luks\n"
            "      read      disk_volumes\n"
            "      case      SP-7F3K21\n");
}

TEST_F(CliText, ExplainWithoutAPolicyShowsAllThatDoNotPass) {
  const std::string text = ExplainText(SampleQuarantined(), "", kSampleNow, kPlain).value();
  EXPECT_TRUE(text.starts_with("Verdict   QUARANTINE")) << text;
  EXPECT_NE(text.find("blocks    access is held down to QUARANTINE"), std::string::npos) << text;
  EXPECT_EQ(text.find("edr-running"), std::string::npos) << text;
}

TEST_F(CliText, ExplainWhenAllIsWellSaysSo) {
  EXPECT_EQ(ExplainText(SampleCompliant(), "", kSampleNow, kPlain).value(),
            "Verdict   FULL   full access\n"
            "          all 1 policies pass\n");
}

TEST_F(CliText, ExplainOfAnUnknownPolicyNamesTheKnownOnes) {
  const auto text = ExplainText(SampleStatus(), "disk", kSampleNow, kPlain);
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().message,
            "the last verdict knows no policy disk; it knows edr-running, disk-encryption");
}

TEST_F(CliText, AnUnclearPolicyThatBlocksIsAsBadAsAFailingOne) {
  v1::AgentStatus status = SampleQuarantined();
  const auto colour = [&] {
    const std::string text = StatusText(status, kSampleNow, Style(true));
    const size_t at = text.find("Unclear   ");
    return at == std::string::npos ? text : text.substr(at + 10, 5);
  };
  v1::Outcome* outcome = status.mutable_last_result()->mutable_outcomes(1);
  outcome->set_verdict(v1::Outcome::VERDICT_UNKNOWN);
  outcome->set_blocking(true);
  const std::string blocking = colour();
  outcome->set_blocking(false);
  EXPECT_NE(blocking, colour());
}

TEST_F(CliText, KeyServiceAndCollectorAreToldAsTheyAre) {
  v1::AgentStatus status = SampleStatus();
  status.set_key_uri("handle:0x81010002");
  status.set_connected(false);
  status.set_connection_error("re\033[2Jfused");
  status.set_collector_connected(false);
  status.mutable_last_result()->mutable_outcomes(1)->set_deadline_ms(Ms(kSampleNow));
  const std::string text = StatusText(status, kSampleNow, kPlain);
  EXPECT_NE(text.find("   key handle:0x81010002\n"), std::string::npos) << text;
  EXPECT_NE(text.find("not connected: re\\x1B[2Jfused"), std::string::npos) << text;
  EXPECT_NE(text.find(" tables, the collector does not run"), std::string::npos) << text;
}

TEST_F(CliText, ValuesOfStrangersCannotMoveTheCursor) {
  v1::AgentStatus status = SampleStatus();
  status.mutable_last_result()->mutable_outcomes(1)->set_observed("a\033[2Jb\nc\u0085d é");
  const std::string text = StatusText(status, kSampleNow, kPlain);
  EXPECT_NE(text.find("a\\x1B[2Jb\\x0Ac\\xC2\\x85d é"), std::string::npos) << text;
}

TEST(Human, DurationsNameTheTwoLargestUnits) {
  EXPECT_EQ(Duration(Millis(0)), "0 s");
  EXPECT_EQ(Duration(Millis(999)), "under 1 s");
  EXPECT_EQ(Duration(Millis(40'000)), "40 s");
  EXPECT_EQ(Duration(Millis(60'000)), "1 m");
  EXPECT_EQ(Duration(Millis(7'800'000)), "2 h 10 m");
  EXPECT_EQ(Duration(Millis(97'200'000)), "1 d 3 h");
  EXPECT_EQ(Duration(Millis(86'400'000 + 59'000)), "1 d");
}

// --- the exit codes of status -----------------------------------------------------------------

TEST(Standing, FullAndNothingFailingIsZero) {
  EXPECT_EQ(StandingOf(SampleCompliant()).code, ExitCode::kOk);
}

TEST(Standing, FailingPolicyThatOnlyReportsIsZero) {
  v1::AgentStatus status = SampleStatus();
  status.mutable_last_result()->mutable_outcomes(1)->set_mode("report");
  status.mutable_last_result()->mutable_outcomes(1)->set_deadline_ms(0);
  EXPECT_EQ(StandingOf(status).code, ExitCode::kOk);
}

TEST(Standing, ReducedAccessIsThree) {
  EXPECT_EQ(StandingOf(SampleQuarantined()).code, ExitCode::kNotCompliant);
}

TEST(Standing, NoAccessIsThreeAlsoWithoutALease) {
  v1::AgentStatus status = SampleQuarantined();
  status.mutable_last_result()->set_tier(v1::TIER_NONE);
  status.set_tier(v1::TIER_UNSPECIFIED);
  status.set_lease_left_ms(0);
  EXPECT_EQ(StandingOf(status).code, ExitCode::kNotCompliant);
  EXPECT_EQ(StandingOf(status).tier, v1::TIER_NONE);
}

TEST(Standing, RunningDeadlineIsFour) {
  const Standing standing = StandingOf(SampleStatus());
  EXPECT_EQ(standing.code, ExitCode::kInGrace);
  EXPECT_EQ(standing.deadline, kSampleNow + kHour * 27);
}

TEST(Standing, DeadlineThatIsOverIsNotTheOneThatIsNamed) {
  v1::AgentStatus status = SampleQuarantined();
  status.mutable_last_result()->mutable_outcomes(1)->set_deadline_ms(Ms(kSampleNow - kHour));
  v1::Outcome* in_grace = status.mutable_last_result()->add_outcomes();
  in_grace->set_policy("os-supported");
  in_grace->set_verdict(v1::Outcome::VERDICT_FAIL);
  in_grace->set_deadline_ms(Ms(kSampleNow + kHour));
  EXPECT_EQ(StandingOf(status).code, ExitCode::kNotCompliant);
  EXPECT_EQ(StandingOf(status).deadline, kSampleNow + kHour);
}

TEST(Standing, NoVerdictRefusedEvidenceAndEndedLeaseAreFive) {
  v1::AgentStatus none = SampleCompliant();
  none.set_has_result(false);
  EXPECT_EQ(StandingOf(none).code, ExitCode::kCannotTell);

  v1::AgentStatus refused = SampleCompliant();
  refused.mutable_last_result()->set_verdict(v1::AttestationResult::VERDICT_REFUSED);
  refused.mutable_last_result()->set_reason("bad_signature");
  EXPECT_EQ(StandingOf(refused).code, ExitCode::kCannotTell);
  EXPECT_EQ(StandingOf(refused).why, "the last evidence was refused: bad_signature");

  v1::AgentStatus ended = SampleCompliant();
  ended.set_connected(false);
  ended.set_lease_left_ms(0);
  EXPECT_EQ(StandingOf(ended).code, ExitCode::kCannotTell);
}

TEST(Standing, LostConnectionChangesNothingWhileTheLeaseLasts) {
  v1::AgentStatus status = SampleCompliant();
  status.set_connected(false);
  EXPECT_EQ(StandingOf(status).code, ExitCode::kOk);
}

TEST(Standing, NotEnrolledIsSeven) {
  EXPECT_EQ(StandingOf(v1::AgentStatus()).code, ExitCode::kNotEnrolled);
}

// --- doctor -----------------------------------------------------------------------------------

Findings Healthy() {
  Findings found;
  found.remedies = {.start_agent = "systemctl start sallyport-agent",
                    .restart_collector = "systemctl restart sallyport-collector",
                    .set_clock = "turn on time synchronisation (timedatectl)",
                    .close_key = "chmod 600 the key file, and enroll anew",
                    .look_at_key = "run doctor as root to have it checked",
                    .restart_charon = "systemctl restart strongswan"};
  found.agent = SampleCompliant();
  found.tcp = Millis(3);
  found.key = KeyFile{false, "mode 0600"};
  found.disk_free = uint64_t{5} << 30;
  return found;
}

TEST_F(CliText, DoctorOfAHealthyLaptop) {
  const auto checks = Diagnose(Healthy(), kSampleNow);
  EXPECT_EQ(DoctorText(checks, kPlain),
            "PASS  DR001 agent                   runs, version 0.1.0\n"
            "PASS  DR010 clock                   skew 0.2 s against the service\n"
            "PASS  DR020 service-tcp             posture.corp.example:8443 reached in 3 ms\n"
            "PASS  DR021 tls-certificate         client certificate valid for 6 h\n"
            "PASS  DR022 service-stream          TLS 1.3, connected for 2 h 10 m\n"
            "PASS  DR030 collector               runs\n"
            "PASS  DR031 collector-disk_volumes  2 rows in 3 ms, read 40 s ago\n"
            "PASS  DR040 identity-key            in a file, mode 0600\n"
            "PASS  DR041 enrollment              laptop-4711\n"
            "PASS  DR050 policy-set              2026-11-20.3\n"
            "PASS  DR051 verdict                 full access, judged 40 s ago\n"
            "SKIP  DR060 charon                  not asked; name its socket with --vici\n"
            "PASS  DR070 disk-space              5120 MiB free for the state folder\n"
            "PASS  DR071 spool                   0 offline evidences wait\n"
            "14 checks: 13 pass, 0 warn, 0 fail, 1 skipped\n");
  EXPECT_EQ(DoctorCode(checks), ExitCode::kOk);
}

std::string OutcomeOf(const Findings& found, const std::string& id) {
  for (const Check& check : Diagnose(found, kSampleNow)) {
    if (check.id == id) return OutcomeName(check.outcome);
  }
  return "absent";
}

// "WARN skew 30.0 s against the service; fix: ..."
std::string Shown(const Findings& found, const std::string& id) {
  for (const Check& check : Diagnose(found, kSampleNow)) {
    if (check.id != id) continue;
    return std::string(OutcomeName(check.outcome)) + " " + check.detail +
           (check.fix.empty() ? "" : "; fix: " + check.fix);
  }
  return "absent";
}

TEST(Doctor, ClockCertificateAndDiskAreWorseFromTheirBoundOn) {
  Findings found = Healthy();
  const auto clock = [&](int64_t skew) {
    found.agent->set_clock_skew_ms(skew);
    return Shown(found, "DR010");
  };
  const std::string fix = " against the service; fix: turn on time synchronisation (timedatectl)";
  EXPECT_EQ(clock(29'999), "PASS skew 29.9 s against the service");
  EXPECT_EQ(clock(-30'000), "WARN skew 30.0 s" + fix);
  EXPECT_EQ(clock(299'999), "WARN skew 299.9 s" + fix);
  EXPECT_EQ(clock(300'000), "FAIL skew 300.0 s" + fix);
  found.agent->set_leaf_not_after_ms(Ms(kSampleNow));
  EXPECT_EQ(OutcomeOf(found, "DR021"), "FAIL");
  const auto disk = [&](uint64_t free) {
    found.disk_free = free;
    return OutcomeOf(found, "DR070");
  };
  EXPECT_EQ(disk(100ULL << 20), "PASS");
  EXPECT_EQ(disk((100ULL << 20) - 1), "WARN");
  EXPECT_EQ(disk(20ULL << 20), "WARN");
  EXPECT_EQ(disk((20ULL << 20) - 1), "FAIL");
}

TEST(Doctor, ATableIsShownByItsState) {
  Findings found = Healthy();
  v1::CollectorState* table = found.agent->mutable_collectors(0);
  table->set_rows(1);
  EXPECT_EQ(Shown(found, "DR031"), "PASS 1 row in 3 ms, read 40 s ago");
  table->set_error("since\n12:00");
  using Result = v1::TableResult;
  const std::pair<Result::State, const char*> kStates[] = {
      {Result::STATE_ABSENT, "WARN absent"},
      {Result::STATE_UNSUPPORTED, "WARN unsupported"},
      {Result::STATE_SUPPRESSED, "WARN suppressed"},
      {Result::STATE_DENIED, "FAIL denied"},
      {Result::STATE_TIMEOUT, "FAIL timeout"},
      {Result::STATE_ERROR, "FAIL error"},
      {Result::STATE_UNSPECIFIED, "FAIL unknown"}};
  for (const auto& [state, shown] : kStates) {
    table->set_state(state);
    EXPECT_EQ(Shown(found, "DR031"), std::string(shown) + ": since\\x0A12:00");
  }
}

TEST(Doctor, WhatIsNoFaultYetAndWhatStrangersSay) {
  Findings found = Healthy();
  found.key = Fail(Code::kNotFound, "no key");
  EXPECT_EQ(Shown(found, "DR040"), "FAIL no key; fix: enroll anew");
  found.key = Fail(Code::kDenied, "not for you");
  EXPECT_EQ(Shown(found, "DR040"), "SKIP not for you; fix: run doctor as root to have it checked");
  found.agent->clear_manifest_policy_set();
  EXPECT_EQ(Shown(found, "DR050"), "WARN no manifest of the service yet");
  found.tcp = Fail(Code::kUnavailable, "re\033[2Jfused");
  EXPECT_EQ(Shown(found, "DR020").substr(0, 53),
            "FAIL posture.corp.example:8443: re\\x1B[2Jfused; fix: ");
  found.agent = SampleStatus();
  EXPECT_EQ(Shown(found, "DR051").substr(0, 22), "WARN full access until");
}

TEST(Doctor, FixesAreThoseOfTheSystem) {
  Findings found = Healthy();
  found.remedies.restart_collector = "net start Sallyport";
  found.remedies.close_key = "icacls";
  found.agent->set_collector_connected(false);
  found.key = KeyFile{true, "others may read it"};
  std::vector<std::string> fixes;
  for (const Check& check : Diagnose(found, kSampleNow)) {
    if (check.outcome == Check::Outcome::kFail) fixes.push_back(check.fix);
  }
  EXPECT_EQ(fixes, (std::vector<std::string>{"net start Sallyport", "icacls"}));
}

TEST(Doctor, EveryFaultIsFoundByItsOwnCheck) {
  Findings found = Healthy();
  found.agent->set_clock_skew_ms(-40'000);
  EXPECT_EQ(OutcomeOf(found, "DR010"), "WARN");
  found.agent->set_clock_skew_ms(-400'000);
  EXPECT_EQ(OutcomeOf(found, "DR010"), "FAIL");
  found.tcp = Fail(Code::kUnavailable, "refused");
  EXPECT_EQ(OutcomeOf(found, "DR020"), "FAIL");
  found.agent->set_leaf_not_after_ms(Ms(kSampleNow) - 1);
  EXPECT_EQ(OutcomeOf(found, "DR021"), "FAIL");
  found.agent->set_connected(false);
  EXPECT_EQ(OutcomeOf(found, "DR022"), "FAIL");
  found.agent->set_collector_connected(false);
  EXPECT_EQ(OutcomeOf(found, "DR030"), "FAIL");
  found.agent->mutable_collectors(0)->set_state(v1::TableResult::STATE_DENIED);
  EXPECT_EQ(OutcomeOf(found, "DR031"), "FAIL");
  found.key = KeyFile{true, "mode 0640"};
  EXPECT_EQ(OutcomeOf(found, "DR040"), "FAIL");
  found.key = Fail(Code::kDenied, "not for you");
  EXPECT_EQ(OutcomeOf(found, "DR040"), "SKIP");
  found.agent->set_has_result(false);
  EXPECT_EQ(OutcomeOf(found, "DR051"), "FAIL");
  found.vici = Fail(Code::kUnavailable, "refused");
  EXPECT_EQ(OutcomeOf(found, "DR060"), "FAIL");
  found.disk_free = uint64_t{50} << 20;
  EXPECT_EQ(OutcomeOf(found, "DR070"), "WARN");
  found.disk_free = uint64_t{1} << 20;
  EXPECT_EQ(OutcomeOf(found, "DR070"), "FAIL");
  found.agent->set_spool_dropped(1);
  EXPECT_EQ(OutcomeOf(found, "DR071"), "WARN");
  found.agent->clear_device_id();
  EXPECT_EQ(OutcomeOf(found, "DR041"), "FAIL");
  found.agent = tl::unexpected(Error{Code::kUnavailable, "nobody answers"});
  EXPECT_EQ(OutcomeOf(found, "DR001"), "FAIL");
  EXPECT_EQ(DoctorCode(Diagnose(found, kSampleNow)), ExitCode::kFindings);
}

}  // namespace
}  // namespace sallyport
