# SPDX-License-Identifier: Apache-2.0
"""sallyport-agent and sallyport against the real service and the real collector of this machine.

The collector runs in a mount namespace of its own, where /etc/swanctl is a folder of the test: a
PSK connection dropped there is the change that the policy minds.
"""
import ctypes
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

BIN = pathlib.Path(sys.argv.pop(1))

POLICIES = """
- name: no-psk
  description: No VPN connection uses a pre-shared key.
  platform: linux
  query: SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM vpn_connections WHERE uses_psk IS NOT 0);
  resolution: Remove the connection.
  sallyport:
    mode: block
    tier: quarantine
    observe: SELECT name FROM vpn_connections WHERE uses_psk IS NOT 0;
    expected: certificates only
"""

PSK = """
connections {
  %s {
    version = 1
    proposals = aes128-sha1-modp1024
    local { auth = psk }
    remote { auth = psk }
  }
}
"""


def eventually(look, what, within=20.0):
    end = time.monotonic() + within
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() >= end:
            raise AssertionError(f"not within {within:g} s: {what}")
        time.sleep(0.02)


class AgentProcessTest(unittest.TestCase):
    SERVICE_OPTIONS = ("--lease", "20s", "--beat-interval", "1s", "--full-interval", "10s")

    def setUp(self):
        self._temp = tempfile.TemporaryDirectory(prefix="sallyport-agent-")
        self.addCleanup(self._temp.cleanup)
        self.folder = pathlib.Path(self._temp.name)
        self.folder.chmod(0o755)
        self.state = self.folder / "state"
        self.socket = self.folder / "run" / "agent.sock"
        self.swanctl = self.folder / "swanctl"
        (self.folder / "run").mkdir(mode=0o755)
        (self.folder / "admin").mkdir()
        (self.swanctl / "conf.d").mkdir(parents=True)
        (self.swanctl / "swanctl.conf").write_text("include conf.d/*.conf\n")
        (self.folder / "policies.yml").write_text(POLICIES)
        self.ports = None
        self.processes = []
        self.addCleanup(self.stop_all)

    # --- processes ---------------------------------------------------------------------------

    def spawn(self, name, *argv):
        log = open(self.folder / f"{name}.log", "ab")
        process = subprocess.Popen([str(one) for one in argv], stdout=log, stderr=log)
        log.close()
        self.processes.append(process)
        return process

    def stop_all(self):
        for process in self.processes:
            process.kill()
            process.wait()
        if sys.exc_info()[0] or getattr(self, "show_logs", False):
            for log in self.folder.glob("*.log"):
                print(log.name, log.read_text()[-2000:], file=sys.stderr)

    def start_service(self):
        ready = self.folder / "service.ready"
        ready.unlink(missing_ok=True)
        enroll, attest = self.ports or ("127.0.0.1:0", "127.0.0.1:0")
        self.service = self.spawn(
            "service", BIN / "sallyport-policyd", "--state", self.folder / "service",
            "--policies", self.folder / "policies.yml", "--trust-domain", "test.example",
            "--enroll-listen", enroll, "--attest-listen", attest, "--server-name", "127.0.0.1",
            "--admin-socket", self.folder / "admin" / "admin.sock", "--ready-file", ready,
            *self.SERVICE_OPTIONS)
        eventually(lambda: ready.exists() and ready.read_text().strip().endswith("}"),
                   "the service listens")
        told = json.loads(ready.read_text())
        self.ports = (told["enroll"], told["attest"])
        self.ca_file = told["ca_file"]

    def start_agent(self, *before):
        self.agent = self.spawn("agent", *before, BIN / "sallyport-agent", "--state", self.state,
                                "--run", self.folder / "run",
                                "--ready-file", self.folder / "agent.ready")
        eventually(lambda: self.sallyport("status").returncode != 6, "the agent answers")

    def start_collector(self):
        self.collector = self.spawn(
            "collector", "unshare", "-m", "sh", "-c",
            f"mount --bind {self.swanctl} /etc/swanctl && exec {BIN}/sallyport-collector "
            f"--socket {self.folder}/run/collector.sock --state {self.folder}/collector "
            f"--service-key {self.state}/service.spki")

    def sallyport(self, *argv, uid=None):
        command = [str(BIN / "sallyport"), "--socket", str(self.socket), *argv]
        if uid is not None:
            command = ["setpriv", f"--reuid={uid}", "--clear-groups", "--"] + command
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def status(self):
        done = self.sallyport("status", "--json")
        if not done.stdout:
            raise AssertionError(f"status exits {done.returncode}: {done.stderr}; agent exited "
                                 f"{self.agent.poll()}: {(self.folder / 'agent.log').read_text()}")
        return json.loads(done.stdout)

    def control(self, *argv):
        done = subprocess.run([str(BIN / "sallyportctl"), "--socket",
                               str(self.folder / "admin" / "admin.sock"), "--json", *argv],
                              capture_output=True, text=True, timeout=20, check=True)
        return json.loads(done.stdout)

    def counter(self, name):
        return self.control("status")["counters"].get(name, 0)

    def token_file(self):
        token = self.control("token", "create", "--role", "device", "--uses", "1",
                             "--ttl", "10m")["token"]
        path = self.folder / "token"
        path.write_text(token + "\n")
        return path

    def enroll(self):
        return self.sallyport("enroll", "--service", self.ports[0], "--ca", self.ca_file,
                              "--token-file", str(self.token_file()), "--state", str(self.state))

    def start_all(self):
        self.start_service()
        self.start_agent()
        enrolled = self.enroll()
        self.assertEqual(enrolled.returncode, 0, enrolled.stderr)
        self.start_collector()
        self.await_exit(0, "the first evidence is accepted")

    def await_exit(self, code, what, within=20.0):
        eventually(lambda: self.sallyport("status").returncode == code,
                   f"{what} (status exits {code})", within)

    def drop_psk(self, name):
        new = self.swanctl / "conf.d" / f".{name}"
        new.write_text(PSK % name)
        new.rename(self.swanctl / "conf.d" / f"{name}.conf")

    def remove_psk(self, name):
        (self.swanctl / "conf.d" / f"{name}.conf").unlink()


class Line(AgentProcessTest):
    def test_enroll_change_explain_and_every_exit_code(self):
        self.start_service()
        self.assertEqual(self.sallyport("status").returncode, 6)
        self.start_agent()
        self.assertEqual(self.sallyport("status").returncode, 7)
        enrolled = self.enroll()
        self.assertEqual(enrolled.returncode, 0, enrolled.stderr)
        self.assertFalse((self.folder / "token").exists())
        self.assertEqual(self.state.stat().st_mode & 0o777, 0o700)
        # Without a collector nothing can be told: the tables travel as timeouts.
        self.await_exit(5, "nothing is known yet")
        self.start_collector()
        self.await_exit(0, "the first evidence is accepted")
        device = enrolled.stdout.strip()
        self.assertEqual(self.status()["device_id"], device)

        self.drop_psk("evil")
        self.await_exit(3, "the PSK connection is seen")
        explained = self.sallyport("explain", "no-psk")
        self.assertEqual(explained.returncode, 3)
        self.assertIn("evil", explained.stdout)
        self.assertIn("certificates only", explained.stdout)
        self.assertIn("QUARANTINE", explained.stdout)
        self.assertEqual(self.sallyport("explain", "no-such").returncode, 2)
        self.remove_psk("evil")
        self.await_exit(0, "it is mended")

        self.assertEqual(self.sallyport("check-now").returncode, 0)
        self.assertEqual(self.sallyport("frobnicate").returncode, 2)
        self.assertEqual(self.sallyport("tables").returncode, 0)
        foreign = self.sallyport("status", uid=65534)
        self.assertEqual(foreign.returncode, 0, foreign.stderr)
        self.assertEqual(self.sallyport("check-now", uid=65534).returncode, 8)
        self.assertEqual(self.sallyport("evidence", "show", uid=65534).returncode, 8)
        doctor = self.sallyport("doctor", "--state", str(self.state))
        self.assertEqual(doctor.returncode, 0, doctor.stdout)

        shown = self.sallyport("evidence", "show", "--raw", str(self.folder / "raw"))
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("signature verifies with key", shown.stdout)
        self.assertIn("vpn_connections", shown.stdout)
        self.assertGreater((self.folder / "raw").stat().st_size, 100)

        self.agent.terminate()
        self.assertEqual(self.agent.wait(10), 0)
        self.assertEqual(self.sallyport("status").returncode, 6)
        self.assertEqual(self.sallyport("doctor").returncode, 1)

    def test_flipped_byte_in_the_shown_evidence_exits_9(self):
        self.start_all()
        answer = self.ask(b"\x1a\x00")  # LocalRequest.evidence
        payload_at = answer.index(b"application/vnd.sallyport.evidence") // 2
        forged = bytearray(answer)
        forged[payload_at] ^= 1
        path = self.folder / "forger.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen(1)
            command = subprocess.Popen([str(BIN / "sallyport"), "--socket", str(path), "evidence",
                                        "show"], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.PIPE, text=True)
            peer, _ = listener.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(struct.pack(">I", len(forged)) + bytes(forged))
                _, talk = command.communicate(timeout=20)
        self.assertEqual(command.returncode, 9, talk)

    def ask(self, request):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.socket))
            client.sendall(struct.pack(">I", len(request)) + request)
            stream = client.makefile("rb")
            (length,) = struct.unpack(">I", stream.read(4))
            return stream.read(length)

    def test_spent_token_is_refused_and_kept(self):
        self.start_service()
        self.assertEqual(self.enroll().returncode, 0)
        spent = self.folder / "spent"
        token = self.token_file()
        spent.write_text(token.read_text())
        self.state.rename(self.folder / "first")
        self.assertEqual(self.enroll_with(token).returncode, 0)
        self.state.rename(self.folder / "second")
        refused = self.enroll_with(spent)
        self.assertEqual(refused.returncode, 8)
        self.assertTrue(spent.exists())
        self.assertNotIn(spent.read_text().strip(), refused.stderr)
        self.assertFalse((self.state / "enrollment.json").exists())

    def enroll_with(self, token):
        return self.sallyport("enroll", "--service", self.ports[0], "--ca", self.ca_file,
                              "--token-file", str(token), "--state", str(self.state))


class Outages(AgentProcessTest):
    def test_service_killed_and_back_is_met_again(self):
        self.start_all()
        self.service.kill()
        self.service.wait()
        eventually(lambda: not self.status()["service"]["connected"], "the loss is noticed")
        self.assertEqual(self.sallyport("status").returncode, 0)  # the lease still stands
        asked = time.monotonic()
        self.assertEqual(self.sallyport("check-now").returncode, 0)
        self.assertLess(time.monotonic() - asked, 10, "a try that failed is an answer")
        self.start_service()
        eventually(lambda: self.status()["service"]["connected"], "the agent is back", 30)
        self.await_exit(0, "and compliant")

    def test_history_of_an_outage_is_delivered_also_after_kill_9(self):
        self.start_all()
        self.service.kill()
        self.service.wait()
        eventually(lambda: not self.status()["service"]["connected"], "the loss is noticed")
        self.drop_psk("evil")
        eventually(lambda: self.status()["spool"]["waiting"] >= 1, "the change is spooled")
        self.agent.send_signal(signal.SIGKILL)
        self.agent.wait()
        self.remove_psk("evil")
        self.start_agent()
        eventually(lambda: self.status()["spool"]["waiting"] >= 2, "the second run spools, too")
        waiting = self.status()["spool"]["waiting"]

        self.start_service()
        eventually(lambda: self.status()["spool"]["waiting"] == 0, "the history is delivered", 60)
        self.await_exit(0, "live evidence follows")
        self.assertEqual(self.status()["spool"]["dropped"], 0)
        self.assertGreaterEqual(self.counter("evidence_offline"), waiting)

    def test_collector_killed_and_started_again_goes_on(self):
        self.start_all()
        self.collector.kill()
        self.collector.wait()
        eventually(lambda: not self.status()["collector_connected"], "the loss is noticed")
        self.start_collector()
        eventually(lambda: self.status()["collector_connected"], "the link is back")
        self.drop_psk("evil")
        self.await_exit(3, "changes are seen again")


class AnotherNetwork(AgentProcessTest):
    SERVICE_OPTIONS = ("--lease", "10m", "--beat-interval", "1s", "--full-interval", "10s")
    CLONE_NEWNET = 0x40000000  # unshare(2)

    def test_address_that_comes_ends_a_long_wait(self):
        # Addresses are changed, so not in the namespace of this machine.
        libc = ctypes.CDLL(None, use_errno=True)
        self.assertEqual(libc.unshare(self.CLONE_NEWNET), 0, os.strerror(ctypes.get_errno()))
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        self.start_all()
        self.service.kill()
        self.service.wait()

        def wait_told_last():
            waits = re.findall(r"next try in (\d+) ms", (self.folder / "agent.log").read_text())
            return int(waits[-1]) if waits else 0

        eventually(lambda: wait_told_last() > 8000, "a wait that is worth cutting short", 120)
        self.start_service()
        subprocess.run(["ip", "address", "add", "127.0.0.7/32", "dev", "lo"], check=True)
        eventually(lambda: self.status()["service"]["connected"], "the agent is back", 4)


class ShortLeaves(AgentProcessTest):
    SERVICE_OPTIONS = ("--lease", "20s", "--beat-interval", "1s", "--full-interval", "10s",
                       "--leaf-lifetime", "6s")

    def test_stream_moves_to_a_new_leaf_without_ever_being_down(self):
        self.start_all()
        first = self.status()["service"]["certificate_not_after"]
        told = self.folder / "watch.log"
        self.spawn("watch", BIN / "sallyport", "--socket", self.socket, "status", "--watch",
                   "--json")
        eventually(lambda: told.read_text().endswith("\n"), "who watches is told")
        eventually(lambda: self.counter("leaves_issued") >= 3 and
                   self.status()["service"]["certificate_not_after"] != first, "two renewals", 30)
        states = [json.loads(line)["service"]["connected"]
                  for line in told.read_text().splitlines()]
        self.assertEqual(set(states), {True})
        self.assertNotIn("next try", (self.folder / "agent.log").read_text())
        self.await_exit(0, "still compliant")


if __name__ == "__main__":
    unittest.main()
