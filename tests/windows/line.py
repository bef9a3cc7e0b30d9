# SPDX-License-Identifier: Apache-2.0
"""A Windows laptop under Wine and the policy service that it is enrolled at: the Sallyport service
under Wine's service manager, and a service that stands for its virus scanner."""
import json
import os
import pathlib
import selectors
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lab"))
from netlab.waiting import eventually  # noqa: E402

WINE = str(ROOT / "cmake" / "windows" / "wine-run")

SERVICE = "SallyportLine"
ANTIVIRUS = "clamd"
# Every Windows keeps this key; Wine does not.
SERVICING = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing"


def windows_path(path):
    """Wine shows the whole file system as drive Z:."""
    return "Z:" + str(path).replace("/", "\\")


def wine(*argv, within=60):
    return subprocess.run([WINE, *map(str, argv)], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, errors="replace", timeout=within, check=False)


def service_state(name):
    words = wine("sc", "query", name).stdout.split()
    return words[words.index("STATE") + 3] if "STATE" in words else ""


class Line:
    """Everything stands once `up` has returned; `down` takes away also what a run before left."""

    STATE = "C:\\sallyport-line"
    RUN = "\\\\.\\pipe\\sallyport-line"
    COMPLIANT, NOT_COMPLIANT, NOT_RUNNING, NOT_ENROLLED = 0, 3, 6, 7

    def __init__(self, folder, linux, windows, policies):
        self.folder = pathlib.Path(folder)
        self._linux = pathlib.Path(linux)
        self._windows = pathlib.Path(windows)
        self._policyd = None
        self._ports = ("127.0.0.1:0", "127.0.0.1:0")
        self._ca_file = ""
        self.device = ""
        (self.folder / "admin").mkdir()
        (self.folder / "policies.yml").write_text(policies)

    def up(self):
        self.down()
        self.start_policy_service()
        scanner = self.folder / f"{ANTIVIRUS}.exe"
        shutil.copy(self._windows / "fake_service_windows.exe", scanner)
        self.checked("sc", "create", ANTIVIRUS, "binPath=", windows_path(scanner))
        self.checked("reg", "add", SERVICING, "/f")
        self.checked("sc", "start", ANTIVIRUS)
        self.checked(self._windows / "sallyport-service.exe", "--state", self.STATE, "--run",
                     self.RUN, "--log", windows_path(self.folder / "service.log"), "install",
                     "--name", SERVICE)
        self.checked("sc", "start", SERVICE)
        self.await_exit(self.NOT_ENROLLED, "the agent answers")
        enrolled = self.enroll()
        if enrolled.returncode != 0:
            raise AssertionError(enrolled.stderr)
        self.device = enrolled.stdout.strip()
        self.await_exit(self.COMPLIANT, "the first evidence is accepted")

    def down(self):
        wine("sc", "stop", SERVICE)
        wine(self._windows / "sallyport-service.exe", "uninstall", "--name", SERVICE)
        wine("sc", "stop", ANTIVIRUS)
        wine("sc", "delete", ANTIVIRUS)
        wine("reg", "delete", SERVICING, "/f")
        self.kill_policy_service()
        for folder in self.drive_c("C:\\").glob(self.STATE[3:] + "*"):
            shutil.rmtree(folder)

    @staticmethod
    def drive_c(path):
        return pathlib.Path(os.environ["WINEPREFIX"]) / "drive_c" / path[3:].replace("\\", "/")

    def checked(self, *argv):
        done = wine(*argv)
        if done.returncode != 0:
            raise AssertionError(f"{argv} exits {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def start_policy_service(self):
        ready = self.folder / "service.ready"
        ready.unlink(missing_ok=True)
        with open(self.folder / "policyd.log", "ab") as log:
            self._policyd = subprocess.Popen(
                [self._linux / "sallyport-policyd", "--state", self.folder / "service",
                 "--policies", self.folder / "policies.yml", "--trust-domain", "test.example",
                 "--enroll-listen", self._ports[0], "--attest-listen", self._ports[1],
                 "--server-name", "127.0.0.1", "--admin-socket",
                 self.folder / "admin" / "admin.sock", "--lease", "20s", "--beat-interval", "1s",
                 "--full-interval", "10s", "--ready-file", ready],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(lambda: ready.exists() and ready.read_text().strip().endswith("}"),
                   "the policy service listens", 20)
        told = json.loads(ready.read_text())
        self._ports = (told["enroll"], told["attest"])
        self._ca_file = told["ca_file"]

    def kill_policy_service(self):
        if self._policyd:
            self._policyd.kill()
            self._policyd.wait()

    def control(self, *argv):
        return json.loads(subprocess.run(
            [self._linux / "sallyportctl", "--socket", self.folder / "admin" / "admin.sock",
             "--json", *argv], capture_output=True, text=True, timeout=20, check=True).stdout)

    def sallyport(self, *argv):
        return wine(self._windows / "sallyport.exe", "--socket", self.RUN + "-agent", *argv)

    def enroll(self, *options, state=STATE + "\\agent"):
        token = self.control("token", "create", "--role", "device", "--uses", "1", "--ttl", "10m")
        file = self.folder / "token"
        file.write_text(token["token"] + "\n")
        return self.sallyport("enroll", "--service", self._ports[0], "--ca",
                              windows_path(self._ca_file), "--token-file", windows_path(file),
                              "--state", state, *options)

    def watch(self):
        """`sallyport status --watch`, which prints a line for each change."""
        return subprocess.Popen([WINE, self._windows / "sallyport.exe", "--socket",
                                 self.RUN + "-agent", "status", "--watch", "--json"], bufsize=0,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL)

    def status(self):
        return json.loads(self.sallyport("status", "--json").stdout)

    def await_exit(self, code, what, within=40):
        """Until `sallyport status` exits so."""
        try:
            eventually(lambda: self.sallyport("status").returncode == code,
                       f"{what} (status exits {code})", within, 0.1)
        except TimeoutError as late:
            logs = "".join(log.read_text(errors="replace")[-3000:]
                           for log in sorted(self.folder.glob("*.log")))
            raise AssertionError(f"{late}\n{self.sallyport('status').stdout}\n{logs}") from late


def statuses(watch, what, is_last, within=40):
    """What a watch prints, up to the first status that is_last says yes to."""
    end = time.monotonic() + within
    unread, seen = b"", []
    with selectors.DefaultSelector() as selector:
        selector.register(watch.stdout, selectors.EVENT_READ)
        while not seen or not is_last(seen[-1]):
            while b"\n" not in unread:
                if not selector.select(end - time.monotonic()):
                    raise AssertionError(f"not within {within:g} s: {what}; seen: {seen}")
                got = os.read(watch.stdout.fileno(), 65536)
                if not got:
                    raise AssertionError(f"it ended before: {what}; seen: {seen}")
                unread += got
            line, unread = unread.split(b"\n", 1)
            seen.append(json.loads(line))
    if unread:
        raise AssertionError(f"more came than {what}: {unread}")
    return seen
