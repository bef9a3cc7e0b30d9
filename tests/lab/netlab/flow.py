# SPDX-License-Identifier: Apache-2.0
"""A one-way UDP flow from one node to another, and the questions a test asks of it: does it run,
when did its last packet arrive, which one was the first that did not, when did it come back. Times
are CLOCK_MONOTONIC in seconds. Silence counts only while the sender is seen to try."""
import bisect
import pathlib
import struct
import subprocess
import sys
import threading
import time

from netlab import nodes
from netlab.flow_endpoint import PAIR, STAMP

PORT = 9999
IN_FLIGHT = 0.1  # seconds that a packet may be on its way on a busy machine
ENDPOINT = str(pathlib.Path(__file__).parent / "flow_endpoint.py")


class Flow:
    """with Flow(network) as flow: flow.wait_running(5); ...; flow.wait_stopped(5)"""

    def __init__(self, network: nodes.Network, source: str = nodes.LAPTOP,
                 target: str = nodes.APP, address: str = nodes.APP_ADDRESS, port: int = PORT,
                 interval: float = 0.001):
        self.name = f"{source} to {target}"
        self._arrived: list[float] = []  # ascending, and so are their times of sending:
        self._sent: list[float] = []
        self._tried: list[float] = []  # all that were sent, or would have been with a route
        self._news = threading.Condition()
        self._receiver = network.popen(target, [sys.executable, ENDPOINT, "receive", address,
                                                str(port)], stdout=subprocess.PIPE)
        self._receiver.stdout.read(PAIR.size)
        self._sender = network.popen(source, [sys.executable, ENDPOINT, "send", address, str(port),
                                              str(interval)], stdout=subprocess.PIPE)
        self._readers = [threading.Thread(target=self._read, args=arguments, daemon=True)
                         for arguments in ((self._receiver, PAIR, self._on_arrivals),
                                           (self._sender, STAMP, self._on_tries))]
        for reader in self._readers:
            reader.start()

    def _read(self, end: subprocess.Popen, record: struct.Struct, take) -> None:
        rest = b""
        while chunk := end.stdout.read1(65536):
            rest += chunk
            whole = len(rest) // record.size * record.size
            with self._news:
                take(record.iter_unpack(rest[:whole]))
                self._news.notify_all()
            rest = rest[whole:]

    def _on_arrivals(self, pairs) -> None:
        for sent, arrived in pairs:
            self._sent.append(sent / 1e9)
            self._arrived.append(arrived / 1e9)

    def _on_tries(self, stamps) -> None:
        self._tried.extend(stamp / 1e9 for (stamp,) in stamps)

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
        """Arrival of the last packet, once `quiet` seconds of tries after it have not arrived."""
        end = time.monotonic() + within
        with self._news:
            while True:
                self._check_ends()
                last_sent = self._sent[-1] if self._sent else 0.0
                if self._tried and self._tried[-1] - max(last_sent, self._tried[0]) >= quiet:
                    return self._arrived[-1] if self._arrived else 0.0
                if time.monotonic() >= end:
                    raise TimeoutError(f"flow {self.name}: still flowing after {within:g} s")
                self._news.wait(0.1)

    def first_lost(self, since: float) -> float:
        """Sending of the first packet, after `since` and after the last one that arrived: by then
        the way was shut. To be asked once it has stopped."""
        with self._news:
            return self._tried[bisect.bisect_right(self._tried, max(since, self._sent[-1]))]

    def stands_still(self, during: float) -> bool:
        """True when not one packet arrives while it is tried for so long."""
        start = time.monotonic()
        with self._news:
            before = len(self._arrived)
            self._news.wait_for(lambda: len(self._arrived) > before or
                                (self._tried and self._tried[-1] >= start + during), during + 10)
            self._check_ends()
            if len(self._arrived) > before:
                return False
            if not self._tried or self._tried[-1] < start + during:
                raise RuntimeError(f"flow {self.name}: its sender stands still")
            return True

    def longest_gap(self, since: float) -> float:
        """The longest time between two arrivals from `since` to now, whoever is to blame for it."""
        with self._news:
            times = [since, *self._arrived[bisect.bisect_left(self._arrived, since):],
                     time.monotonic()]
        return max(later - earlier for earlier, later in zip(times, times[1:]))

    def longest_outage(self, since: float) -> float:
        """The longest time from `since` to now in which no packet that was sent arrived."""
        with self._news:
            arrived = set(self._sent[bisect.bisect_left(self._sent, since):])
            tried = self._tried[bisect.bisect_left(self._tried, since):]
        longest, began = 0.0, None
        for sent in tried:
            if sent in arrived or sent > tried[-1] - IN_FLIGHT:
                began = None
                continue
            began = sent if began is None else began
            longest = max(longest, sent - began)
        return longest

    def count(self, since: float = 0.0) -> int:
        with self._news:
            return len(self._arrived) - bisect.bisect_left(self._arrived, since)

    def close(self) -> None:
        for end in (self._sender, self._receiver):
            end.kill()
            end.wait()
        for reader in self._readers:
            reader.join()
        for end in (self._sender, self._receiver):
            end.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
