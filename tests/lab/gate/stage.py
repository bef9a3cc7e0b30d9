# SPDX-License-Identifier: Apache-2.0
"""The gate on the lab's gateway, and a peer on the service's node that grants what a test says."""
import pathlib
import subprocess
import threading

from netlab import nodes
from netlab.flow import PORT
from netlab.lab import Lab
from netlab.pki import OpensslCa
from netlab.processes import Process
from netlab.vici import Vici
from netlab.waiting import eventually

ACCESS = f"""\
services:
  app: {{hosts: [{nodes.APP_ADDRESS}], ports: [udp/{PORT}, icmp]}}
  mend: {{hosts: [{nodes.REMEDIATION_ADDRESS}], ports: [udp/{PORT}, icmp]}}
  policy: {{hosts: [{nodes.SERVICE_ADDRESS}], ports: [tcp/8442, tcp/8443]}}
tiers: {{full: [app, mend], limited: [mend], quarantine: [mend]}}
always: [policy]
"""
VIP = "10.99.0.1"
DEVICE = "dev-0001"
HOUR = 3_600_000


class LeaseSource:
    """tests/gateway/lease_source.cc, driven by lines."""

    def __init__(self, lab: Lab, program: pathlib.Path):
        self._lab = lab
        self._program = program
        self.lines: list[str] = []
        self._news = threading.Condition()

    def start(self) -> None:
        # popen() of the lab gives its processes no stdin, and this one lives by it.
        command = self._lab.network._command(nodes.SERVICE, [
            str(self._program), str(self._lab.folder / "lease-ca"), nodes.SERVICE_ADDRESS])
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         text=True, bufsize=1, start_new_session=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.hear("ready")

    def _read(self) -> None:
        for line in self._process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()

    def say(self, line: str) -> None:
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def mark(self) -> int:
        with self._news:
            return len(self.lines)

    def hear(self, start: str, since: int = 0, within: float = 15) -> str:
        """The first line after `since` that begins so."""
        def found():
            return next((line for line in self.lines[since:] if line.startswith(start)), None)
        with self._news:
            if not self._news.wait_for(found, within):
                raise TimeoutError(f"the gate did not say: {start}; it said {self.lines[since:]}")
            return found()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._reader.join()
        self._process.stdout.close()


class Stage:
    def __init__(self, folder: pathlib.Path, gate: pathlib.Path, lease_source: pathlib.Path):
        self.lab = Lab(folder)
        self.gate_flags: list[str] = []
        self._gate = gate
        self.source = LeaseSource(self.lab, lease_source)
        self.gate: Process

    def up(self, gateway_conf: str = "") -> None:
        """Everything but the tunnel: base ruleset, both charons, peer, gate."""
        self.lab.up_network()
        (self.lab.folder / "lease-ca").mkdir()
        self._file("access.yaml").write_text(ACCESS)
        self._file("token").write_text("any\n")
        self.run_gate("ruleset", "--access", str(self._file("access.yaml")), "--interface",
                      "ipsec0")
        self.ca = OpensslCa(self.lab.folder / "ca")
        self.laptop_credential = self.ca.device(DEVICE)
        if gateway_conf:
            (self.lab.gateway.swanctl_folder / "conf.d/extra.conf").write_text(gateway_conf)
        self.lab.start_charons(self.laptop_credential, self.ca.gateway("gw1"))
        self.source.start()
        self.run_gate("enroll", "--state", str(self._file("gate")), "--service",
                      f"{nodes.SERVICE_ADDRESS}:8442", "--ca",
                      str(self._file("lease-ca/ca.pem")), "--token-file", str(self._file("token")))
        self.start_gate()

    def up_with_lease(self, tier: str = "full", millis: int = HOUR) -> None:
        """And the tunnel, with a lease on it."""
        self.up()
        self.lease(tier, millis)
        self.lab.connect()
        self.await_leases({VIP: tier})

    def down(self) -> None:
        if hasattr(self.source, "_process"):
            self.source.kill()
        self.lab.down()

    def _file(self, name: str) -> pathlib.Path:
        return self.lab.folder / name

    # --- the gate

    def run_gate(self, *argv: str) -> str:
        done = self.lab.network.run(nodes.GATEWAY, [str(self._gate), *argv], check=False)
        if done.returncode != 0:
            raise RuntimeError(f"sallyport-gate {argv[0]}: {done.returncode}: {done.stderr}")
        return done.stdout

    def start_gate(self) -> None:
        ready = self._file("gate.ready")
        ready.unlink(missing_ok=True)
        mark = self.source.mark()
        self.gate = self.lab.network.start(nodes.GATEWAY, "gate", [
            str(self._gate), "run", "--state", str(self._file("gate")), "--vici",
            str(self.lab.gateway.socket), "--interface", "ipsec0", "--access",
            str(self._file("access.yaml")), "--ready-file", str(ready), *self.gate_flags])
        eventually(lambda: ready.exists() or not self.gate.alive(), "the gate stands", 15)
        if not self.gate.alive():
            raise RuntimeError("the gate ended:\n" + self.gate_log())
        self.source.hear("stream up", mark)

    def gate_log(self) -> str:
        return self.lab.book.log("gate")

    # --- leases

    def lease(self, tier: str, millis: int = HOUR, decision: int = 1, device: str = DEVICE):
        self.source.say(f"lease {device} {tier} {millis} {decision}")

    def leases(self) -> dict[str, str]:
        return self.lab.kernel_leases()

    def await_leases(self, wanted: dict[str, str], within: float = 5) -> None:
        def same():
            try:
                return self.leases() == wanted
            except subprocess.CalledProcessError:
                return False  # the table is not there
        try:
            eventually(same, f"the kernel holds {wanted}", within)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; it holds {self.leases()}\n{self.gate_log()}") from error

    # --- charon

    def gateway_vici(self) -> Vici:
        return Vici(self.lab.gateway.socket)

    def ping(self, address: str, within: float = 1) -> bool:
        done = self.lab.network.run(nodes.LAPTOP, ["ping", "-c", "1", "-W", str(within), address],
                                    check=False)
        return done.returncode == 0
