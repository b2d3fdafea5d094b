"""`Screen`: one line for each thing that happens, with its time."""

import sys
from datetime import datetime
from typing import TextIO

__all__ = ["Screen"]


class Screen:
    """What the user sees. What a peer has said is escaped and cut by whoever puts it into a line."""

    def __init__(self, out: TextIO | None = None, *, prompt: str = "") -> None:
        """Write to `out`, by default standard output; with a prompt, it stays below all lines."""
        self._out = out
        self._prompt = prompt

    def row(self, who: str, text: str) -> None:
        """Show a line: when, who or which way, what."""
        now = datetime.now().astimezone().strftime("%H:%M:%S.%f")[:-3]
        self._write(f"{now}  {who:<8}  {text}\n")

    def say(self, text: str) -> None:
        """Show a text as it is."""
        self._write(f"{text}\n")

    def complain(self, text: str) -> None:
        """Say on standard error what was wrong with an order."""
        start = "\r\x1b[K" if self._prompt else ""
        sys.stderr.write(f"{start}{text}\n")
        sys.stderr.flush()

    def ask(self) -> None:
        """Show that an order may be typed."""
        if self._prompt:
            self._stream.write(f"\r\x1b[K{self._prompt}")
            self._stream.flush()

    def stop_asking(self) -> None:
        """Take the prompt away: no order is awaited any more."""
        if self._prompt:
            self._stream.write("\r\x1b[K")
            self._prompt = ""

    def _write(self, text: str) -> None:
        # On a terminal a row takes the place of the prompt, which comes back below it.
        if self._prompt:
            text = f"\r\x1b[K{text}{self._prompt}"
        self._stream.write(text)
        self._stream.flush()

    @property
    def _stream(self) -> TextIO:
        return self._out or sys.stdout
