"""Helper processes whose starter is killed end without a word, at whichever moment.

The kernel closes the pipes of a process that is killed a moment before it ends those that die with it, so a helper may
see half a request, or a pipe that nobody reads. Here the starter closes them and lives on, so that nothing else ends
the helper.
"""

import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from edgesim.profiling.reads import Order
from edgesim.profiling.unnamed import filled
from edgesim.regression import planning
from edgesim.regression.planning import Asked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="real execution is for Linux")
READS = ["-m", "edgesim.profiling.reads"]
LOADER = ["-c", f"from edgesim.backends.real.process import main; main({os.getpid()}, False)"]
PLANNERS = [planning.__file__, str(os.getpid())]
ABSENT = Asked("nobody", {}, "", "", "cpu", "", 1, 1, None)


@pytest.fixture
def fd(tmp_path: Path) -> Iterator[int]:
    """Give a file of a mebibyte."""
    with filled(tmp_path, 1 << 20, 0) as fd:
        yield fd


def unheard(program: list[str], said: bytes, *fds: int) -> tuple[int, bytes]:
    """Say something to a program, do not listen, and return its exit code and what it says on standard error."""
    pipe = subprocess.PIPE
    command = [sys.executable, *program]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, pass_fds=fds) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, complaint = process.communicate(said, timeout=60)
    return process.returncode, complaint


def test_reads_are_not_timed_for_nobody(fd: int) -> None:
    """The first answer says how they are made."""
    order = Order(fd, 1 << 20, (4096,), (1,), 2, 5.0, 0, None, os.getpid())
    assert unheard(READS, json.dumps(asdict(order)).encode() + b"\n", fd) == (-signal.SIGPIPE, b"")


def test_nothing_is_loaded_for_nobody(fd: int) -> None:
    """The first answer says where the loader runs."""
    setup = {"cpu": None, "realtime": False, "memory": fd, "bytes": 4096, "control": 1024, "files": [],
             "direct": False, "spins": 1}  # fmt: skip
    assert unheard(LOADER, json.dumps(setup).encode() + b"\n", fd) == (-signal.SIGPIPE, b"")


def test_nothing_is_planned_for_nobody() -> None:
    """It is no signal that ends the process: a planner's own broken pipe must not do so, either."""
    assert unheard(PLANNERS, pickle.dumps((tuple(ABSENT), 0))) == (1, b"")


@pytest.mark.parametrize("said", [b"", b'{"cpu": null, "realtime": fal'])
@pytest.mark.parametrize("program", [READS, LOADER], ids=["reads", "loader"])
def test_half_an_order_is_none(program: list[str], said: bytes) -> None:
    """Neither is done."""
    assert unheard(program, said) == (0, b"")


@pytest.mark.parametrize("bytes_said", [0, 2, 12])
def test_half_a_question_is_none(bytes_said: int) -> None:
    """Wherever it breaks off."""
    assert unheard(PLANNERS, pickle.dumps((tuple(ABSENT), 0))[:bytes_said]) == (0, b"")
