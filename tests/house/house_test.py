#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the tree to the rules that a compiler does not see: who may include whom, where Qt and the
operating system may be named, licence lines, and that every folder explains itself."""
import os
import re
import subprocess
import sys
import unittest

ROOT = sys.argv.pop(1) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else "."

# Folder -> the folders whose headers it may include, besides itself. design: includes point down.
MAY_INCLUDE = {
    "base": set(),
    "proto": set(),
    "platform": {"base"},
    "collectors": {"base", "platform"},
    "attestation": {"base", "proto"},
    "policy": {"base"},
    "service": {"base", "proto", "attestation", "policy", "collectors"},
    "gateway": {"base", "proto", "attestation"},
    "agent": {"base", "proto", "platform", "collectors", "attestation", "policy"},
}
# Finer than folders: of these only the named headers may be seen from there.
ONLY = {
    ("collectors", "platform"): {"platform/host.h"},
    ("service", "collectors"): {"collectors/tables.h"},
}
QT_FOLDERS = {"platform", "agent"}
GRPC_FOLDERS = {"service", "gateway", "agent", "attestation"}
# Headers of one operating system, and the file names that may hold them.
SYSTEM_HEADER = re.compile(
    r"^(sys/|linux/|net/|netinet/|arpa/|unistd\.h|fcntl\.h|poll\.h|pwd\.h|grp\.h|spawn\.h|signal\.h|"
    r"dirent\.h|sched\.h|windows\.h|winsock2?\.h|libmnl/|systemd/|mach/|IOKit/|CoreFoundation/)")
PORTABLE_FOLDERS = {"base", "collectors", "policy"}
NAMED_FOLDERS = {"platform", "attestation"}  # only in files named for their system
SYSTEM_FILE = re.compile(r"_(linux|macos|windows|posix)\.(cc|h)$")

# Which system a file is for is told by its name, and chosen by CMake.
PLATFORM_CONDITION = re.compile(
    r"^\s*#\s*(?:el)?if.*\b(?:__linux\w*|linux|_WIN32|_WIN64|WIN32|__APPLE__|__MINGW\w*|_MSC_VER|__unix\w*|"
    r"__has_include|TARGET_OS_\w+)\b|\bQ_OS_\w+", re.M)

# What a thread keeps with thread_local and has a destructor is freed twice on Windows, so nothing that
# Windows builds has one.
NOT_FOR_WINDOWS = re.compile(r"^(service|gateway|tests)/|_(linux|macos|posix)\.(cc|h)$")
THREAD_LOCAL = re.compile(r"^(?:(?!//).)*\bthread_local\b", re.M)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.M)


# `Suite.Name` (file), in docs/traps.md.
TRAP = re.compile(r"`(\w+)\.(\w+)` \((tests/[\w/.]+)\)")


def sources():
    out = subprocess.run(["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard",
                          "*.cc", "*.h"], check=True, capture_output=True, text=True).stdout
    return [f for f in out.splitlines() if os.path.exists(os.path.join(ROOT, f))]


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as handle:
        return handle.read()


def violations(path, text):
    """All that is wrong with the includes of one file."""
    folder = path.split("/")[0]
    found = []
    for kind, name in INCLUDE.findall(text):
        top = name.split("/")[0]
        if kind == '"' and top == "sallyport":
            top = "proto"
        if kind == '"' and top in MAY_INCLUDE and folder in MAY_INCLUDE:
            if top != folder and top not in MAY_INCLUDE[folder]:
                found.append(f"{path}: {folder} may not include {name}")
            only = ONLY.get((folder, top))
            if only and name not in only:
                found.append(f"{path}: of {top}, {folder} may include only {sorted(only)}, not {name}")
        if folder in MAY_INCLUDE and name.startswith("tests/"):
            found.append(f"{path}: product code includes {name}")
        if folder in MAY_INCLUDE and folder not in QT_FOLDERS and re.match(r"Q[A-Z]\w+$|Qt\w+/", name):
            found.append(f"{path}: Qt ({name}) stays in platform and agent")
        if folder in MAY_INCLUDE and folder not in GRPC_FOLDERS and name.startswith("grpc"):
            found.append(f"{path}: gRPC ({name}) stays in {sorted(GRPC_FOLDERS)}")
        if folder in PORTABLE_FOLDERS and SYSTEM_HEADER.match(name):
            found.append(f"{path}: {name} belongs behind platform/host.h")
        if folder in NAMED_FOLDERS and SYSTEM_HEADER.match(name) and not SYSTEM_FILE.search(path):
            found.append(f"{path}: {name} belongs in a file named for its system")
    return found


def keeps_by_thread(path, text):
    return not NOT_FOR_WINDOWS.search(path) and THREAD_LOCAL.search(text) is not None


class House(unittest.TestCase):
    def test_every_include_points_down(self):
        files = sources()
        self.assertGreater(len(files), 10)
        self.assertEqual([v for f in files for v in violations(f, read(f))], [])

    def test_the_rules_catch_what_they_are_for(self):
        for path, line in [
            ("base/x.cc", '#include "policy/engine.h"'),
            ("gateway/x.cc", '#include "policy/engine.h"'),
            ("collectors/x.cc", '#include "platform/host_linux.h"'),
            ("collectors/x.cc", "#include <unistd.h>"),
            ("service/x.cc", '#include "collectors/collector.h"'),
            ("service/x.cc", "#include <QCoreApplication>"),
            ("policy/x.cc", '#include "sallyport/v1/evidence.pb.h"'),
            ("platform/host.cc", "#include <sys/stat.h>"),
            ("agent/x.cc", '#include "tests/support/fake_host.h"'),
        ]:
            self.assertTrue(violations(path, line), f"{path}: {line} was let through")
        self.assertEqual(violations("platform/host_linux.cc", "#include <sys/stat.h>"), [])

    def test_host_h_names_no_qt_type(self):
        self.assertNotRegex(read("platform/host.h"), r"\bQ[A-Z]\w+")

    def test_every_source_file_carries_its_licence(self):
        lacking = [f for f in sources() if "SPDX-License-Identifier: Apache-2.0" not in read(f)[:200]]
        self.assertEqual(lacking, [])

    def test_headers_guard_themselves(self):
        lacking = [f for f in sources() if f.endswith(".h") and "#pragma once" not in read(f)]
        self.assertEqual(lacking, [])

    def test_every_folder_explains_itself(self):
        lacking = [d for d in [*MAY_INCLUDE, "tests"] if not os.path.exists(os.path.join(ROOT, d, "README.md"))]
        self.assertEqual(lacking, [])

    def test_every_trap_names_a_test_that_there_is(self):
        rows = TRAP.findall(read("docs/traps.md"))
        self.assertGreater(len(rows), 50)
        for suite, name, path in rows:
            with self.subTest(test=f"{suite}.{name}"):
                self.assertRegex(read(path), rf"TEST(?:_F)?\(\s*{suite},\s*{name}\)")

    def test_no_file_asks_which_system_it_is_compiled_for(self):
        marked = [f for f in sources() if PLATFORM_CONDITION.search(read(f))]
        self.assertEqual(marked, [])

    def test_nothing_that_windows_builds_has_a_thread_local(self):
        marked = [f for f in sources() if keeps_by_thread(f, read(f))]
        self.assertEqual(marked, [])
        self.assertTrue(keeps_by_thread("collectors/x.cc", "{\n  thread_local Kept kept;\n"))
        self.assertTrue(keeps_by_thread("platform/x_windows.cc", "static thread_local int i;"))
        self.assertFalse(keeps_by_thread("attestation/x_posix.cc", "thread_local Kept kept;"))
        self.assertFalse(keeps_by_thread("agent/x.cc", "// No thread_local: it is freed too early"))

    def test_the_conditions_that_it_knows_are_found(self):
        for line in ["#ifdef _WIN32", "#if defined(__APPLE__)", "# ifndef __linux__",
                     "#elif defined(Q_OS_MACOS)", "#ifdef __MINGW64__", "#if __has_include(<windows.h>)",
                     "if constexpr (kWindows && Q_OS_WIN)"]:
            self.assertTrue(PLATFORM_CONDITION.search(line), line)
        for line in ["#ifndef NDEBUG", "if (os == Os::kWindows)", "// like #ifdef, but told"]:
            self.assertFalse(PLATFORM_CONDITION.search(line), line)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
