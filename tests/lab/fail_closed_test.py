#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole line under failure: whatever dies or is cut off, access ends by itself and comes back
when the cause is gone. Usage: fail_closed_test.py BIN [unittest options].

Not here: a wall clock set wrong. Linux has time namespaces for CLOCK_MONOTONIC and CLOCK_BOOTTIME
only; leases count by the latter, and the unit tests of gateway/ and service/ pass the clock in.
"""
import signal
import time

from netlab import nodes
from netlab.line_case import LEASE, RECOVERY, LineCase, main
from netlab.waiting import eventually

# A lease ends by the kernel's clock; how much later the last packet may be stamped on a busy
# machine.
SLACK = 0.25
# A gate that was refused again and again waits no longer than this until it tries again.
LONGEST_PAUSE = 3.0


class FailClosed(LineCase):
    def ends_within_a_lease(self, flow, since: float) -> None:
        last = flow.wait_stopped(LEASE + 5, quiet=0.5)
        self.assertLessEqual(last - since, LEASE + SLACK)
        self.assertTrue(flow.stands_still(0.5))

    def cut_off(self, node: str, peer: str) -> None:
        """From now on no packet of `peer` comes in at `node`, and none goes out to it."""
        self.lab.network.run(node, ["nft", "-f", "-"], stdin=f"""
            table inet cut_off {{
                chain in {{ type filter hook input priority -300; ip saddr {peer} drop; }}
                chain out {{ type filter hook output priority -300; ip daddr {peer} drop; }}
            }}""")

    def connect_again(self, node: str) -> None:
        self.lab.network.run(node, ["nft", "delete", "table", "inet", "cut_off"])

    def test_when_the_service_is_killed_access_ends_with_the_lease_and_returns_without_dialling(
            self):
        flow = self.standing()
        tunnel = self.lab.gateway.tunnel()["uniqueid"]
        killed = time.monotonic()
        self.lab.book.find("policyd").kill()
        self.ends_within_a_lease(flow, killed)
        self.product.start_service()
        flow.wait_running(RECOVERY)
        self.assertEqual(self.lab.gateway.tunnel()["uniqueid"], tunnel)

    def test_a_gate_that_starts_without_the_service_opens_nothing_until_the_service_is_there(self):
        flow = self.standing()
        self.lab.book.find("gate").kill()
        self.lab.book.find("policyd").kill()
        flow.wait_stopped(LEASE + 5, quiet=0.5)
        self.product.start_gate(wait=False)
        self.assertTrue(flow.stands_still(2.0))
        self.assertTrue(self.lab.book.find("gate").alive())
        self.product.start_service()
        flow.wait_running(RECOVERY)

    def test_when_the_gate_is_killed_the_kernel_ends_access_and_a_new_gate_takes_over(self):
        flow = self.standing()
        tunnel = self.lab.gateway.tunnel()["uniqueid"]
        killed = time.monotonic()
        self.lab.book.find("gate").kill()
        self.ends_within_a_lease(flow, killed)
        self.product.start_gate(wait=False)
        flow.wait_running(RECOVERY)
        self.assertEqual(self.lab.gateway.tunnel()["uniqueid"], tunnel)

    def test_when_the_agent_is_killed_access_ends_by_silence(self):
        flow = self.standing()
        self.lab.book.find("agent").signal(signal.SIGSTOP)  # the supervisor shall not restart it
        killed = time.monotonic()
        self.kill_on_the_laptop("sallyport-agent")
        # Two leases: the service grants one more at most, on the last beat's word.
        last = flow.wait_stopped(2 * LEASE + 5, quiet=0.5)
        self.assertLessEqual(last - killed, 2 * LEASE + SLACK)
        self.lab.book.find("agent").signal(signal.SIGCONT)
        flow.wait_running(RECOVERY)

    def test_when_the_laptop_is_cut_off_from_the_service_access_ends_and_comes_back(self):
        flow = self.standing()
        cut = time.monotonic()
        self.cut_off(nodes.LAPTOP, nodes.SERVICE_ADDRESS)
        last = flow.wait_stopped(2 * LEASE + 5, quiet=0.5)
        self.assertLessEqual(last - cut, 2 * LEASE + SLACK)
        self.connect_again(nodes.LAPTOP)
        flow.wait_running(RECOVERY)

    def test_when_the_gate_is_cut_off_from_the_service_access_ends_with_the_lease(self):
        flow = self.standing()
        cut = time.monotonic()
        self.cut_off(nodes.GATEWAY, nodes.SERVICE_ADDRESS)
        self.ends_within_a_lease(flow, cut)
        self.connect_again(nodes.GATEWAY)
        flow.wait_running(RECOVERY)

    def test_a_cut_while_the_laptop_is_offline_is_made_good_when_it_is_back(self):
        flow = self.standing()
        self.cut_off(nodes.LAPTOP, nodes.SERVICE_ADDRESS)
        flow.wait_stopped(2 * LEASE + 5, quiet=0.5)
        self.product.drop_weak_connection()
        self.connect_again(nodes.LAPTOP)
        self.product.await_tier("quarantine", RECOVERY)
        self.assertTrue(flow.stands_still(1.0))

    def test_a_service_that_is_killed_and_started_again_and_again_finds_its_gate_again(self):
        flow = self.standing()
        for _ in range(10):
            began = time.monotonic()
            self.lab.book.find("policyd").kill()
            self.product.start_service()
            flow.wait_running(RECOVERY)
            eventually(lambda: self.product.service_status()["connected_gates"] == 1,
                       "the gate is back", RECOVERY)
            self.assertLess(flow.longest_outage(began), LONGEST_PAUSE + SLACK)
        self.assertEqual(len(self.product.kernel_leases()), 1)

    def test_a_changed_policy_file_changes_the_tier_at_once_and_a_bad_one_changes_nothing(self):
        flow = self.standing()
        original = self.product.policy_file.read_text()
        began = time.monotonic()
        self.write_policies(original + "\n- name: broken\n  query: SELECT FROM nowhere\n")
        eventually(lambda: "broken" in (self.product.service_status()["policy_error"] or ""),
                   "the service says what is wrong with the file", 10)
        self.assertLess(flow.longest_outage(began), 0.1)

        self.write_policies(original + (
            "\n- name: nobody-passes\n  platform: linux\n  critical: true\n"
            "  query: SELECT 1 FROM os_version WHERE name = 'no such system'\n"
            "  sallyport: {mode: block, tier: quarantine}\n"))
        changed = time.monotonic()
        last = flow.wait_stopped(10)
        self.assertLess(last - changed, 5.0)
        self.write_policies(original)
        flow.wait_running(RECOVERY)

    def test_a_laptop_that_dials_again_and_again_has_access_each_time_and_leaves_no_element(self):
        flow = self.standing()
        for _ in range(10):
            self.lab.laptop.disconnect()
            self.lab.laptop.connect()
        flow.wait_running(RECOVERY)
        self.assertEqual(len(self.lab.gateway.sas()), 1)
        self.assertEqual(len(self.product.kernel_leases()), 1)
        self.lab.laptop.disconnect()
        eventually(lambda: not self.product.kernel_leases(),
                   "the element goes with the tunnel", 5)

    def write_policies(self, text: str) -> None:
        """As an editor does: a new file in the old one's place."""
        new = self.product.policy_file.with_suffix(".new")
        new.write_text(text)
        new.rename(self.product.policy_file)


if __name__ == "__main__":
    main()
