# SPDX-License-Identifier: Apache-2.0
"""The whole line with a Windows laptop: what it says of Wine is signed, judged by the policy service
that runs here on Linux, spoilt and mended.

Arguments: the folder of the Linux programs, the folder of the Windows programs.
"""
import json
import pathlib
import sys
import tempfile
import time
import unittest

from line import (ANTIVIRUS, SERVICE, SERVICING, Line, eventually, service_state, statuses,
                  windows_path)

WINDOWS = pathlib.Path(sys.argv.pop()).absolute()
LINUX = pathlib.Path(sys.argv.pop()).absolute()

POLICIES = """
- name: antivirus-runs
  description: A virus scanner runs.
  platform: windows
  query: SELECT 1 FROM edr_products WHERE running = 1;
  resolution: Start the service of the virus scanner.
  sallyport:
    mode: block
    tier: quarantine
    observe: SELECT name, state FROM edr_products;
    expected: one that is running
- name: rebooted-after-updates
  description: Updates that were installed are in use.
  platform: windows
  query: SELECT 1 FROM os_patch_state WHERE reboot_required = 0;
  resolution: Restart the laptop.
  sallyport:
    mode: block
    tier: limited
    observe: SELECT reboot_required FROM os_patch_state;
    expected: no reboot is pending
- name: windows-10-or-later
  description: The system is one that still gets updates.
  platform: windows
  query: SELECT 1 FROM os_version WHERE major >= 10;
  resolution: Install Windows 10 or later.
  sallyport:
    mode: block
    tier: quarantine
    observe: SELECT name, version FROM os_version;
    expected: Windows 10
- name: linux-only
  description: A policy of another system is not asked.
  platform: linux
  query: SELECT 1 WHERE 0;
  resolution: None.
  sallyport:
    mode: block
    tier: quarantine
"""


class Laptop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temp = tempfile.TemporaryDirectory(prefix="sallyport-windows-")
        cls.addClassCleanup(temp.cleanup)
        cls.line = Line(temp.name, LINUX, WINDOWS, POLICIES)
        cls.addClassCleanup(cls.line.down)
        cls.line.up()

    # --- what a person asks -------------------------------------------------------------------

    def test_token_is_erased_and_the_device_is_known(self):
        self.assertFalse((self.line.folder / "token").exists())
        self.assertEqual(self.line.status()["device_id"], self.line.device)
        listed = [one for one in self.line.control("device", "list")["devices"]
                  if one["device_id"] == self.line.device]
        self.assertEqual([one["platform"] for one in listed], ["windows"], listed)

    def test_user_that_is_not_there_is_refused_before_anything_is_spent(self):
        state = Line.STATE + "-second\\agent"
        refused = self.line.enroll("--user", "nobody of this name", state=state)
        self.assertEqual(refused.returncode, 2, refused.stderr)
        self.assertIn("no user nobody of this name", refused.stderr)
        self.assertTrue((self.line.folder / "token").exists())
        self.assertFalse(self.line.drive_c(state).exists())

    def test_folder_is_handed_over_to_a_user_that_is_there(self):
        state = Line.STATE + "-third\\agent"
        given = self.line.enroll("--user", "NT AUTHORITY\\LOCAL SERVICE", state=state)
        self.assertEqual(given.returncode, 0, given.stderr)
        self.assertNotEqual(given.stdout.strip(), self.line.device)
        self.assertFalse((self.line.folder / "token").exists())
        self.assertTrue((self.line.drive_c(state) / "enrollment.json").exists())

    def test_evidence_is_signed_and_says_what_wine_answers(self):
        raw = self.line.folder / "raw"
        shown = self.line.sallyport("evidence", "show", "--raw", windows_path(raw))
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("signature verifies with key", shown.stdout)
        for table in ("os_version", "os_patch_state", "edr_products"):
            self.assertIn(table, shown.stdout)
        self.assertIn("Windows 10", shown.stdout)
        self.assertGreater(raw.stat().st_size, 100)

    def test_doctor_finds_nothing_and_tables_are_listed(self):
        doctor = self.line.sallyport("doctor", "--state", Line.STATE + "\\agent")
        self.assertEqual(doctor.returncode, 0, doctor.stdout)
        self.assertNotIn("systemctl", doctor.stdout)
        self.assertEqual(self.line.sallyport("tables").returncode, 0)
        self.assertEqual(self.line.sallyport("frobnicate").returncode, 2)

    def test_check_now_reads_again_what_nothing_tells_of(self):
        def age(status):
            return {one["table"]: one["age_ms"] for one in status["collectors"]}["os_version"]

        eventually(lambda: age(self.line.status()) > 3000, "it is some seconds old", 20, 0.2)
        begun = time.monotonic()
        checked = self.line.sallyport("check-now", "--json")
        took = (time.monotonic() - begun) * 1000
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertLessEqual(age(json.loads(checked.stdout)), took)

    # --- facts that go bad and are mended ----------------------------------------------------

    def test_antivirus_that_stops_costs_the_access_until_it_runs_again(self):
        self.assertEqual(self.line.status()["verdict"]["tier"], "full")
        self.line.checked("sc", "stop", ANTIVIRUS)
        self.line.await_exit(Line.NOT_COMPLIANT, "the stop is seen")
        self.assertEqual(self.line.status()["verdict"]["tier"], "quarantine")
        explained = self.line.sallyport("explain", "antivirus-runs")
        self.assertEqual(explained.returncode, 3)
        self.assertIn("one that is running", explained.stdout)
        self.assertIn("stopped", explained.stdout)
        self.line.checked("sc", "start", ANTIVIRUS)
        self.line.await_exit(Line.COMPLIANT, "it runs again")
        self.assertEqual(self.line.status()["verdict"]["tier"], "full")

    def test_watch_prints_a_line_for_each_change_and_no_other(self):
        def standing(word):
            return lambda status: status["verdict"]["standing"] == word

        watch = self.line.watch()
        self.addCleanup(watch.stdout.close)
        self.addCleanup(watch.wait)
        self.addCleanup(watch.kill)
        self.assertEqual(len(statuses(watch, "the status now", standing("compliant"))), 1)
        self.line.checked("sc", "stop", ANTIVIRUS)
        seen = statuses(watch, "the stop is seen", standing("not_compliant"))
        self.assertEqual(seen[-1]["verdict"]["tier"], "quarantine")
        self.line.checked("sc", "start", ANTIVIRUS)
        seen = statuses(watch, "it runs again", standing("compliant"))
        self.assertEqual(seen[-1]["verdict"]["tier"], "full")

    def test_registry_key_that_comes_is_heard_of(self):
        pending = SERVICING + "\\RebootPending"
        self.line.checked("reg", "add", pending, "/f")
        self.line.await_exit(Line.NOT_COMPLIANT, "the pending reboot is seen")
        self.assertEqual(self.line.status()["verdict"]["tier"], "limited")
        self.line.checked("reg", "delete", pending, "/f")
        self.line.await_exit(Line.COMPLIANT, "it is gone")

    # --- outages -----------------------------------------------------------------------------

    def test_policy_service_killed_and_back_is_met_again(self):
        self.line.kill_policy_service()
        eventually(lambda: not self.line.status()["service"]["connected"], "the loss is noticed",
                   30, 0.1)
        self.assertEqual(self.line.sallyport("status").returncode, 0)  # the lease still stands
        self.line.start_policy_service()
        eventually(lambda: self.line.status()["service"]["connected"], "the agent is back",
                   60, 0.1)
        self.line.await_exit(Line.COMPLIANT, "and compliant")

    def test_stopped_laptop_answers_again_with_a_new_start(self):
        self.line.checked("sc", "stop", SERVICE)
        eventually(lambda: service_state(SERVICE) == "STOPPED", "the service has stopped", 30, 0.1)
        self.assertEqual(self.line.sallyport("status").returncode, 6)
        self.assertEqual(self.line.sallyport("doctor").returncode, 1)
        self.line.checked("sc", "start", SERVICE)
        self.line.await_exit(Line.COMPLIANT, "compliant again")
        self.assertEqual(self.line.status()["device_id"], self.line.device)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
