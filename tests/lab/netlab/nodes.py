# SPDX-License-Identifier: Apache-2.0
"""The five nodes, their wires, and what it means to run something in one of them.

  laptop 198.51.100.10 == gw 198.51.100.1 -+- 10.20.1.10 app
  (wan0)                  (wan0)           +- 10.20.2.10 rem   (remediation)
                                           +- 10.30.0.10 mgmt  (policy service)

Wires are veth pairs made inside the namespaces: the host's own network sees nothing of them. The
laptop is a network namespace and besides it has its own mounts and its own process table, so that
it reads the real /etc/swanctl path without touching the host's, and sees its own clamd only.
"""
import contextlib
import os
import pathlib
import subprocess
import sys

from netlab import syscalls
from netlab.processes import Process, ProcessBook
from netlab.waiting import eventually

LAPTOP, GATEWAY, APP, REMEDIATION, SERVICE = "laptop", "gw", "app", "rem", "mgmt"
NODES = (LAPTOP, GATEWAY, APP, REMEDIATION, SERVICE)

LAPTOP_ADDRESS = "198.51.100.10"
GATEWAY_ADDRESS = "198.51.100.1"
APP_ADDRESS = "10.20.1.10"
REMEDIATION_ADDRESS = "10.20.2.10"
SERVICE_ADDRESS = "10.30.0.10"

# (node, device, address) on both ends.
WIRES = (
    ((LAPTOP, "wan0", LAPTOP_ADDRESS), (GATEWAY, "wan0", GATEWAY_ADDRESS)),
    ((APP, "eth0", APP_ADDRESS), (GATEWAY, "app0", "10.20.1.1")),
    ((REMEDIATION, "eth0", REMEDIATION_ADDRESS), (GATEWAY, "rem0", "10.20.2.1")),
    ((SERVICE, "eth0", SERVICE_ADDRESS), (GATEWAY, "mgmt0", "10.30.0.1")),
)
ROUTES = (
    (LAPTOP, "10.30.0.0/24", GATEWAY_ADDRESS),  # the policy service lies outside the tunnel
    (APP, "default", "10.20.1.1"),
    (REMEDIATION, "default", "10.20.2.1"),
    (SERVICE, "default", "10.30.0.1"),
)

# PID 1 of the laptop: reaps what is left to it and otherwise only is there. Killed, it takes the
# laptop's processes along (pid_namespaces(7)).
_LAPTOP_INIT = """
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD, signal.SIGTERM])
open(sys.argv[1], "w").close()
while signal.sigwait([signal.SIGCHLD, signal.SIGTERM]) == signal.SIGCHLD:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]: pass
    except ChildProcessError: pass
"""


def _run(*argv: str, check: bool = True) -> subprocess.CompletedProcess:
    return subprocess.run(argv, check=check, capture_output=True, text=True)


class Network:
    """The namespaces of one lab. `prefix` keeps two labs on one machine apart."""

    def __init__(self, prefix: str, folder: pathlib.Path, book: ProcessBook):
        self.prefix = prefix
        self._folder = folder
        self._book = book

    def namespace(self, node: str) -> str:
        return f"{self.prefix}-{node}"

    def exists(self, node: str) -> bool:
        return os.path.exists(f"/run/netns/{self.namespace(node)}")

    def up(self, binds: dict[pathlib.Path, str]) -> None:
        """Makes nodes and wires. `binds`: folders that the laptop sees at another path."""
        for node in NODES:
            if not self.exists(node):
                _run("ip", "netns", "add", self.namespace(node))
            _run("ip", "-n", self.namespace(node), "link", "set", "lo", "up")
        for near, far in WIRES:
            self._wire(near, far)
        for node, target, via in ROUTES:
            _run("ip", "-n", self.namespace(node), "route", "replace", target, "via", via)
        self.run(GATEWAY, ["sysctl", "-qw", "net.ipv4.ip_forward=1"])
        self._start_laptop(binds)

    def _wire(self, near: tuple[str, str, str], far: tuple[str, str, str]) -> None:
        (node, device, address), (peer, peer_device, peer_address) = near, far
        here, there = self.namespace(node), self.namespace(peer)
        if _run("ip", "-n", here, "link", "show", device, check=False).returncode != 0:
            _run("ip", "-n", here, "link", "add", device, "type", "veth", "peer", "name",
                 peer_device, "netns", there)
            _run("ip", "-n", here, "addr", "add", f"{address}/24", "dev", device)
            _run("ip", "-n", there, "addr", "add", f"{peer_address}/24", "dev", peer_device)
        _run("ip", "-n", here, "link", "set", device, "up")
        _run("ip", "-n", there, "link", "set", peer_device, "up")

    def _start_laptop(self, binds: dict[pathlib.Path, str]) -> None:
        ready = self._folder / "laptop.ready"
        ready.unlink(missing_ok=True)
        script = ["set -e", "mount -t proc proc /proc"]
        script += [f"mount --bind '{source}' '{target}'" for source, target in binds.items()]
        script.append('exec "$@"')
        with syscalls.children_in_new_pid_namespace():
            init = self._book.start("laptop-init", [
                "nsenter", f"--net=/run/netns/{self.namespace(LAPTOP)}", "--", "unshare", "--mount",
                "--propagation", "private", "--", "/bin/sh", "-c", "\n".join(script), "sh",
                sys.executable, "-c", _LAPTOP_INIT, str(ready)])
        eventually(lambda: ready.exists() or not init.alive(), "the laptop's first process", 10)
        if not ready.exists():
            raise RuntimeError("laptop: " + self._book.log("laptop-init"))

    def _laptop_init(self) -> Process:
        init = self._book.find("laptop-init")
        if init is None or not init.alive():
            raise RuntimeError("the laptop is not up")
        return init

    def _command(self, node: str, argv: list[str]) -> list[str]:
        enter = ["nsenter", f"--net=/run/netns/{self.namespace(node)}"]
        if node == LAPTOP:
            enter.append(f"--mount=/proc/{self._laptop_init().pid}/ns/mnt")
        return [*enter, "--", *argv]

    @contextlib.contextmanager
    def _inside(self, node: str):
        """What is started in the block gets the node's process table."""
        if node == LAPTOP:
            with syscalls.children_in_pid_namespace(f"/proc/{self._laptop_init().pid}/ns/pid"):
                yield
        else:
            yield

    def start(self, node: str, name: str, argv: list[str],
              env: dict[str, str] | None = None) -> Process:
        """Starts a process of the lab in a node; it stays until stopped or the lab goes down."""
        command = self._command(node, argv)
        with self._inside(node):
            return self._book.start(name, command, {**os.environ, **(env or {})})

    def popen(self, node: str, argv: list[str], **options) -> subprocess.Popen:
        """A process in a node that belongs to the caller; without a stdin unless options say so."""
        command = self._command(node, argv)
        options.setdefault("stdin", subprocess.DEVNULL)
        with self._inside(node):
            return subprocess.Popen(command, start_new_session=True, **options)

    def run(self, node: str, argv: list[str], check: bool = True, within: float = 60.0,
            env: dict[str, str] | None = None, stdin: str | None = None
            ) -> subprocess.CompletedProcess:
        """Runs a command in a node to its end, output captured as text."""
        command = self._command(node, argv)
        with self._inside(node):
            return subprocess.run(command, check=check, capture_output=True, text=True,
                                  errors="replace", timeout=within, input=stdin or "",
                                  env={**os.environ, **(env or {})})

    def exec(self, node: str, argv: list[str]) -> int:
        """Runs a command in a node on this terminal."""
        command = self._command(node, argv)
        with self._inside(node):
            return subprocess.call(command)

    def down(self) -> None:
        for node in NODES:
            if self.exists(node):
                _run("ip", "netns", "del", self.namespace(node))
