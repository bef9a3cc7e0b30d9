# SPDX-License-Identifier: Apache-2.0
"""A one-way UDP flow from one node to another, and the questions a test asks of it: does it run,
when did its last packet arrive, when did it come back. Times are CLOCK_MONOTONIC in seconds."""
import bisect
import pathlib
import subprocess
import sys
import threading
import time

from netlab import nodes
from netlab.flow_endpoint import PAIR

PORT = 9999
ENDPOINT = str(pathlib.Path(__file__).parent / "flow_endpoint.py")


class Flow:
    """with Flow(network) as flow: flow.wait_running(5); ...; flow.wait_stopped(5)"""

    def __init__(self, network: nodes.Network, source: str = nodes.LAPTOP,
                 target: str = nodes.APP, address: str = nodes.APP_ADDRESS, port: int = PORT,
                 interval: float = 0.001):
        self.name = f"{source} to {target}"
        self._arrived: list[float] = []  # ascending
        self._sent: list[float] = []
        self._news = threading.Condition()
        self._receiver = network.popen(target, [sys.executable, ENDPOINT, "receive", address,
                                                str(port)], stdout=subprocess.PIPE)
        self._receiver.stdout.read(PAIR.size)
        self._sender = network.popen(source, [sys.executable, ENDPOINT, "send", address, str(port),
                                              str(interval)])
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        rest = b""
        while chunk := self._receiver.stdout.read1(65536):
            rest += chunk
            whole = len(rest) // PAIR.size * PAIR.size
            with self._news:
                for sent, arrived in PAIR.iter_unpack(rest[:whole]):
                    self._sent.append(sent / 1e9)
                    self._arrived.append(arrived / 1e9)
                self._news.notify_all()
            rest = rest[whole:]

    def _check_ends(self) -> None:
        # A flow whose ends are dead would look like a perfect cut.
        if self._sender.poll() is not None or self._receiver.poll() is not None:
            raise RuntimeError(f"flow {self.name}: an end of it died")

    def wait_running(self, within: float, since: float | None = None) -> float:
        """Arrival of the first packet that was sent after `since` (now)."""
        since = time.monotonic() if since is None else since
        end = time.monotonic() + within
        with self._news:
            while True:
                self._check_ends()
                first = bisect.bisect_right(self._sent, since)
                if first < len(self._sent):
                    return self._arrived[first]
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"flow {self.name}: no packet within {within:g} s")
                self._news.wait(min(left, 0.1))

    def wait_stopped(self, within: float, quiet: float = 0.3) -> float:
        """Arrival of the last packet, once none has come for `quiet` seconds."""
        end = time.monotonic() + within
        with self._news:
            while True:
                self._check_ends()
                now = time.monotonic()
                last = self._arrived[-1] if self._arrived else 0.0
                if now - last >= quiet:
                    return last
                if now >= end:
                    raise TimeoutError(f"flow {self.name}: still flowing after {within:g} s")
                self._news.wait(min(quiet - (now - last), 0.1))

    def stands_still(self, during: float) -> bool:
        """True when not one packet arrives for so long."""
        with self._news:
            before = len(self._arrived)
            self._news.wait_for(lambda: len(self._arrived) > before, during)
            self._check_ends()
            return len(self._arrived) == before

    def longest_gap(self, since: float) -> float:
        """The longest time between two arrivals from `since` to now."""
        with self._news:
            times = [since, *self._arrived[bisect.bisect_left(self._arrived, since):],
                     time.monotonic()]
        return max(later - earlier for earlier, later in zip(times, times[1:]))

    def count(self, since: float = 0.0) -> int:
        with self._news:
            return len(self._arrived) - bisect.bisect_left(self._arrived, since)

    def close(self) -> None:
        for end in (self._sender, self._receiver):
            end.kill()
            end.wait()
        self._reader.join()
        self._receiver.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
