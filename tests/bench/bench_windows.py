#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the Windows programs cost under Wine: their size, how long until the first evidence of a
started laptop is accepted, and how much memory they hold then. Wine is not Windows: the figures tell
a change from the day before, not what a laptop will show.

Arguments: the folder of the Linux programs, the folder of the Windows programs.
"""
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "windows"))
from line import SERVICE, Line, eventually, service_state  # noqa: E402

STARTS = 5
PROGRAMS = ("sallyport-service", "sallyport-agent", "sallyport")

POLICIES = """
- name: windows-10-or-later
  description: The system is one that still gets updates.
  platform: windows
  query: SELECT 1 FROM os_version WHERE major >= 10;
  resolution: Install Windows 10 or later.
  sallyport:
    mode: block
    tier: quarantine
"""


def stripped_bytes(program):
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["x86_64-w64-mingw32-strip", "-o", out.name, program], check=True)
        return pathlib.Path(out.name).stat().st_size


def resident_kib(program):
    """Of the one process that runs it; Wine's own share is in the figure."""
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            # Wine shows the Windows command line.
            command = (entry / "cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
            if command.replace("\\", "/").rpartition("/")[2].strip('"') == program + ".exe":
                return int((entry / "statm").read_text().split()[1]) * 4
        except (FileNotFoundError, ProcessLookupError):
            continue
    raise RuntimeError(f"{program}.exe does not run")


def main():
    linux, windows = (pathlib.Path(one).absolute() for one in sys.argv[1:3])
    for name in PROGRAMS:
        print(f"{name + '.exe':24} {stripped_bytes(windows / (name + '.exe')) / 2**20:6.1f} MiB stripped")
    with tempfile.TemporaryDirectory(prefix="sallyport-windows-") as folder:
        line = Line(folder, linux, windows, POLICIES)
        try:
            line.up()
            first = []
            for _ in range(STARTS):
                line.checked("sc", "stop", SERVICE)
                eventually(lambda: service_state(SERVICE) == "STOPPED", "the stop", 30, 0.1)
                before = line.control("status")["counters"]["evidence_accepted"]
                started = time.monotonic()
                line.checked("sc", "start", SERVICE)
                eventually(lambda: line.control("status")["counters"]["evidence_accepted"] > before,
                           "the first evidence", 30, 0.005)
                first.append(time.monotonic() - started)
            print(f"start to first accepted  {statistics.median(first) * 1000:6.0f} ms, median of "
                  f"{STARTS} (`sc start` and its Wine process are in it)")
            for name in PROGRAMS[:2]:
                print(f"{name + '.exe':24} {resident_kib(name) / 1024:6.1f} MiB resident")
        finally:
            line.down()


if __name__ == "__main__":
    main()
