#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The gate on real tunnels: what it must not do whatever happens to it, to charon, to the table and
to the policy service. Every test is one trap."""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import jsonschema

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

from netlab import nodes  # noqa: E402
from netlab.vici import Vici  # noqa: E402
from netlab.waiting import eventually  # noqa: E402
from stage import DEVICE, HOUR, VIP, Stage  # noqa: E402

OPTIONS: argparse.Namespace
# How late a last packet may be seen on a busy machine, in seconds.
SLACK = 0.25


class GateTest(unittest.TestCase):
    def setUp(self):
        base = tempfile.TemporaryDirectory(prefix="sallyport-gate-")
        self.addCleanup(base.cleanup)
        pathlib.Path(base.name).chmod(0o711)
        self.stage = Stage(pathlib.Path(base.name) / "lab", OPTIONS.gate, OPTIONS.lease_source)
        self.addCleanup(self.stage.down)
        self.lab = self.stage.lab
        self.source = self.stage.source

    # --- the line

    def test_without_a_lease_nothing_passes_and_with_one_the_tier_decides(self):
        self.stage.up()
        self.lab.connect()
        with self.lab.app_flow() as app, self.lab.remediation_flow() as mend:
            self.assertTrue(app.stands_still(0.3))
            self.stage.lease("full")
            self.source.say(f"push {DEVICE}")
            app.wait_running(5)
            mend.wait_running(5)
            self.stage.lease("quarantine", decision=2)
            self.source.say(f"push {DEVICE}")
            app.wait_stopped(5)
            mend.wait_running(5)
            self.assertIsNotNone(self.lab.gateway.tunnel(), "the tunnel stays")
        self.assertTrue(self.stage.ping(nodes.REMEDIATION_ADDRESS))
        self.assertFalse(self.stage.ping(nodes.APP_ADDRESS))

    def test_a_move_between_tiers_that_both_allow_a_host_loses_no_packet(self):
        self.stage.up_with_lease()
        with self.lab.remediation_flow() as mend:
            mend.wait_running(5)
            before = self.dropped()
            for decision in range(2, 42):
                self.stage.lease("quarantine" if decision % 2 else "full", decision=decision)
                self.source.say(f"push {DEVICE}")
            eventually(lambda: self.stage.leases() == {VIP: "quarantine"}, "the last move", 5)
            mend.wait_running(5)
            self.assertEqual(self.dropped(), before)

    def test_status_shows_the_kernels_own_list(self):
        self.stage.up_with_lease()
        status = json.loads(self.stage.run_gate("status", "--json", "--vici",
                                                str(self.lab.gateway.socket)))
        schema = HERE.parents[2] / "gateway/schema/sallyport.gate-status.v1.json"
        jsonschema.validate(status, json.loads(schema.read_text()),
                            cls=jsonschema.Draft202012Validator)
        (lease,) = status["leases"]
        self.assertEqual((lease["address"], lease["tier"], lease["device_id"]),
                         (VIP, "full", DEVICE))
        self.assertEqual(lease["tunnels"][0]["identity"], "dev-0001.lab.example")
        self.assertIn(VIP, self.stage.run_gate("status", "--vici", str(self.lab.gateway.socket)))

    # --- leases end by themselves

    def test_a_lease_ends_the_flow_while_the_gate_is_dead(self):
        self.stage.up_with_lease(millis=3000)
        self.stage.lease("full", millis=2000, decision=2)
        with self.lab.app_flow() as app:
            app.wait_running(5)
            pushed = time.monotonic()
            mark = self.source.mark()
            self.source.hear("request", mark)  # a renewal: 2 s from here at the most
            asked = time.monotonic()
            eventually(lambda: self.stage.leases() == {VIP: "full"}, "renewed", 2)
            self.stage.gate.kill()
            last = app.wait_stopped(6)
            self.assertGreater(last, pushed)
            self.assertLess(last, asked + 3.0 + SLACK)
            self.assertEqual(self.stage.leases(), {})

    def test_a_dead_service_ends_no_lease_early_and_extends_none(self):
        self.stage.up_with_lease(millis=3000)
        with self.lab.app_flow() as app:
            app.wait_running(5)
            mark = self.source.mark()
            self.source.hear("request", mark)
            asked = time.monotonic()
            app.wait_running(2)
            self.source.kill()
            last = app.wait_stopped(8)
            self.assertGreater(last, asked + 2.5)
            self.assertLess(last, asked + 3.0 + SLACK)

    def test_an_answer_that_comes_late_extends_nothing(self):
        self.stage.up_with_lease(millis=1500)
        with self.lab.app_flow() as app:
            app.wait_running(5)
            self.source.say("hold")
            mark = self.source.mark()
            self.source.hear("request", mark)
            held = time.monotonic()
            app.wait_stopped(5)
            eventually(lambda: time.monotonic() > held + 1.5, "the held answer is over", 5)
            old = self.source.hear("request", mark).split()[1]
            self.source.say(f"push-on {old} {DEVICE}")
            self.source.say("push-on 4000000 " + DEVICE)
            self.assertTrue(app.stands_still(0.5))
            self.assertEqual(self.stage.leases(), {})
            self.source.say("release")  # the newest of them is live again
            app.wait_running(5)

    # --- the table

    def up_with_a_table_of_its_own(self, tier: str) -> None:
        release = tuple(int(part) for part in os.uname().release.split(".")[:2])
        if release < (6, 9):
            self.skipTest("Linux before 6.9: nothing keeps a flush from the gate's table")
        self.stage.up_with_lease(tier)

    def test_no_packet_passes_while_others_flush_the_ruleset(self):
        self.up_with_a_table_of_its_own("quarantine")
        with self.lab.app_flow() as app, self.lab.remediation_flow() as mend:
            mend.wait_running(5)
            table = self.lab.nft_json("list", "tables")[1]["table"]
            began = time.monotonic()
            for _ in range(50):
                self.lab.nft("add table inet foreign")
                self.lab.nft("flush ruleset")
                self.assertNotIn("foreign", self.lab.nft("list tables"))
            mend.wait_running(2)
            self.assertEqual(app.count(), 0, "what quarantine does not allow")
            self.assertLess(mend.longest_gap(began), SLACK, "what it allows")
        self.assertEqual(self.stage.leases(), {VIP: "quarantine"})
        self.assertEqual(self.lab.nft_json("list", "tables")[1]["table"], table,
                         "it is the same table, by its handle")

    def test_others_can_change_no_element_while_the_gate_lives(self):
        self.up_with_a_table_of_its_own("quarantine")
        for command in (f"add element inet sallyport leases_full {{ ipsec0 . {VIP} timeout 1h }}",
                        f"delete element inet sallyport leases_quarantine {{ ipsec0 . {VIP} }}",
                        "delete table inet sallyport"):
            with self.assertRaises(subprocess.CalledProcessError, msg=command):
                self.lab.nft(command)
        self.assertEqual(self.stage.leases(), {VIP: "quarantine"})

    def test_the_table_outlives_a_killed_gate_and_the_next_one_owns_it(self):
        self.up_with_a_table_of_its_own("quarantine")
        with self.lab.app_flow() as app, self.lab.remediation_flow() as mend:
            mend.wait_running(5)
            began = time.monotonic()
            self.stage.gate.kill()
            mend.wait_running(2)
            self.stage.start_gate()
            self.lab.nft("flush ruleset")
            mend.wait_running(2)
            self.assertEqual(app.count(), 0)
            self.assertLess(mend.longest_gap(began), SLACK)

    # With a table that is anyone's, as on a kernel before 6.9:

    def test_a_flush_of_a_shared_table_lets_nobody_through_for_longer_than_a_second(self):
        self.stage.gate_flags = ["--shared-table"]
        self.stage.up_with_lease("quarantine")
        with self.lab.app_flow() as app, self.lab.remediation_flow() as mend:
            mend.wait_running(5)
            self.assertEqual(app.count(), 0)
            flushed = time.monotonic()
            self.lab.nft("flush ruleset")
            self.stage.await_leases({VIP: "quarantine"}, within=1)
            mend.wait_running(2)
            self.assertLess(app.wait_stopped(5), flushed + 1.0)

    def test_a_flushed_ruleset_is_back_with_the_live_leases_within_a_second(self):
        self.stage.gate_flags = ["--shared-table"]
        self.stage.up_with_lease()
        with self.lab.app_flow() as app:
            app.wait_running(5)
            flushed = time.monotonic()
            self.lab.nft("flush ruleset")
            self.stage.await_leases({VIP: "full"}, within=1)
            self.assertLess(time.monotonic() - flushed, 1.0)
            app.wait_running(2)
        rules = self.lab.nft("list chain inet sallyport forward")
        self.assertIn("policy drop", rules)
        self.assertIn("jump by_source", rules)

    def test_a_flushed_ruleset_comes_back_empty_for_a_device_that_was_cut(self):
        self.stage.gate_flags = ["--shared-table"]
        self.stage.up_with_lease()
        self.stage.lease("none", 0, decision=2)
        self.source.say(f"cut 1 {DEVICE} none 0 2")
        self.stage.await_leases({})
        self.lab.nft("flush ruleset")
        eventually(lambda: "policy drop" in self.lab.network.run(
            nodes.GATEWAY, ["nft", "list", "ruleset"]).stdout, "the ruleset is back", 1)
        self.assertEqual(self.stage.leases(), {})

    def test_an_element_that_others_add_or_take_is_set_right(self):
        self.stage.gate_flags = ["--shared-table"]
        self.stage.up_with_lease("quarantine")
        for place in (VIP, "10.99.0.77"):
            self.lab.nft("add element inet sallyport leases_full "
                         f"{{ ipsec0 . {place} timeout 1h }}")
            self.stage.await_leases({VIP: "quarantine"}, within=1)
        self.lab.nft(f"delete element inet sallyport leases_quarantine {{ ipsec0 . {VIP} }}")
        self.stage.await_leases({VIP: "quarantine"}, within=1)

    def test_packets_for_the_gateways_own_addresses_do_not_pass_from_the_tunnel(self):
        self.stage.up_with_lease()
        self.assertTrue(self.stage.ping(nodes.APP_ADDRESS))
        for own in ("10.20.1.1", "10.20.2.1"):
            self.assertFalse(self.stage.ping(own), own)

    # --- the gate dies

    def test_a_killed_gate_is_back_and_adopts_under_traffic(self):
        self.stage.up_with_lease()
        with self.lab.app_flow() as app:
            app.wait_running(5)
            began = time.monotonic()
            self.stage.gate.kill()
            app.wait_running(2)
            self.source.say("hold")  # no grant but the one that the kernel holds
            mark = self.source.mark()
            self.stage.start_gate()
            self.source.hear("request", mark)
            self.assertEqual(self.stage.leases(), {VIP: "full"})
            app.wait_running(2)
            self.assertLess(app.longest_gap(began), SLACK, "nobody saw the gate die")

    def test_what_ended_while_the_gate_was_dead_is_closed_when_it_is_back(self):
        self.stage.up_with_lease()
        self.stage.gate.kill()
        self.lab.laptop.disconnect()
        eventually(lambda: not self.lab.gateway.sas(), "the gateway forgot the tunnel", 10)
        self.assertEqual(self.stage.leases(), {VIP: "full"})  # the kernel cannot know
        self.stage.start_gate()
        self.stage.await_leases({}, within=1)

    # --- charon dies

    def test_a_restarted_charon_leaves_no_element_without_a_session(self):
        self.stage.up_with_lease()
        self.lab.book.find("charon-gw").kill()
        self.stage.await_leases({}, within=1)
        self.lab.gateway.start()
        self.lab.gateway.load()
        self.lab.laptop.disconnect()
        self.lab.connect()
        self.stage.await_leases({VIP: "full"}, within=1)

    def test_a_charon_without_a_plugin_that_matters_does_not_start(self):
        self.stage.up()
        self.lab.book.find("charon-gw").kill()
        conf = self.lab.gateway.folder / "strongswan.conf"
        conf.write_text(conf.read_text().replace("kernel-libipsec!", "no-such-plugin!"))
        with self.assertRaisesRegex(RuntimeError, "charon on gw ended"):
            self.lab.gateway.start()

    # --- sessions

    def test_a_session_that_ends_takes_its_element_along(self):
        self.stage.up_with_lease()
        mark = self.source.mark()
        self.lab.laptop.disconnect()
        self.stage.await_leases({}, within=2)
        self.source.hear(f"down {DEVICE} {VIP}", mark)

    def test_an_ike_rekey_changes_the_id_and_a_cut_follows_it(self):
        self.stage.up_with_lease()
        with self.lab.app_flow() as app:
            app.wait_running(5)
            began = time.monotonic()
            with self.stage.gateway_vici() as vici:
                vici.request("rekey", {"ike": "office"})
            eventually(lambda: [sa["uniqueid"] for sa in self.lab.gateway.sas()] == ["2"],
                       "only the new IKE_SA stands", 5)
            app.wait_running(2)
            self.assertLess(app.longest_gap(began), SLACK)
            self.stage.lease("none", 0, decision=2)
            mark = self.source.mark()
            self.source.say(f"cut 7 {DEVICE} none 0 2")
            app.wait_stopped(5)
            self.assertIn("proven=1 element=1 sa=1 counter=1",
                          self.source.hear("report 7", mark))
            self.assertEqual([sa for sa in self.lab.gateway.sas() if sa["uniqueid"] == "2"], [])

    def test_reauthentication_that_makes_before_it_breaks_loses_nothing(self):
        self.stage.up()
        conf = self.lab.laptop.folder / "strongswan.conf"
        conf.write_text(conf.read_text().replace("charon {", "charon {\n make_before_break = yes",
                                                 1))
        self.lab.book.find("charon-laptop").stop()
        self.lab.laptop.start()
        self.lab.laptop.load()
        self.stage.lease("full")
        self.lab.connect()
        self.stage.await_leases({VIP: "full"})
        with self.lab.app_flow() as app:
            app.wait_running(5)
            before = self.dropped()
            with_id = self.lab.gateway.sas()[0]["uniqueid"]
            with Vici(self.lab.laptop.socket) as vici:
                vici.request("rekey", {"ike": "office", "reauth": "yes"})
            eventually(lambda: with_id not in [sa["uniqueid"] for sa in self.lab.gateway.sas()]
                       and self.lab.gateway.tunnel(), "the new IKE_SA alone stands", 10)
            app.wait_running(2)
            self.assertEqual(self.stage.leases(), {VIP: "full"})
            self.assertEqual(self.dropped(), before)

    def test_an_address_that_passes_to_another_device_inherits_nothing(self):
        pool = "pools { tiny { addrs = 10.99.0.1/32 } }\nconnections { office { pools = tiny } }\n"
        self.stage.up(pool)
        self.stage.lease("full")
        self.lab.connect()
        self.stage.await_leases({VIP: "full"})
        # The gate is not looking while the address changes hands: it must not adopt either.
        self.stage.gate.kill()
        self.lab.laptop.disconnect()
        eventually(lambda: not self.lab.gateway.sas(), "the gateway forgot the tunnel", 10)
        other = self.stage.ca.device("dev-0002")
        self.lab.laptop.configure(other, "gw1.lab.example")
        self.lab.laptop.load()
        self.lab.connect()
        self.assertEqual(self.lab.gateway.sas()[0]["remote-vips"], [VIP])
        with self.lab.app_flow() as app:
            self.stage.start_gate()
            self.stage.await_leases({}, within=1)
            app.wait_stopped(5)
            self.assertTrue(app.stands_still(0.3))
            self.stage.lease("quarantine", device="dev-0002")
            self.source.say("push dev-0002")
            self.stage.await_leases({VIP: "quarantine"})
            self.assertTrue(app.stands_still(0.3))

    # --- cuts

    def test_a_peer_that_ignores_delete_is_cut_all_the_same(self):
        self.stage.up_with_lease()
        with self.lab.app_flow() as app:
            app.wait_running(5)
            # The answer to a renewal would end the SA a second time, which needs no force.
            self.source.say("hold")
            charon = self.lab.book.find("charon-laptop")
            charon.signal(signal.SIGSTOP)
            try:
                self.stage.lease("none", 0, decision=2)
                mark = self.source.mark()
                self.source.say(f"cut 9 {DEVICE} none 0 2")
                report = self.source.hear("report 9", mark, within=3)
                self.assertIn("proven=1 element=1 sa=1 counter=1", report)
                self.assertEqual(self.lab.gateway.sas(), [])
            finally:
                charon.signal(signal.SIGCONT)
            app.wait_stopped(5)

    def test_a_peer_whose_traffic_goes_on_is_stopped_by_the_element(self):
        self.stage.up_with_lease()
        # The laptop never hears of the end: its ESP keeps coming, DELETE does not reach it.
        with self.lab.app_flow() as app:
            app.wait_running(5)
            self.lab.network.run(nodes.LAPTOP, ["nft", "-f", "-"], stdin=(
                "table inet deaf { chain input { type filter hook input priority 0;\n"
                "udp sport 4500 @th,64,32 0 drop\n}\n}\n"))  # RFC 3948: four zero bytes are IKE
            self.stage.lease("none", 0, decision=2)
            mark = self.source.mark()
            cut = time.monotonic()
            self.source.say(f"cut 3 {DEVICE} none 0 2")
            last = app.wait_stopped(5)
            self.assertLess(last, cut + SLACK)
            self.assertIn("proven=1", self.source.hear("report 3", mark))
            self.assertIsNotNone(self.lab.laptop.tunnel(), "the laptop believes in its tunnel")

    def test_a_cut_to_quarantine_is_proven_and_keeps_the_tunnel(self):
        self.stage.up_with_lease()
        with self.lab.app_flow() as app, self.lab.remediation_flow() as mend:
            app.wait_running(5)
            self.stage.lease("quarantine", decision=2)
            mark = self.source.mark()
            self.source.say(f"cut 4 {DEVICE} quarantine {HOUR} 2")
            app.wait_stopped(5)
            self.assertIn("proven=1", self.source.hear("report 4", mark))
            mend.wait_running(2)
        self.assertEqual(self.stage.leases(), {VIP: "quarantine"})

    def dropped(self) -> int:
        """Packets that the end of the forward chain dropped."""
        for entry in self.lab.nft_json("list", "chain", "inet", "sallyport", "forward"):
            expressions = entry.get("rule", {}).get("expr", [])
            if len(expressions) == 2 and "counter" in expressions[0] and "drop" in expressions[1]:
                return expressions[0]["counter"]["packets"]
        raise AssertionError("no dropping rule")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--gate", type=lambda p: pathlib.Path(p).resolve(), required=True)
    parser.add_argument("--lease-source", type=lambda p: pathlib.Path(p).resolve(), required=True)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
