#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demo leaves nothing behind, also when it is interrupted or does not see what it has to see.
Usage: demo_cleanup_test.py BIN."""
import pathlib
import re
import signal
import subprocess
import sys

from netlab.lab import Lab
from netlab.line_case import LineCase, main

DEMO = pathlib.Path(__file__).resolve().parent / "demo.py"


class DemoCleanUp(LineCase):
    def demo_until(self, text: str) -> subprocess.Popen:
        """A demo that has printed `text`; its lab is self.running."""
        demo = subprocess.Popen([sys.executable, "-B", DEMO, "--bin", self.binaries],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                start_new_session=True)
        self.addCleanup(lambda: (demo.kill(), demo.wait(), demo.stdout.close(),
                                 demo.stderr.close()))
        said = ""
        for line in demo.stdout:
            said += line
            if text in line:
                folder = re.search(r"the folder (\S+):", said)[1]
                self.running = Lab(pathlib.Path(folder))
                self.addCleanup(self.running.down)
                return demo
        self.fail(f"the demo ended before it said {text!r}:\n{said}{demo.stderr.read()}")

    def nothing_is_left(self) -> None:
        self.assertFalse(self.running.folder.exists())
        listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True).stdout
        self.assertNotIn(self.running.network.prefix, listed)
        running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
        self.assertNotIn(str(self.running.folder), running)

    def test_ctrl_c_takes_everything_down(self):
        demo = self.demo_until("traffic crosses")
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=60)
        self.assertEqual(demo.returncode, 130)
        self.nothing_is_left()

    def test_sigterm_takes_everything_down(self):
        demo = self.demo_until("Real evidence")
        demo.send_signal(signal.SIGTERM)
        demo.communicate(timeout=60)
        self.assertEqual(demo.returncode, 143)
        self.nothing_is_left()

    def test_what_is_not_observed_fails_the_demo_shows_the_logs_and_is_taken_down(self):
        demo = self.demo_until("traffic crosses")
        self.running.book.find("gate").kill()
        _, errors = demo.communicate(timeout=120)
        self.assertEqual(demo.returncode, 1)
        self.assertIn("NOT OBSERVED", errors)
        self.assertIn("end of policyd's log", errors)
        self.nothing_is_left()


if __name__ == "__main__":
    main()
