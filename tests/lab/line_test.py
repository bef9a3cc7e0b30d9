#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole line as its users meet it: the owner's commands, what leaves the laptop, who runs as
whom, and what happens when a part of the laptop's side is damaged. Usage: line_test.py BIN."""
import json
import re

from netlab import nodes
from netlab.line_case import RECOVERY, LineCase, main
from netlab.product import ENROLL_PORT, WEAK_CONNECTION
from netlab.waiting import eventually


class Line(LineCase):
    def test_status_and_doctor_tell_a_healthy_line_from_one_without_a_service(self):
        self.standing()
        status = self.product.sallyport("status")
        self.assertEqual((status.returncode, "FULL" in status.stdout), (0, True), status.stdout)
        doctor = self.doctor()
        self.assertEqual((doctor.returncode, "FAIL" in doctor.stdout), (0, False), doctor.stdout)

        self.lab.book.find("policyd").kill()
        eventually(lambda: self.product.sallyport("status").returncode == 5,
                   "status says that it cannot tell", 10)
        doctor = self.doctor()
        self.assertEqual(doctor.returncode, 1, doctor.stdout)
        self.assertRegex(doctor.stdout, r"FAIL\s+DR020 service-tcp")

        self.lab.book.find("agent").kill()
        self.assertEqual(self.product.sallyport("status").returncode, 6)

    def doctor(self):
        return self.product.sallyport("doctor", "--state", str(self.product.agent_state), "--vici",
                                      str(self.lab.laptop.socket))

    def test_the_agent_has_no_privileges_and_the_collector_no_network(self):
        self.standing()
        agent = self.process_of_the_laptop("sallyport-agent")
        facts = self.lab.network.run(nodes.LAPTOP, ["cat", f"/proc/{agent}/status"]).stdout
        self.assertEqual(re.findall(r"^Cap(?:Prm|Eff|Inh|Amb):\s*(\w+)$", facts, re.M),
                         ["0" * 16] * 4)
        self.assertRegex(facts, r"NoNewPrivs:\t1\n")
        self.assertNotRegex(facts, r"Uid:\t0\t")
        sockets = self.lab.network.run(nodes.LAPTOP, ["ss", "-H", "-a", "-p", "-tuw"]).stdout
        self.assertIn('"sallyport-agent"', sockets)
        self.assertNotIn('"sallyport-colle', sockets)

    def test_the_secret_of_a_connection_never_leaves_the_laptop(self):
        self.standing()
        secret = re.search(r'secret = "(.*)"', WEAK_CONNECTION)[1].encode()
        self.product.drop_weak_connection()
        self.product.await_tier("quarantine", 10)
        envelope = self.product.keep_evidence("evidence").read_bytes()
        self.assertIn(b"quick-vpn", envelope)
        self.assertNotIn(secret, envelope)
        for name in ("service.db", "service.db-wal"):
            self.assertNotIn(secret, (self.product.service_state / name).read_bytes())

    def test_of_a_row_only_the_columns_that_policies_read_leave_the_laptop(self):
        self.standing()
        address = re.search(r"remote_addrs = (.*)", WEAK_CONNECTION)[1].encode()
        self.product.drop_weak_connection()
        self.product.await_tier("quarantine", 10)
        envelope = self.product.keep_evidence("evidence").read_bytes()
        self.assertIn(b"weak_proposals", envelope)
        self.assertNotIn(address, envelope)
        shown = json.loads(self.product.sallyport("evidence", "show", "--json").stdout)
        [vpn] = [table for table in shown["tables"] if table["table"] == "vpn_connections"]
        self.assertEqual(vpn["columns"], ["name", "uses_psk", "weak_proposals", "source"])

    def test_a_truncated_swanctl_conf_is_unknown_and_named_and_never_a_pass(self):
        self.standing()
        (self.lab.laptop.swanctl_folder / "conf.d/cut-off.conf").write_text(
            "connections {\n  broken {\n    local {\n      auth = pubkey\n")
        eventually(lambda: self.outcome("vpn-hardening").get("outcome") == "unknown",
                   "vpn-hardening is unknown", 10)
        words = self.product.sallyport("explain", "vpn-hardening").stdout
        self.assertIn("cut-off.conf", words)
        (self.lab.laptop.swanctl_folder / "conf.d/cut-off.conf").unlink()
        eventually(lambda: self.outcome("vpn-hardening").get("outcome") == "pass",
                   "vpn-hardening passes again", 10)

    def test_a_missing_include_is_named_as_charon_would_miss_it(self):
        self.standing()
        (self.lab.laptop.swanctl_folder / "conf.d/more.conf").write_text(
            "include /etc/swanctl/nowhere.conf\n")
        eventually(lambda: self.outcome("vpn-hardening").get("outcome") == "unknown",
                   "vpn-hardening is unknown", 10)
        self.assertIn("nowhere.conf", self.product.sallyport("explain", "vpn-hardening").stdout)

    def test_a_token_enrolls_once(self):
        self.standing()
        token = self.product.folder / "token"
        token.write_text(self.product.ctl("token", "create", "--role", "device"))
        self.assertEqual(self.enroll(token, "first"), 0)
        self.assertFalse(token.exists(), "a used token is erased")

        again = self.product.ctl("token", "create", "--role", "device")
        for folder, status in (("second", 0), ("third", 8)):
            token.write_text(again)
            self.assertEqual(self.enroll(token, folder), status)
        self.assertFalse((self.product.folder / "third/enrollment.json").exists())

    def enroll(self, token, folder: str) -> int:
        return self.lab.network.run(nodes.LAPTOP, [
            str(self.product.folder / "bin/sallyport"), "enroll", "--service",
            f"{nodes.SERVICE_ADDRESS}:{ENROLL_PORT}", "--ca", str(self.product.ca_file),
            "--token-file", str(token), "--state", str(self.product.folder / folder)],
            check=False).returncode

    def test_a_collector_that_dies_is_started_again_and_access_stays(self):
        flow = self.standing()
        before = self.process_of_the_laptop("sallyport-collector")
        self.kill_on_the_laptop("sallyport-collector")
        eventually(lambda: self.product.agent_status()["collector_connected"]
                   and self.process_of_the_laptop("sallyport-collector") != before,
                   "a new collector", RECOVERY)
        self.product.drop_weak_connection()
        flow.wait_stopped(10)  # and it watches as the first one did

    def test_after_a_restart_of_the_laptops_programs_nothing_is_refused_and_access_returns(self):
        flow = self.standing()
        for _ in range(3):
            self.lab.book.find("agent").kill()
            eventually(lambda: not self.lab.network.run(
                nodes.LAPTOP, ["pgrep", "sallyport"], check=False).stdout,
                "agent and collector end with their supervisor", 5)
            self.product.start_agent()
            self.product.await_tier("full", RECOVERY)
        flow.wait_running(RECOVERY)
        refused = {name: count for name, count in self.product.counters().items()
                   if name.startswith("evidence_refused")}
        self.assertEqual(refused, {})

    def test_what_evidence_show_prints_is_what_the_service_judged(self):
        self.standing()
        shown = json.loads(self.product.sallyport("evidence", "show", "--json").stdout)
        edr = next(table for table in shown["tables"] if table["table"] == "edr_products")
        self.assertIn(("clamav", 1), [(row["name"], row["running"]) for row in edr["rows"]])
        self.assertTrue(shown["accepted"])
        self.assertEqual(shown["device_id"], self.product.device_id)
        self.assertEqual(self.product.device()["device"]["tier"], "full")


if __name__ == "__main__":
    main()
