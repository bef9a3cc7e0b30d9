# SPDX-License-Identifier: Apache-2.0
"""Processes of one lab: started, written down, and ended only if they are still the same ones."""
import os
import pathlib
import select
import signal
import subprocess

START_TIME_FIELD = 22  # proc_pid_stat(5)


def start_time(pid: int) -> str | None:
    """The kernel's start time of a process; None when there is none, or only a zombie."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()  # the name may hold blanks and brackets
    if fields[0] == "Z":
        return None
    return fields[START_TIME_FIELD - 3]


class Process:
    """A pid together with its start time, so that a pid used again is never taken for it."""

    def __init__(self, name: str, pid: int, started: str, child: subprocess.Popen | None = None):
        self.name = name
        self.pid = pid
        self._started = started
        self._child = child

    def alive(self) -> bool:
        same = start_time(self.pid) == self._started
        if self._child is not None:
            return self._child.poll() is None and same  # in this order: what is dead is reaped
        return same

    def signal(self, number: signal.Signals) -> None:
        """Nothing happens when the process is gone, whoever has its pid now."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return
        try:
            if self.alive():  # checked after opening: the descriptor cannot change its process
                signal.pidfd_send_signal(descriptor, number)
        except ProcessLookupError:
            pass
        finally:
            os.close(descriptor)

    def wait(self, within: float) -> bool:
        """True once the process is gone."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            if self.alive():
                poller = select.poll()
                poller.register(descriptor, select.POLLIN)
                poller.poll(within * 1000)
        finally:
            os.close(descriptor)
        return not self.alive()

    def stop(self, within: float = 5.0) -> None:
        """SIGTERM, and SIGKILL for what does not listen."""
        self.signal(signal.SIGTERM)
        if not self.wait(within):
            self.kill()

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.wait(5.0)

    def exit_status(self) -> int | None:
        """Of a process that this program started; None while it runs."""
        return self._child.poll() if self._child is not None else None


class ProcessBook:
    """The processes of a lab, one file each: another run of the command finds them again."""

    def __init__(self, folder: pathlib.Path, logs: pathlib.Path):
        self._folder = folder
        self._logs = logs
        self._live: dict[str, Process] = {}

    def start(self, name: str, argv: list[str], env: dict[str, str] | None = None) -> Process:
        """Starts `argv` in a session of its own, output to logs/<name>.out."""
        self.stop(name)
        with open(self._logs / f"{name}.out", "ab") as log:
            child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                     env=env, start_new_session=True)
        process = Process(name, child.pid, start_time(child.pid) or "", child)
        (self._folder / name).write_text(f"{process.pid} {process._started}\n")
        self._live[name] = process
        return process

    def find(self, name: str) -> Process | None:
        if name in self._live:
            return self._live[name]
        try:
            pid, started = (self._folder / name).read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return Process(name, int(pid), started)

    def names(self) -> list[str]:
        return sorted(path.name for path in self._folder.glob("*"))

    def stop(self, name: str) -> None:
        process = self.find(name)
        if process is not None:
            process.stop()
        self._live.pop(name, None)
        (self._folder / name).unlink(missing_ok=True)

    def log(self, name: str) -> str:
        try:
            return (self._logs / f"{name}.out").read_text(errors="replace")
        except FileNotFoundError:
            return ""
