#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the Windows build to what keeps its programs right: on PE/COFF, GCC 12 miscompiles calls of
inline functions without -fno-ipa-ra, and a precompiled header switches the flag off again."""
import json
import sys
import unittest

COMMANDS = sys.argv.pop(1)


def wrong(commands):
    """The files whose compile line lacks the flag, or brings a precompiled header."""
    return [entry["file"] for entry in commands
            if "-fno-ipa-ra" not in entry["command"].split()
            or "-fipa-ra" in entry["command"].split()
            or "cmake_pch" in entry["command"]]


class WindowsBuild(unittest.TestCase):
    def test_every_file_is_compiled_with_fno_ipa_ra_and_without_a_precompiled_header(self):
        with open(COMMANDS, encoding="utf-8") as handle:
            commands = json.load(handle)
        self.assertGreater(len(commands), 50)
        self.assertEqual(wrong(commands), [])

    def test_the_rule_catches_what_it_is_for(self):
        bad = ["g++ -O1 -c a.cc", "g++ -fno-ipa-ra -fipa-ra -c a.cc",
               "g++ -fno-ipa-ra -include x/cmake_pch.hxx -c a.cc"]
        self.assertEqual(len(wrong([{"file": "a.cc", "command": line} for line in bad])), 3)
        self.assertEqual(wrong([{"file": "a.cc", "command": "g++ -fno-ipa-ra -c a.cc"}]), [])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
