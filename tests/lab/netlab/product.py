# SPDX-License-Identifier: Apache-2.0
"""Sallyport's own programs in the lab: the policy service on its node, the gate on the gateway, the
agent and an EDR on the laptop."""
import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import time

from netlab import nodes
from netlab.flow import PORT as FLOW_PORT
from netlab.lab import Lab
from netlab.pki import Credential
from netlab.processes import Process
from netlab.waiting import eventually

TRUST_DOMAIN = "lab.example"
GATEWAY_NAME = "gw1"
ENROLL_PORT = 8442
ATTEST_PORT = 8443
AGENT_USER = "nobody"
EDR_SIGNATURE = b"This text is the whole of what the lab's virus scanner looks for.\n"

# The hosts answer the lab's UDP flow and ping; the policy service is reachable whatever the lease.
ACCESS = f"""\
services:
  app: {{hosts: [{nodes.APP_ADDRESS}], ports: [udp/{FLOW_PORT}, icmp]}}
  remediation: {{hosts: [{nodes.REMEDIATION_ADDRESS}], ports: [udp/{FLOW_PORT}, icmp]}}
  policy-service:
    hosts: [{nodes.SERVICE_ADDRESS}]
    ports: [tcp/{ENROLL_PORT}, tcp/{ATTEST_PORT}]
tiers:
  full: [app, remediation]
  limited: [remediation]
  quarantine: [remediation]
always: [policy-service]
"""


@dataclasses.dataclass(frozen=True)
class Timing:
    """Settings of the service that decide how long things take."""
    lease: str = "5s"
    beat: str = "1s"
    full: str = "1m"


class Product:
    """Every program has a start and, where the tests need it, an end of its own; nothing starts by
    itself. Methods raise RuntimeError with the program's own last words."""

    def __init__(self, lab: Lab, binaries: pathlib.Path, policies: str,
                 timing: Timing = Timing(), access: str = ACCESS):
        self.lab = lab
        self._binaries = binaries.absolute()
        self._timing = timing
        self._policies = policies
        self._access = access
        self.folder = lab.folder
        self.policy_file = self.folder / "policies.yml"
        self.access_file = self.folder / "access.yml"
        self.service_state = self.folder / "service"
        self.gate_state = self.folder / "gate"
        self.laptop_state = self.folder / "agent"  # agent/ and collector/ in it
        self.agent_state = self.laptop_state / "agent"
        self.agent_run = self.folder / "agent-run"
        self.admin_socket = self.folder / "admin/admin.sock"
        self.device_id = ""

    # --- the stage -------------------------------------------------------------------------

    def up(self) -> None:
        """Nodes, wires and folders; no program of ours yet."""
        for name in ("sallyportctl", "sallyport-policyd", "sallyport-gate", "sallyport",
                     "sallyport-supervisor", "sallyport-collector", "sallyport-agent"):
            if not os.access(self._binaries / name, os.X_OK):
                raise RuntimeError(f"{self._binaries / name} is missing: build it first")
        # Paths under the laptop's own folder: an unprivileged agent must reach its program, and
        # the checkout may lie in a home folder that it cannot enter.
        self.lab.up_network({self._binaries: str(self.folder / "bin"),
                             self.folder / "clamav": "/etc/clamav",
                             self.folder / "clamav-db": "/var/lib/clamav"},
                            folders=("admin", "agent", "bin", "clamav", "clamav-db"))
        self.policy_file.write_text(self._policies)
        self.access_file.write_text(self._access)
        self._write_edr_configuration()

    def stand_up(self) -> None:
        """The whole line: service, gate, agent, EDR, and a tunnel with access in tier full."""
        self.up()
        self.start_service()
        gateway = self.enroll_gateway()
        self.load_base_rules()
        laptop = self.enroll_laptop()
        self.lab.start_charons(laptop, gateway)
        self.start_gate()
        self.start_edr()
        self.start_agent()
        self.await_tier("full", 20)
        self.lab.connect()

    def await_tier(self, tier: str, within: float) -> None:
        """Until the laptop itself knows it."""
        eventually(lambda: self.agent_status().get("verdict", {}).get("tier") == tier,
                   f"the laptop knows that its tier is {tier}", within, every=0.02)

    def _program(self, name: str) -> str:
        return str(self._binaries / name)

    # --- the policy service ----------------------------------------------------------------

    def start_service(self) -> Process:
        ready = self._fresh("service.ready")
        process = self.lab.network.start(nodes.SERVICE, "policyd", [
            self._program("sallyport-policyd"), "--state", str(self.service_state), "--policies",
            str(self.policy_file), "--trust-domain", TRUST_DOMAIN, "--enroll-listen",
            f"{nodes.SERVICE_ADDRESS}:{ENROLL_PORT}", "--attest-listen",
            f"{nodes.SERVICE_ADDRESS}:{ATTEST_PORT}", "--server-name", nodes.SERVICE_ADDRESS,
            "--admin-socket", str(self.admin_socket), "--lease", self._timing.lease,
            "--beat-interval", self._timing.beat, "--full-interval", self._timing.full,
            "--ready-file", str(ready)])
        return self._await_ready(process, ready, 15)

    def ctl(self, *argv: str, exits: tuple[int, ...] = (0,)) -> str:
        """Runs sallyportctl; its stdout."""
        return self._checked(self.lab.network.run(
            nodes.SERVICE, [self._program("sallyportctl"), "--socket", str(self.admin_socket),
                            *argv], check=False), exits)

    def service_status(self) -> dict:
        """`sallyportctl status`; it exits 1 when the newest policy file was not taken."""
        return json.loads(self.ctl("status", "--json", exits=(0, 1)))

    def counters(self) -> dict[str, int]:
        return self.service_status()["counters"]

    def device(self) -> dict:
        return json.loads(self.ctl("device", "show", self.device_id, "--json"))

    def _token(self, *argv: str) -> pathlib.Path:
        path = self.folder / f"token-{argv[1]}"
        path.touch(mode=0o600)
        path.write_text(self.ctl("token", "create", *argv))
        return path

    @property
    def ca_file(self) -> pathlib.Path:
        return self.service_state / "ca/ca.crt"

    # --- the gateway -----------------------------------------------------------------------

    def enroll_gateway(self) -> Credential:
        token = self._token("--role", "gateway", "--name", GATEWAY_NAME)
        self._checked(self.lab.network.run(nodes.GATEWAY, [
            self._program("sallyport-gate"), "enroll", "--state", str(self.gate_state),
            "--service", f"{nodes.SERVICE_ADDRESS}:{ENROLL_PORT}", "--ca", str(self.ca_file),
            "--token-file", str(token)], check=False))
        return Credential(f"{GATEWAY_NAME}.{TRUST_DOMAIN}", self.ca_file,
                          self.gate_state / "vpn.crt", self.gate_state / "vpn.key",
                          self.service_state / "ca/ca.crl")

    def load_base_rules(self) -> None:
        """Drop by default, before charon is there."""
        self._checked(self.lab.network.run(nodes.GATEWAY, [
            self._program("sallyport-gate"), "ruleset", "--access", str(self.access_file),
            "--interface", "ipsec0"], check=False))

    def start_gate(self, wait: bool = True) -> Process:
        """`wait`: until it has adopted the kernel's state and charon's sessions."""
        ready = self._fresh("gate.ready")
        process = self.lab.network.start(nodes.GATEWAY, "gate", [
            self._program("sallyport-gate"), "run", "--state", str(self.gate_state), "--vici",
            str(self.lab.gateway.socket), "--interface", "ipsec0", "--access",
            str(self.access_file), "--ready-file", str(ready)])
        return self._await_ready(process, ready, 15) if wait else process

    def kernel_leases(self) -> dict[str, str]:
        """The leases as the kernel holds them: virtual address to tier."""
        return self.lab.kernel_leases()

    # --- the laptop ------------------------------------------------------------------------

    def enroll_laptop(self) -> Credential:
        token = self._token("--role", "device")
        self._checked(self.lab.network.run(nodes.LAPTOP, [
            self._laptop_program("sallyport"), "enroll", "--service",
            f"{nodes.SERVICE_ADDRESS}:{ENROLL_PORT}", "--ca", str(self.ca_file), "--token-file",
            str(token), "--state", str(self.agent_state), "--user", AGENT_USER], check=False))
        self.device_id = json.loads((self.agent_state / "enrollment.json").read_text())["id"]
        return Credential(f"{self.device_id}.{TRUST_DOMAIN}", self.ca_file,
                          self.agent_state / "vpn.crt", self.agent_state / "vpn.key")

    def start_agent(self) -> Process:
        """The supervisor with collector and agent; ready when the agent's socket answers."""
        process = self.lab.network.start(nodes.LAPTOP, "agent", [
            self._laptop_program("sallyport-supervisor"), "--state", str(self.laptop_state),
            "--run", str(self.agent_run), "--user", AGENT_USER])
        eventually(lambda: self._alive(process) and (self.agent_run / "agent.sock").exists(),
                   "the agent's socket", 15)
        return process

    def sallyport(self, *argv: str) -> subprocess.CompletedProcess:
        """The owner's command; its exit status is an answer and never an error here."""
        return self.lab.network.run(nodes.LAPTOP, [
            self._laptop_program("sallyport"), "--socket", str(self.agent_run / "agent.sock"),
            *argv], check=False)

    def agent_status(self) -> dict:
        """`sallyport status --json`; empty while the agent does not answer."""
        done = self.sallyport("status", "--json")
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def replay(self, envelope: pathlib.Path, flip: bool = False) -> dict:
        """What the service answers to evidence that is sent again, perhaps with one bit flipped."""
        answers = []

        def answered() -> bool:
            # A device has one stream: the agent takes it back, and perhaps before the answer.
            done = self.lab.network.run(nodes.LAPTOP, [
                self._laptop_program("replay_evidence"), "--enrollment", str(self.agent_state),
                *(["--flip"] if flip else []), str(envelope)], check=False)
            if done.returncode == 1 and "goodbye" in done.stderr:
                return False
            answers.append(json.loads(self._checked(done)))
            return True
        eventually(answered, "the service answers to replayed evidence", 20)
        return answers[0]

    def keep_evidence(self, name: str) -> pathlib.Path:
        """The envelope that left the laptop last, as a file."""
        path = self.folder / name
        self._checked(self.sallyport("evidence", "show", "--raw", str(path)))
        return path

    def drop_weak_connection(self) -> pathlib.Path:
        """A pre-shared key and a 1024-bit group: the file that somebody's wiki told them to add."""
        path = self.lab.laptop.swanctl_folder / "conf.d/quick-vpn.conf"
        path.write_text(WEAK_CONNECTION)
        return path

    def _laptop_program(self, name: str) -> str:
        return str(self.folder / "bin" / name)

    # --- the laptop's EDR ------------------------------------------------------------------

    def start_edr(self) -> Process:
        """A real clamd with one signature; ready when it answers on its socket."""
        process = self.lab.network.start(nodes.LAPTOP, "clamd", [
            shutil.which("clamd") or "/usr/sbin/clamd", "--config-file=/etc/clamav/clamd.conf"])
        eventually(lambda: self._alive(process) and self._edr_answers(), "clamd answers", 30)
        return process

    def _edr_answers(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(5)
            try:
                connection.connect(str(self.folder / "clamav-db/clamd.ctl"))
                connection.sendall(b"zPING\0")  # clamd(8)
                return connection.recv(16) == b"PONG\0"
            except OSError:
                return False

    def kill_edr(self) -> float:
        """When the kernel said that it is gone: the end of its memory takes a while."""
        process = self.lab.book.find("clamd")
        if process is None:
            raise RuntimeError("no clamd was started")
        process.kill()
        return time.monotonic()

    def _write_edr_configuration(self) -> None:
        # Debian's AppArmor profile lets clamd make its socket beside its signatures.
        digest = hashlib.md5(EDR_SIGNATURE).hexdigest()
        (self.folder / "clamav-db/lab.hdb").write_text(
            f"{digest}:{len(EDR_SIGNATURE)}:Sallyport.Lab.Signature\n")
        (self.folder / "clamav/clamd.conf").write_text(
            "Foreground yes\nDatabaseDirectory /var/lib/clamav\nSelfCheck 3600\n"
            "LocalSocket /var/lib/clamav/clamd.ctl\nFixStaleSocket yes\n")

    # --- words -----------------------------------------------------------------------------

    def _fresh(self, name: str) -> pathlib.Path:
        path = self.folder / name
        path.unlink(missing_ok=True)
        return path

    def _alive(self, process: Process) -> bool:
        if not process.alive():
            raise RuntimeError(f"{process.name} ended with {process.exit_status()}:\n"
                               f"{self.log_end(process.name)}")
        return True

    def _await_ready(self, process: Process, ready: pathlib.Path, within: float) -> Process:
        eventually(lambda: self._alive(process) and ready.exists(), f"{process.name} is ready",
                   within)
        return process

    def log_end(self, name: str, lines: int = 25) -> str:
        return "\n".join(self.lab.book.log(name).splitlines()[-lines:])

    @staticmethod
    def _checked(done: subprocess.CompletedProcess, exits: tuple[int, ...] = (0,)) -> str:
        if done.returncode not in exits:
            raise RuntimeError(f"{' '.join(map(str, done.args[-12:]))}\n  exit {done.returncode}: "
                               f"{done.stdout}{done.stderr}")
        return done.stdout


WEAK_CONNECTION = """\
connections {
    quick-vpn {
        version = 2
        remote_addrs = 203.0.113.7
        proposals = aes128-sha1-modp1024
        local {
            auth = psk
        }
        remote {
            auth = psk
        }
        children {
            quick-vpn {
                esp_proposals = aes128-sha1-modp1024
            }
        }
    }
}
secrets {
    ike-quick-vpn {
        secret = "a key that everybody in the office knows"
    }
}
"""
