# SPDX-License-Identifier: Apache-2.0
"""The sallyport command against real processes: enrolling, watching, and the doctor."""
import contextlib
import json
import os
import pwd
import re
import selectors
import signal
import socket
import subprocess
import time
import unittest

from agent_process_test import BIN, AgentProcessTest, eventually

NOBODY = pwd.getpwnam("nobody")


@contextlib.contextmanager
def socket_without_listener():
    """A port that is bound, so that nobody else can listen there."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def make_ca(path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=another CA",
                    "-keyout", "/dev/null", "-out", path], check=True, capture_output=True)


class Enroll(AgentProcessTest):
    def enroll_as(self, user, **changed):
        options = {"--service": self.ports[0], "--ca": self.ca_file,
                   "--token-file": str(self.token_file()), "--state": str(self.state), **changed}
        argv = [word for option in options.items() for word in option]
        return self.sallyport("enroll", *argv, *(["--user", user] if user else []))

    def test_folder_is_given_to_the_user_that_the_agent_runs_as(self):
        self.start_service()
        enrolled = self.enroll_as("nobody")
        self.assertEqual(enrolled.returncode, 0, enrolled.stderr)
        for path in [self.state, *self.state.iterdir()]:
            self.assertEqual((path.stat().st_uid, path.stat().st_gid),
                             (NOBODY.pw_uid, NOBODY.pw_gid), path)
        self.assertEqual(self.state.stat().st_mode & 0o777, 0o700)
        self.assertEqual((self.state / "identity.key").stat().st_mode & 0o777, 0o600)
        self.folder.joinpath("run").chmod(0o777)
        self.start_agent("setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}",
                         "--clear-groups", "--no-new-privs", "--")
        eventually(lambda: self.status()["service"]["connected"], "that user's agent connects")

    def test_user_that_is_not_there_costs_no_token(self):
        self.start_service()
        refused = self.enroll_as("nobody-at-all")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("no user nobody-at-all", refused.stderr)
        self.assertTrue((self.folder / "token").exists())
        self.assertFalse(self.state.exists())

    def test_service_that_is_not_there_exits_5_and_keeps_the_token(self):
        self.start_service()
        with socket_without_listener() as port:
            refused = self.enroll_as("", **{"--service": f"127.0.0.1:{port}"})
        self.assertEqual(refused.returncode, 5, refused.stderr)
        self.assertTrue((self.folder / "token").exists())
        self.assertFalse((self.state / "enrollment.json").exists())

    def test_service_of_another_ca_exits_9_and_gets_no_token(self):
        self.start_service()
        other = self.folder / "other.crt"
        make_ca(other)
        refused = self.enroll_as("", **{"--ca": str(other)})
        self.assertEqual(refused.returncode, 9, refused.stderr)
        self.assertTrue((self.folder / "token").exists())
        self.assertEqual(self.enroll_as("", **{"--token-file": str(self.folder / "token")})
                         .returncode, 0)


class WatchTest(AgentProcessTest):
    unread = b""

    def watch(self, *argv):
        watch = subprocess.Popen([BIN / "sallyport", "--socket", self.socket, "status", "--watch",
                                  *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 bufsize=0)
        self.processes.append(watch)
        self.addCleanup(watch.stderr.close)
        self.addCleanup(watch.stdout.close)
        return watch

    def lines_until(self, watch, what, is_last, within=20.0):
        """The lines up to the first that is_last says yes to."""
        end = time.monotonic() + within
        seen = []
        with selectors.DefaultSelector() as selector:
            selector.register(watch.stdout, selectors.EVENT_READ)
            while not seen or not is_last(seen[-1]):
                while b"\n" not in self.unread:
                    if not selector.select(end - time.monotonic()):
                        raise AssertionError(f"not within {within:g} s: {what}; seen: {seen}")
                    got = os.read(watch.stdout.fileno(), 65536)
                    if not got:
                        raise AssertionError(f"it ended before: {what}; seen: {seen}")
                    self.unread += got
                line, self.unread = self.unread.split(b"\n", 1)
                seen.append(line.decode())
        return seen


class Watch(WatchTest):
    def test_each_change_is_a_line_of_json_and_nothing_else_is(self):
        self.start_all()
        watch = self.watch("--json")

        def standing(wanted):
            return lambda line: json.loads(line)["verdict"]["standing"] == wanted

        self.lines_until(watch, "the status now", standing("compliant"))
        self.drop_psk("evil")
        self.lines_until(watch, "the PSK connection is seen", standing("not_compliant"))
        self.remove_psk("evil")
        self.lines_until(watch, "it is mended", standing("compliant"))
        before = self.counter("evidence_accepted")
        beats = self.counter("beats_accepted")
        # Evidence of the same facts, and beats, are no news.
        eventually(lambda: self.counter("evidence_accepted") > before and
                   self.counter("beats_accepted") > beats + 2, "the service hears more", 30)
        self.collector.kill()
        later = self.lines_until(watch, "the collector is gone",
                                 lambda line: not json.loads(line)["collector_connected"])
        self.assertEqual(len(later), 1, later)

        self.agent.terminate()
        self.assertEqual(self.agent.wait(10), 0)
        _, talk = watch.communicate(timeout=10)
        self.assertEqual(watch.returncode, 6, talk)

    def test_text_shows_each_status_under_its_moment(self):
        self.start_service()
        self.start_agent()
        watch = self.watch()
        self.lines_until(watch, "not enrolled", lambda line: "not enrolled" in line)
        self.assertEqual(self.enroll().returncode, 0)
        seen = self.lines_until(watch, "connected", lambda line: "connected for" in line)
        self.assertTrue([line for line in seen if re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line)], seen)


class WatchSilence(WatchTest):
    SERVICE_OPTIONS = ("--lease", "4s", "--beat-interval", "1s", "--full-interval", "60s")

    def test_end_of_a_lease_is_told_though_nothing_else_happens(self):
        self.start_all()
        watch = self.watch("--json")
        self.service.send_signal(signal.SIGSTOP)
        # The stream stands until a beat has gone unanswered for 20 s.
        seen = self.lines_until(watch, "the lease has ended",
                                lambda line: json.loads(line)["lease_left_ms"] == 0, within=12)
        self.assertTrue(json.loads(seen[-1])["service"]["connected"])


class Doctor(AgentProcessTest):
    CONF = """
charon-systemd {
  load = random nonce openssl kernel-netlink socket-default vici
  plugins { vici { socket = unix://%s } }
}
"""

    def test_charon_is_asked_over_vici(self):
        vici = self.folder / "charon.vici"
        conf = self.folder / "strongswan.conf"
        conf.write_text(self.CONF % vici)
        doctor = self.sallyport("doctor", "--vici", str(vici))
        self.assertIn("FAIL  DR060", doctor.stdout)
        # Its ports are in a network namespace of its own.
        self.spawn("charon", "unshare", "-n", "env", f"STRONGSWAN_CONF={conf}",
                   "/usr/sbin/charon-systemd")
        eventually(vici.exists, "charon listens")
        eventually(lambda: re.search(r"PASS  DR060 charon +charon-systemd 5\.",
                                     self.sallyport("doctor", "--vici", str(vici)).stdout),
                   "charon answers")

    def outcomes(self, *argv):
        doctor = self.sallyport("doctor", "--json", "--state", str(self.state), *argv)
        checks = json.loads(doctor.stdout)["checks"]
        return doctor.returncode, {check["id"]: check for check in checks}

    def test_without_an_agent_it_says_so_and_exits_1(self):
        code, checks = self.outcomes()
        self.assertEqual(code, 1)
        self.assertEqual(checks["DR001"]["outcome"], "fail")
        self.assertEqual(checks["DR001"]["fix"], "systemctl start sallyport-agent")
        self.assertNotIn("DR020", checks)  # nobody told where the service is

    def test_service_that_is_away_fails_at_the_network(self):
        self.start_all()
        self.assertEqual(self.outcomes()[0], 0)
        self.service.kill()
        self.service.wait()
        eventually(lambda: not self.status()["service"]["connected"], "the loss is noticed")
        code, checks = self.outcomes()
        self.assertEqual(code, 1)
        self.assertEqual(checks["DR020"]["outcome"], "fail")
        self.assertIn("Connection refused", checks["DR020"]["detail"])
        self.assertEqual(checks["DR022"]["outcome"], "fail")
        self.assertEqual(checks["DR041"]["outcome"], "pass")  # still enrolled

    def test_service_of_another_ca_is_reached_and_not_believed(self):
        self.start_service()
        self.assertEqual(self.enroll().returncode, 0)
        make_ca(self.state / "ca.crt")
        self.start_agent()
        eventually(lambda: self.status()["service"]["error"], "the handshake has failed")
        code, checks = self.outcomes()
        self.assertEqual(code, 1)
        self.assertEqual(checks["DR020"]["outcome"], "pass")
        self.assertEqual(checks["DR022"]["outcome"], "fail")
        self.assertIn("not of this CA", checks["DR022"]["detail"])

    def test_key_that_others_may_read_fails_the_doctor(self):
        self.start_all()
        (self.state / "identity.key").chmod(0o644)
        code, checks = self.outcomes()
        self.assertEqual(code, 1)
        self.assertEqual(checks["DR040"]["outcome"], "fail")



if __name__ == "__main__":
    unittest.main()
