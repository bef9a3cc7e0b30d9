# SPDX-License-Identifier: Apache-2.0
"""What a demo or a test run says while it goes: steps, what was observed, milliseconds."""
import sys
import textwrap
import time


class NotObserved(Exception):
    """Something that had to be seen was not."""


class Timeline:
    def __init__(self):
        self._start = time.monotonic()
        self._steps = 0
        self.observations = 0
        self.measured: list[tuple[str, float]] = []

    def step(self, title: str) -> None:
        self._steps += 1
        since = time.monotonic() - self._start
        self._write(f"\n{since:6.1f} s  {self._steps:2}. {title}")

    def say(self, text: str) -> None:
        self._write(textwrap.fill(text, 98, initial_indent=" " * 14, subsequent_indent=" " * 14))

    def quote(self, text: str, paragraphs: int | None = None) -> None:
        """A program's own words, long lines folded; all paragraphs, or the first few."""
        shown = text.rstrip().split("\n\n")[:paragraphs]
        for line in "\n\n".join(shown).splitlines():
            indent = " " * (len(line) - len(line.lstrip()) + 2)
            folded = textwrap.wrap(line, 84, subsequent_indent=indent, replace_whitespace=False,
                                   drop_whitespace=True, break_on_hyphens=False) or [""]
            for part in folded:
                self._write((" " * 14 + "| " + part).rstrip())

    def observe(self, condition: bool, text: str) -> None:
        if not condition:
            raise NotObserved(text)
        self.observations += 1
        self._write(f"          ok  {text}")

    def took(self, text: str, seconds: float) -> None:
        """An observation with a time to it."""
        self.observations += 1
        self.measured.append((text, seconds * 1000))
        self._write(f"          ok  {text}: {seconds * 1000:.1f} ms")

    def summary(self) -> None:
        width = max(len(text) for text, _ in self.measured)
        self._write("\nMeasured")
        for text, milliseconds in self.measured:
            self._write(f"  {text:{width}}  {milliseconds:9.1f} ms")

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
