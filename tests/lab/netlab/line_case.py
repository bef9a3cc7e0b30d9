# SPDX-License-Identifier: Apache-2.0
"""What tests of the whole line share: a lab each, taken down whatever happens, logs on failure."""
import pathlib
import sys
import tempfile
import unittest

from netlab import nodes
from netlab.flow import Flow
from netlab.lab import Lab
from netlab.product import Product, Timing

POLICIES = pathlib.Path(__file__).resolve().parent.parent / "demo-policies.yml"
LEASE = 3.0
# An unserved laptop or gate comes back by its own back-off.
RECOVERY = 30.0


class LineCase(unittest.TestCase):
    binaries = pathlib.Path(".")

    def setUp(self):
        base = tempfile.TemporaryDirectory(prefix="sallyport-line-")
        self.addCleanup(base.cleanup)
        pathlib.Path(base.name).chmod(0o711)
        self.lab = Lab(pathlib.Path(base.name) / "lab")
        self.addCleanup(self.lab.down)
        self.product = Product(self.lab, self.binaries, POLICIES.read_text(),
                               Timing(lease=f"{LEASE:g}s", beat="500ms"))
        self.addCleanup(self._show_logs_of_a_failure)

    def _show_logs_of_a_failure(self):
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            for name in ("policyd", "gate", "agent", "clamd"):
                print(f"--- {name}\n{self.product.log_end(name)}", file=sys.stderr)

    def standing(self) -> Flow:
        """The whole line with traffic on it."""
        self.product.stand_up()
        flow = self.lab.app_flow()
        self.addCleanup(flow.close)
        flow.wait_running(10)
        return flow

    def process_of_the_laptop(self, name: str) -> int:
        """Its pid in the laptop; comm holds 15 characters."""
        listed = self.lab.network.run(nodes.LAPTOP, ["pgrep", "-x", name[:15]]).stdout.split()
        self.assertEqual(len(listed), 1, f"{name}: {listed}")
        return int(listed[0])

    def kill_on_the_laptop(self, name: str) -> None:
        pid = self.process_of_the_laptop(name)
        self.lab.network.run(nodes.LAPTOP, ["kill", "-KILL", str(pid)])

    def outcome(self, policy: str) -> dict:
        """As the laptop's owner sees it."""
        for outcome in self.product.agent_status().get("outcomes", []):
            if outcome["policy"] == policy:
                return outcome
        return {}


def main() -> None:
    """unittest.main with the folder of the programs as the first argument."""
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(f"usage: {sys.argv[0]} BIN [unittest options]")
    LineCase.binaries = pathlib.Path(sys.argv.pop(1))
    unittest.main(verbosity=2)
