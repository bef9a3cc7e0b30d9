# SPDX-License-Identifier: Apache-2.0
"""A whole lab: network, both charons, processes, everything under one folder."""
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess

from netlab import nodes
from netlab.charon import Charon
from netlab.flow import Flow
from netlab.pki import Credential, OpensslCa
from netlab.processes import ProcessBook, start_time, Process
from netlab.waiting import eventually

MARK = "this-is-a-sallyport-lab"  # only a folder with this file in it is ever removed
REQUIRED = ("ip", "nft", "nsenter", "unshare", "swanctl", "openssl", "sysctl", "mount")


class Lab:
    """Another Lab on the same folder is the same lab: `up` after a crash first clears what is left.

    The folder's name gives the namespaces their prefix, so that labs in different folders can run
    at the same time.
    """

    def __init__(self, folder: pathlib.Path):
        self.folder = folder.absolute()
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()
        self.book = ProcessBook(self.folder / "pids", self.folder / "logs")
        self.network = nodes.Network(f"sp{digest[:6]}", self.folder, self.book)
        self.gateway = Charon(self.network, nodes.GATEWAY, self.folder / "gw")
        self.laptop = Charon(self.network, nodes.LAPTOP, self.folder / "laptop")

    def up_network(self, binds: dict[pathlib.Path, str] | None = None,
                   folders: tuple[str, ...] = ()) -> None:
        """Nodes and wires and folders; no charon yet. `folders`: more of them, that binds name."""
        self._require()
        self.down()
        if not self._is_mine():
            self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
            if any(self.folder.iterdir()) or self.folder.stat().st_uid != os.geteuid():
                raise RuntimeError(f"{self.folder} is not empty, or another user's")
        self.folder.chmod(0o711)  # an unprivileged agent has to reach its folder
        (self.folder / MARK).touch()
        for name in ("pids", "logs"):
            (self.folder / name).mkdir(mode=0o700)
        for name in folders:
            (self.folder / name).mkdir(mode=0o755)
        for charon in (self.gateway, self.laptop):
            charon.prepare()
        self.network.up({self.laptop.swanctl_folder: "/etc/swanctl", **(binds or {})})

    def up_tunnel(self, laptop: Credential, gateway: Credential) -> None:
        """Both charons with these credentials, and the tunnel between them."""
        self.start_charons(laptop, gateway)
        self.connect()

    def start_charons(self, laptop: Credential, gateway: Credential) -> None:
        self.gateway.configure(gateway)
        self.laptop.configure(laptop, gateway.identity)
        for charon in (self.gateway, self.laptop):
            charon.start()
            charon.load()

    def up_plain(self, ruleset: str | None = None) -> None:
        """The lab on certificates of the openssl command. Without `ruleset` the gateway forwards
        everything; with it, what the rules say."""
        self.up_network()
        if ruleset is not None:
            self.nft(ruleset)
        ca = OpensslCa(self.folder / "ca")
        self.up_tunnel(ca.device("dev-0001"), ca.gateway("gw1"))

    def connect(self) -> None:
        """Dials until both sides agree that the tunnel stands."""
        self.laptop.connect()
        eventually(lambda: self.gateway.tunnel() and self.laptop.tunnel(),
                   "the tunnel stands on both sides", 10)

    def reconnect(self) -> None:
        self.laptop.disconnect()
        eventually(lambda: not self.gateway.sas(), "the gateway forgot the old tunnel", 20)
        self.connect()

    def nft(self, script: str) -> str:
        """Runs an nft script on the gateway; the answer to list commands."""
        return self.network.run(nodes.GATEWAY, ["nft", "-f", "-"], stdin=script).stdout

    def nft_json(self, *argv: str) -> list[dict]:
        done = self.network.run(nodes.GATEWAY, ["nft", "-j", *argv])
        return json.loads(done.stdout)["nftables"]

    def kernel_leases(self) -> dict[str, str]:
        """The gate's sets by nft's word: virtual address to tier. CalledProcessError: no table."""
        found = {}
        for tier in ("quarantine", "limited", "full"):
            for entry in self.nft_json("list", "set", "inet", "sallyport", f"leases_{tier}"):
                for element in entry.get("set", {}).get("elem", []):
                    found[element["elem"]["val"]["concat"][1]] = tier
        return found

    def app_flow(self, **options) -> Flow:
        return Flow(self.network, **options)

    def remediation_flow(self, **options) -> Flow:
        return Flow(self.network, target=nodes.REMEDIATION, address=nodes.REMEDIATION_ADDRESS,
                    **options)

    def down(self) -> None:
        """Ends and removes all of it; nothing happens when there is nothing."""
        if self._is_mine():
            for name in self.book.names():
                if name != "laptop-init":
                    self.book.stop(name)
            init = self.book.find("laptop-init")
            if init is not None:
                init.kill()  # takes the rest of the laptop along
                self.book.stop("laptop-init")
        self._end_left_over()
        self.network.down()
        if self._is_mine():
            shutil.rmtree(self.folder)

    def _is_mine(self) -> bool:
        return (self.folder / MARK).is_file() and self.folder.stat().st_uid == os.geteuid()

    def _end_left_over(self) -> None:
        # Children that a killed process of the lab left behind. Whatever runs in these namespaces
        # was started by the lab: it made them, and nobody else knows them.
        for node in nodes.NODES:
            if not self.network.exists(node):
                continue
            listed = subprocess.run(["ip", "netns", "pids", self.network.namespace(node)],
                                    capture_output=True, text=True, check=True).stdout
            for pid in map(int, listed.split()):
                started = start_time(pid)
                if started is not None and pid != os.getpid():
                    process = Process("left over", pid, started)
                    process.signal(signal.SIGKILL)
                    process.wait(5)

    def status(self) -> str:
        lines = [f"folder   {self.folder}"]
        for node in nodes.NODES:
            state = "absent"
            if self.network.exists(node):
                state = f"namespace {self.network.namespace(node)}"
            lines.append(f"{node:8} {state}")
        for name in self.book.names():
            process = self.book.find(name)
            state = "running" if process is not None and process.alive() else "dead"
            lines.append(f"process  {name}: pid {process.pid if process else '?'}, {state}")
        if self.gateway.socket.exists():
            for sa in self.gateway.sas():
                lines.append(f"tunnel   {sa['remote-id']} at {sa.get('remote-vips', ['?'])[0]}, "
                             f"{sa['state']}")
        return "\n".join(lines)

    @staticmethod
    def _require() -> None:
        if os.geteuid() != 0:
            raise RuntimeError("the lab needs root: it makes network namespaces")
        missing = [name for name in REQUIRED if shutil.which(name) is None]
        if missing:
            raise RuntimeError("missing commands: " + ", ".join(missing))
