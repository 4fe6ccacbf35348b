"""Shells in a terminal, to whom lines are typed as a user types them."""

import os
import pty
import re
import select
import subprocess
import time
from pathlib import Path
from types import TracebackType

_PATIENCE_S = 60.0
_ESCAPES = re.compile(r"\x1b(\[[0-9;?<=>]*[ -/]*[@-~]|\][^\x07]*\x07|[=>()][A-Z0-9]?)|\x07|\r")


class Shell:
    """An interactive shell in a folder."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self._parent, child = pty.openpty()
        owner = ["setsid", "--ctty", *command]  # shells want the terminal to themselves
        self._process = subprocess.Popen(owner, cwd=folder, env=environment, stdin=child, stdout=child, stderr=child)
        os.close(child)
        self.shown = ""

    def __enter__(self) -> "Shell":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        os.close(self._parent)
        self._process.wait(_PATIENCE_S)

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._parent, text.encode())

    def until(self, pattern: str) -> str:
        """Return what is shown since the last call, as soon as a pattern is in it."""
        end = time.monotonic() + _PATIENCE_S
        raw = b""
        while not re.search(pattern, self.shown):
            ready, _, _ = select.select([self._parent], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"no {pattern!r} in {self.shown!r}"
            raw += os.read(self._parent, 65536)
            self.shown = _ESCAPES.sub("", raw.decode(errors="replace"))
        shown, self.shown = self.shown, ""
        return shown
