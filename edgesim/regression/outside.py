"""Another version of edgesim in a process of its own: it is asked for plans, and ends when it is closed."""

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

from edgesim.plans import Load, Plan
from edgesim.regression import planning
from edgesim.regression.planning import Answer, Asked


class Outside:
    """The planners of one source tree; the process starts when it is first asked, and again when it has died."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, asked: Asked, calls: int = 0) -> Answer:
        """Return a plan or why there is none; with `calls`, the least planning time of so many [ns].

        A planner that ends its process has made an error.
        """
        process = self.process = self.process or _started(self.tree)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump((tuple(asked), calls), process.stdin)
            process.stdin.flush()
            kind, value = pickle.load(process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            code = process.wait()
            self.close()
            return "error", f"ended its process, exit code {code}"
        return kind, _plan(value) if kind == "plan" else value

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


def _plan(values: dict[str, Any]) -> Plan:
    return Plan(**values | {"loads": tuple(Load(*load) for load in values["loads"])})


def about(tree: Path) -> tuple[str | None, str]:
    """Return the file of the edgesim that a source tree has; None and what it said, if that cannot be asked."""
    done = subprocess.run(_command("--about"), env=_environment(tree), capture_output=True, text=True, check=False)
    said = done.stderr.strip().rpartition("\n")[2] or f"exit code {done.returncode}"
    return (done.stdout.strip(), "") if done.returncode == 0 else (None, said)


def _started(tree: Path) -> "subprocess.Popen[bytes]":
    pipe = subprocess.PIPE
    command, environment = _command(str(os.getpid())), _environment(tree)
    return subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, start_new_session=True)


def _command(argument: str) -> list[str]:
    return [sys.executable, "-P", planning.__file__, argument]


def _environment(tree: Path) -> dict[str, str]:
    """Put a source tree before everything else; nothing is written to it, since it may vanish."""
    paths = filter(None, (str(tree), str(tree / "src"), os.environ.get("PYTHONPATH")))
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
