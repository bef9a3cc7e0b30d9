#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the macOS build to what it claims: every source that is not another system's is compiled
for the machine that the preset names, and what is linked is a program of that machine."""
import json
import os
import re
import struct
import subprocess
import sys
import unittest

ROOT, BUILD, MACHINE = sys.argv[1:4]
del sys.argv[1:4]

# service/ and gateway/ run on Linux only.
FOLDERS = ["base", "platform", "collectors", "attestation", "policy", "agent"]
TARGETS = {"arm64": "aarch64-macos", "x86_64": "x86_64-macos"}
# mach/machine.h: CPU_TYPE_ARM64, CPU_TYPE_X86_64; mach-o/loader.h: MH_MAGIC_64, MH_EXECUTE.
CPU_TYPES = {"arm64": 0x0100000C, "x86_64": 0x01000007}
MH_MAGIC_64, MH_EXECUTE = 0xFEEDFACF, 2


def is_for_macos(path):
    """Collectors of every system are portable; elsewhere the name says whose a source is."""
    if path.startswith("collectors/"):
        return True
    return not re.search(r"_(linux|windows)\.cc$", path)


def expected(tree):
    """What must be compiled, of all sources; x_absent.cc takes the place of x.cc."""
    wanted = {path for path in tree if is_for_macos(path)}
    return {path for path in wanted if path.replace(".cc", "_absent.cc") not in wanted}


def wrong(tree, compiled):
    tree_of_ours = {path for path in tree if path.split("/")[0] in FOLDERS}
    ours = {path for path in compiled if path.split("/")[0] in FOLDERS}
    return ([f"{path}: in no list of macOS" for path in sorted(expected(tree_of_ours) - ours)] +
            [f"{path}: another system's" for path in sorted(ours) if not is_for_macos(path)])


def machine_of(head):
    """CPU type of a Mach-O program, None of anything else."""
    if len(head) < 16:
        return None
    magic, cpu_type, _, file_type = struct.unpack("<4I", head)
    return cpu_type if (magic, file_type) == (MH_MAGIC_64, MH_EXECUTE) else None


class MacosBuild(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as handle:
            self.commands = json.load(handle)

    def test_every_source_that_is_not_another_systems_is_compiled(self):
        tree = subprocess.run(["git", "-C", ROOT, "ls-files", "*.cc"], check=True,
                              capture_output=True, text=True).stdout.splitlines()
        tree = [path for path in tree if os.path.exists(os.path.join(ROOT, path))]
        compiled = [os.path.relpath(entry["file"], ROOT) for entry in self.commands]
        self.assertGreater(len(compiled), 80)
        self.assertEqual(wrong(tree, compiled), [])

    def test_the_rule_catches_what_it_is_for(self):
        tree = ["platform/a_macos.cc", "platform/b_linux.cc", "collectors/c_linux.cc",
                "policy/d.cc", "collectors/e.cc", "collectors/e_absent.cc", "service/f.cc",
                "agent/main.cc", "agent/g_posix.cc", "agent/h_bsd.cc"]
        good = ["platform/a_macos.cc", "collectors/c_linux.cc", "policy/d.cc",
                "collectors/e_absent.cc", "agent/main.cc", "agent/g_posix.cc", "agent/h_bsd.cc"]
        self.assertEqual(wrong(tree, good), [])
        for path in good:
            self.assertEqual(wrong(tree, [p for p in good if p != path]),
                             [f"{path}: in no list of macOS"])
        self.assertEqual(wrong(tree, good + ["platform/b_linux.cc"]),
                         ["platform/b_linux.cc: another system's"])

    def test_every_file_is_compiled_for_the_machine_with_warnings_as_errors(self):
        target = f"--target={TARGETS[MACHINE]}"
        self.assertEqual([e["file"] for e in self.commands if target not in e["command"]], [])
        self.assertEqual([e["file"] for e in self.commands
                          if os.path.relpath(e["file"], ROOT).split("/")[0] in FOLDERS
                          and "-Werror" not in e["command"].split()], [])

    def test_no_file_sees_the_headers_of_this_machine(self):
        self.assertEqual([e["file"] for e in self.commands
                          if re.search(r"(-I|-isystem) ?/usr/include( |$)", e["command"])], [])

    def test_what_is_linked_is_a_program_of_the_machine(self):
        programs = os.listdir(os.path.join(BUILD, "bin"))
        self.assertIn("collectors_test", programs)
        for name in programs:
            with open(os.path.join(BUILD, "bin", name), "rb") as handle:
                self.assertEqual(machine_of(handle.read(16)), CPU_TYPES[MACHINE], name)
        with open("/proc/self/exe", "rb") as handle:
            self.assertIsNone(machine_of(handle.read(16)))
        self.assertIsNone(machine_of(b""))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
