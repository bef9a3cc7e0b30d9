# SPDX-License-Identifier: Apache-2.0
"""A real charon per node. STRONGSWAN_CONF keeps it apart from the machine's own."""
import pathlib
import shutil
import subprocess

from netlab import nodes
from netlab.pki import Credential
from netlab.vici import Vici, ViciError
from netlab.waiting import eventually

# Without a pid file compiled in, and in the foreground without systemd.
CHARON = "/usr/sbin/charon-systemd"
TEMPLATES = pathlib.Path(__file__).parent.parent / "conf"
# swanctl takes credentials from these folders beside its file, and complains of each that lacks.
CREDENTIAL_FOLDERS = ("x509", "x509ca", "x509ocsp", "x509aa", "x509ac", "x509crl", "pubkey",
                      "private", "rsa", "ecdsa", "bliss", "pkcs8", "pkcs12", "conf.d")


def _render(template: str, values: dict[str, str]) -> str:
    text = (TEMPLATES / template).read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


class Charon:
    """`folder` holds socket and log; `folder`/swanctl is what swanctl reads."""

    def __init__(self, network: nodes.Network, node: str, folder: pathlib.Path):
        self._network = network
        self.node = node
        self.folder = folder
        self.swanctl_folder = folder / "swanctl"
        self.socket = folder / "charon.vici"
        # A copy: Debian's AppArmor profile of /usr/sbin/swanctl knows the system's own socket only.
        self._swanctl = folder / "swanctl-program"

    def prepare(self) -> None:
        """Folders and strongswan.conf; needs no credential yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(shutil.which("swanctl"), self._swanctl)
        for name in CREDENTIAL_FOLDERS:
            (self.swanctl_folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "strongswan.conf").write_text(
            _render("strongswan.conf", {"FOLDER": str(self.folder)}))

    def configure(self, own: Credential, peer_identity: str = "") -> None:
        """Writes swanctl.conf and the credentials; load() makes charon read them."""
        at = self.swanctl_folder
        shutil.copy(own.ca, at / "x509ca/ca.crt")
        shutil.copy(own.certificate, at / "x509/node.crt")
        shutil.copy(own.key, at / "private/node.key")
        if own.crl is not None and self.node == nodes.GATEWAY:
            shutil.copy(own.crl, at / "x509crl/ca.crl")
        (at / "swanctl.conf").write_text(_render(f"{self.node}.swanctl.conf", {
            "IDENTITY": own.identity, "PEER": peer_identity,
            "REVOCATION": "strict" if own.crl is not None else "relaxed"}))

    def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        process = self._network.start(self.node, f"charon-{self.node}", [CHARON], self._env())

        def answers() -> bool:
            if not process.alive():
                raise RuntimeError(f"charon on {self.node} ended:\n{self.log_end()}")
            try:
                with Vici(self.socket) as vici:
                    return bool(vici.request("version"))
            except (OSError, ViciError):
                return False
        eventually(answers, f"charon on {self.node} answers", 15, every=0.02)

    def load(self) -> None:
        self.swanctl("--load-all", "--clear")

    def connect(self, child: str = "office") -> None:
        self.swanctl("--initiate", "--child", child, "--timeout", "10")

    def disconnect(self) -> None:
        with Vici(self.socket) as vici:
            for sa in vici.sas():
                vici.request("terminate", {"ike-id": sa["uniqueid"], "force": "yes"})

    def sas(self) -> list[dict]:
        with Vici(self.socket) as vici:
            return vici.sas()

    def tunnel(self) -> dict | None:
        """The IKE_SA that has an installed CHILD_SA."""
        for sa in self.sas():
            if any(child["state"] == "INSTALLED" for child in sa.get("child-sas", {}).values()):
                return sa
        return None

    def swanctl(self, *argv: str, check: bool = True) -> subprocess.CompletedProcess:
        """RuntimeError with swanctl's own words when it fails."""
        extra = ["--uri", f"unix://{self.socket}"]
        if argv and argv[0].startswith("--load") and self.node != nodes.LAPTOP:
            extra += ["--file", str(self.swanctl_folder / "swanctl.conf")]
        done = self._network.run(self.node, [str(self._swanctl), *argv, *extra], check=False,
                                 env=self._env())
        if check and done.returncode != 0:
            raise RuntimeError(f"{self.node}: swanctl {' '.join(argv)}: exit {done.returncode}\n"
                               f"{done.stdout}{done.stderr}\n{self.log_end()}")
        return done

    def log_end(self, lines: int = 20) -> str:
        try:
            text = (self.folder / "charon.log").read_text(errors="replace")
        except FileNotFoundError:
            text = ""
        return "\n".join(text.splitlines()[-lines:])

    def _env(self) -> dict[str, str]:
        return {"STRONGSWAN_CONF": str(self.folder / "strongswan.conf")}
