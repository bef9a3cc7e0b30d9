# SPDX-License-Identifier: Apache-2.0
"""Waiting for what can only be looked at, always with a bound that names what did not come."""
import time
from typing import Callable, TypeVar

Answer = TypeVar("Answer")


def eventually(look: Callable[[], Answer], what: str, within: float, every: float = 0.01) -> Answer:
    """The first true answer of `look`. TimeoutError naming `what` after `within` seconds."""
    end = time.monotonic() + within
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() >= end:
            raise TimeoutError(f"not within {within:g} s: {what}")
        time.sleep(every)
