"""What a command writes to a terminal."""

import os
import pty
import subprocess
import sys


def in_terminal(*arguments: str, columns: int, errors: bool = False, **variables: str) -> str:
    """Return what a command writes to a terminal of some width, to standard output or to standard error."""
    parent, child = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "COLUMNS": str(columns)} | variables
    command = [sys.executable, "-m", "edgesim", *arguments]
    streams = {"stdout": subprocess.DEVNULL, "stderr": child} if errors else {"stdout": child}
    with subprocess.Popen(command, **streams, env=environment) as process:  # type: ignore[call-overload]
        os.close(child)
        shown = b""
        try:
            while part := os.read(parent, 65536):
                shown += part
        except OSError:  # Linux: the other end is closed
            pass
    os.close(parent)
    assert process.returncode == 0
    return shown.decode().replace("\r\n", "\n")
