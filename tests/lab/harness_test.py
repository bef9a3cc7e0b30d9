#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The lab's own promises, on certificates of the openssl command: without them no result of the
other tests means anything."""
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

from netlab import nodes
from netlab.lab import Lab
from netlab.processes import Process, start_time
from netlab.waiting import eventually

RULES = """
table inet lab {
    set full { type ipv4_addr; flags timeout; }
    chain forward {
        type filter hook forward priority filter; policy drop;
        iifname "ipsec0" ip saddr @full ip daddr 10.20.1.10 accept
        ip saddr 198.51.100.10 ip daddr 10.30.0.10 accept
        ip saddr 10.30.0.10 ip daddr 198.51.100.10 accept
    }
}
"""
VIP = "10.99.0.1"


class LabTest(unittest.TestCase):
    def setUp(self):
        base = tempfile.TemporaryDirectory(prefix="sallyport-harness-")
        self.addCleanup(base.cleanup)
        self.base = pathlib.Path(base.name)
        self.base.chmod(0o711)

    def lab(self, name: str = "lab") -> Lab:
        lab = Lab(self.base / name)
        self.addCleanup(lab.down)
        return lab

    def test_a_flow_stops_at_the_moment_the_gateway_drops_its_element(self):
        lab = self.lab()
        lab.up_plain(RULES)
        with lab.app_flow() as flow:
            self.assertTrue(flow.stands_still(0.3), "nothing may pass without an element")
            lab.nft(f"add element inet lab full {{ {VIP} timeout 1h }}")
            flow.wait_running(5)
            before = time.monotonic()
            lab.nft(f"delete element inet lab full {{ {VIP} }}")
            after = time.monotonic()
            last = flow.wait_stopped(5)
        self.assertLess(before - 0.05, last)  # it did flow until then
        self.assertLess(last, after + 0.05)

    def test_a_flow_whose_sender_died_is_an_error_and_not_a_cut(self):
        lab = self.lab()
        lab.up_plain()
        with lab.app_flow() as flow:
            flow.wait_running(5)
            flow._sender.kill()
            with self.assertRaisesRegex(RuntimeError, "an end of it died"):
                flow.wait_stopped(5)

    def test_an_element_with_a_timeout_ends_a_flow_by_itself(self):
        lab = self.lab()
        lab.up_plain(RULES)
        with lab.app_flow() as flow:
            granted = time.monotonic()
            lab.nft(f"add element inet lab full {{ {VIP} timeout 1s }}")
            flow.wait_running(5)
            self.assertAlmostEqual(flow.wait_stopped(5) - granted, 1.0, delta=0.2)

    def test_the_laptop_reads_its_own_swanctl_folder_and_the_host_keeps_its(self):
        lab = self.lab()
        before = sorted(os.listdir("/etc/swanctl"))
        lab.up_plain()
        (lab.laptop.swanctl_folder / "conf.d/dropped.conf").write_text("# seen by the laptop\n")
        seen = lab.network.run(nodes.LAPTOP, ["cat", "/etc/swanctl/conf.d/dropped.conf"]).stdout
        self.assertEqual(seen, "# seen by the laptop\n")
        self.assertEqual(sorted(os.listdir("/etc/swanctl")), before)
        self.assertFalse(os.path.exists("/etc/swanctl/conf.d/dropped.conf"))

    def test_the_laptop_sees_only_its_own_processes(self):
        lab = self.lab()
        lab.up_plain()
        names = lab.network.run(nodes.LAPTOP, ["ps", "-e", "-o", "comm="]).stdout.split()
        self.assertIn("charon-systemd", names)
        self.assertEqual(names.count("charon-systemd"), 1)  # not the gateway's

    def test_two_labs_stand_side_by_side_and_one_goes_down_alone(self):
        first, second = self.lab("first"), self.lab("second")
        first.up_plain()
        second.up_plain()
        first.down()
        self.assertFalse(first.folder.exists())
        with second.app_flow() as flow:
            flow.wait_running(5)

    def test_up_after_kill_9_and_down_leave_nothing(self):
        lab = self.lab()
        self.command("up")
        processes = [lab.book.find(name) for name in lab.book.names()]
        self.assertEqual(len(processes), 3)
        for process in processes:
            process.signal(signal.SIGKILL)
        self.command("up")
        processes += [Lab(lab.folder).book.find(name) for name in lab.book.names()]
        with Lab(lab.folder).app_flow() as flow:
            flow.wait_running(5)
        self.command("down")
        self.command("down")
        self.assertFalse(lab.folder.exists())
        for process in processes:
            self.assertFalse(process.alive(), process.name)
        listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True).stdout
        self.assertNotIn(lab.network.prefix, listed)

    def command(self, *argv: str) -> None:
        lab = pathlib.Path(__file__).parent / "lab"
        subprocess.run([lab, "--folder", self.base / "lab", *argv], check=True,
                       capture_output=True)

    def test_what_a_killed_process_left_behind_in_a_node_goes_down_with_the_lab(self):
        lab = self.lab()
        lab.up_plain()
        mark = self.base / "pid"
        parent = lab.network.start(nodes.GATEWAY, "parent", [
            "sh", "-c", f"sleep 600 & echo $! > {mark}.new; mv {mark}.new {mark}; wait"])
        eventually(mark.exists, "the child's pid", 5)
        child = int(mark.read_text())
        parent.kill()
        self.assertIsNotNone(start_time(child))
        lab.down()
        self.assertIsNone(start_time(child))

    def test_a_pid_that_belongs_to_somebody_else_now_is_left_alone(self):
        other = subprocess.Popen(["sleep", "600"])
        self.addCleanup(lambda: (other.kill(), other.wait()))
        taken_over = Process("old", other.pid, "1")  # a start time that is not the sleep's
        taken_over.signal(signal.SIGKILL)
        self.assertFalse(taken_over.alive())
        self.assertIsNone(other.poll())

    def test_a_folder_that_is_not_a_lab_is_never_removed(self):
        (self.base / "precious").mkdir()
        (self.base / "precious/file").touch()
        lab = Lab(self.base / "precious")
        lab.down()
        with self.assertRaisesRegex(RuntimeError, "not empty"):
            lab.up_network()
        self.assertTrue((self.base / "precious/file").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
