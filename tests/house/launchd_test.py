#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the plists of agent/launchd/ to launchd.plist(5) and to the sources that name what is in
them: labels, accounts, programs, folders."""
import os
import plistlib
import re
import sys
import unittest
import xml.etree.ElementTree as ElementTree

ROOT = sys.argv[1]
del sys.argv[1:]
FOLDER = os.path.join(ROOT, "agent", "launchd")

# Of launchd.plist(5), those that are in use, with the type of each.
KEYS = {"Label": str, "ProgramArguments": list, "UserName": str, "GroupName": str,
        "InitGroups": bool, "RunAtLoad": bool, "KeepAlive": bool, "ThrottleInterval": int,
        "ExitTimeOut": int, "ProcessType": str, "Umask": int, "SoftResourceLimits": dict,
        "HardResourceLimits": dict, "StandardErrorPath": str}
LIMITS = {"Core", "CPU", "Data", "FileSize", "MemoryLock", "NumberOfFiles", "NumberOfProcesses",
          "ResidentSetSize", "Stack"}


def text_of(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as handle:
        return handle.read()


def one(pattern, text):
    found = re.findall(pattern, text)
    assert len(set(found)) == 1, (pattern, found)
    return found[0]


def doubled(xml):
    """Keys that stand twice in one dictionary; plistlib would take the last."""
    twice = []
    for each in ElementTree.fromstring(xml).iter("dict"):
        names = [child.text for child in each if child.tag == "key"]
        twice += sorted({name for name in names if names.count(name) > 1})
    return twice


def faults(job):
    """What launchd would pass by in silence or refuse."""
    out = [f"{key}: not a key that is known here" for key in job if key not in KEYS]
    out += [f"{key}: is no {KEYS[key].__name__}" for key in job
            if key in KEYS and type(job[key]) is not KEYS[key]]
    for key in ("SoftResourceLimits", "HardResourceLimits"):
        out += [f"{key}: {name}" for name, value in job.get(key, {}).items()
                if name not in LIMITS or type(value) is not int]
    return out


class Launchd(unittest.TestCase):
    def setUp(self):
        self.jobs = {}
        for name in os.listdir(FOLDER):
            if name.endswith(".plist"):
                xml = text_of("agent", "launchd", name).encode()
                self.assertEqual(doubled(xml), [], name)
                self.jobs[name] = plistlib.loads(xml, fmt=plistlib.FMT_XML)
        self.agent = self.jobs["com.sallyport.agent.plist"]
        self.collector = self.jobs["com.sallyport.collector.plist"]
        self.places = text_of("agent", "places_macos.cc")

    def test_there_are_two_daemons_of_known_keys_only(self):
        self.assertEqual(len(self.jobs), 2)
        for name, job in self.jobs.items():
            self.assertEqual(faults(job), [], name)
            self.assertEqual(job["Label"] + ".plist", name)

    def test_the_rules_catch_what_they_are_for(self):
        self.assertEqual(faults(dict(self.agent, KeepAliv=True)),
                         ["KeepAliv: not a key that is known here"])
        self.assertEqual(faults(dict(self.agent, KeepAlive=1)), ["KeepAlive: is no bool"])
        self.assertEqual(faults(dict(self.agent, HardResourceLimits={"Cores": 0})),
                         ["HardResourceLimits: Cores"])
        self.assertEqual(doubled(b"<plist><dict><key>A</key><true/><key>A</key><false/></dict>"
                                 b"</plist>"), ["A"])

    def test_the_remedies_name_the_labels(self):
        self.assertEqual(one(r"kickstart -k system/([\w.]+)", self.places), self.agent["Label"])
        self.assertEqual(one(r"kickstart -k system/([\w.]+)",
                             text_of("agent", "cli", "remedies_macos.cc")),
                         self.collector["Label"])

    def test_the_agent_has_an_account_and_the_collector_is_root_and_serves_it(self):
        account = one(r'user = "([^"]+)"', text_of("agent", "launchd", "main_macos.cc"))
        self.assertTrue(account.startswith("_"))  # of a daemon
        self.assertEqual((self.agent["UserName"], self.agent["GroupName"]), (account, account))
        self.assertIs(self.agent["InitGroups"], False)
        self.assertNotIn("UserName", self.collector)
        self.assertNotIn("GroupName", self.collector)

    def test_programs_are_ours_and_lie_beside_the_state_with_its_defaults(self):
        root = one(r'root = "([^"]+)"', self.places)
        lists = {"sallyport-agent": ("agent", "CMakeLists.txt"),
                 "sallyport-service": ("agent", "launchd", "CMakeLists.txt")}
        for job, program in [(self.agent, "sallyport-agent"),
                             (self.collector, "sallyport-service")]:
            # No argument: sockets and folders are those of places_macos.cc on both sides.
            self.assertEqual(job["ProgramArguments"], [f"{root}/bin/{program}"])
            self.assertIn(f"sallyport_program({program}\n", text_of(*lists[program]))

    def test_no_socket_is_made_by_launchd_as_nobody_takes_one(self):
        self.assertIn("ActivationSocket() { return std::optional<int>(); }",
                      text_of("agent", "service_macos.cc"))
        for job in self.jobs.values():
            self.assertNotIn("Sockets", job)

    def test_both_are_kept_running_and_end_within_bounds(self):
        for job in self.jobs.values():
            self.assertIs(job["RunAtLoad"], True)
            self.assertIs(job["KeepAlive"], True)
            self.assertEqual((job["ThrottleInterval"], job["ExitTimeOut"]), (10, 10))
            self.assertEqual(job["ProcessType"], "Standard")
            self.assertEqual(job["Umask"], 0o077)
            self.assertEqual(job["HardResourceLimits"], {"Core": 0})  # keys stay out of dumps
            self.assertEqual(job["SoftResourceLimits"], {"Core": 0, "NumberOfFiles": 1024})
            self.assertEqual(job["StandardErrorPath"], f"/var/log/{job['Label']}.log")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
