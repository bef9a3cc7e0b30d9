#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the Windows build to what keeps its programs right: on PE/COFF, GCC 12 miscompiles calls of
inline functions without -fno-ipa-ra, and a precompiled header switches the flag off again. And the
libraries to the recipe: those that are used are of the versions that it pins."""
import json
import os
import re
import sys
import unittest

COMMANDS = sys.argv.pop(1)
PREFIX = sys.argv.pop(1)
SOURCES = os.path.join(os.path.dirname(__file__), "..", "..", "cmake", "windows", "sources")

# Where the prefix says a library's version. re2 says none.
VERSION_IN = {
    "zlib": ("include/zlib.h", r'ZLIB_VERSION "([\d.]+)"'),
    "openssl": ("include/openssl/opensslv.h", r'OPENSSL_VERSION_STR "([\d.]+)"'),
    "abseil": ("include/absl/base/config.h", r"define ABSL_LTS_RELEASE_VERSION (\d+)"),
    "c-ares": ("include/ares_version.h", r'ARES_VERSION_STR "([\d.]+)"'),
    "protobuf": ("lib/pkgconfig/protobuf.pc", r"Version: (\d+\.\d+\.\d+)"),
    "sqlite3": ("include/sqlite3.h", r'SQLITE_VERSION +"([\d.]+)"'),
    "googletest": ("lib/pkgconfig/gtest.pc", r"Version: ([\d.]+)"),
    "qt6-base": ("lib/cmake/Qt6/Qt6ConfigVersionImpl.cmake", r'PACKAGE_VERSION "([\d.]+)"'),
    "grpc": ("lib/pkgconfig/grpc++.pc", r"Version: ([\d.]+)"),
}


def wrong(commands):
    """The files whose compile line lacks the flag, or brings a precompiled header; a resource script
    (.rc) has no code in it."""
    return [entry["file"] for entry in commands if not entry["file"].endswith(".rc")
            if "-fno-ipa-ra" not in entry["command"].split()
            or "-fipa-ra" in entry["command"].split()
            or "cmake_pch" in entry["command"]]


def read(path):
    with open(path, encoding="utf-8") as handle:
        return handle.read()


def pinned_releases():
    """Source package -> release, without Debian's epoch, revision and mark of files taken out."""
    pins = [line.split() for line in read(SOURCES).splitlines() if line and not line.startswith("#")]
    return {name: re.match(r"(?:\d+:)?([\d.]+\d)", version).group(1) for name, version, *_ in pins}


def agrees(release, found):
    """Abseil says no patch level."""
    return release == found or release.startswith(found + ".")


class WindowsBuild(unittest.TestCase):
    def test_every_file_is_compiled_with_fno_ipa_ra_and_without_a_precompiled_header(self):
        commands = json.loads(read(COMMANDS))
        self.assertGreater(len(commands), 50)
        self.assertEqual(wrong(commands), [])

    def test_the_rule_catches_what_it_is_for(self):
        bad = ["g++ -O1 -c a.cc", "g++ -fno-ipa-ra -fipa-ra -c a.cc",
               "g++ -fno-ipa-ra -include x/cmake_pch.hxx -c a.cc"]
        self.assertEqual(len(wrong([{"file": "a.cc", "command": line} for line in bad])), 3)
        self.assertEqual(wrong([{"file": "a.cc", "command": "g++ -fno-ipa-ra -c a.cc"}]), [])

    def test_the_libraries_are_of_the_versions_that_the_recipe_pins(self):
        releases = pinned_releases()
        self.assertEqual(set(releases) - set(VERSION_IN), {"re2"})
        for name, (path, pattern) in VERSION_IN.items():
            found = re.search(pattern, read(os.path.join(PREFIX, path))).group(1)
            self.assertTrue(agrees(releases[name], found), f"{name}: pinned {releases[name]}, used {found}")

    def test_a_version_is_compared_to_its_end(self):
        self.assertTrue(agrees("20220623.1", "20220623"))
        for release, found in [("3.0.22", "3.0.2"), ("3.0.2", "3.0.22"), ("1.51.1", "1.52.1")]:
            self.assertFalse(agrees(release, found))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
