"""The leak campaign, in small: what it prints is what it counts, and there is nothing to count."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from campaigns.leaks import Left

pytestmark = [
    pytest.mark.xdist_group("execution"),
    pytest.mark.skipif(sys.platform != "linux", reason="real execution is for Linux"),
]


def test_runs_leave_nothing_whoever_kills_them() -> None:
    """Processes, shared memory, files, open files: none; and memory is flat."""
    command = [sys.executable, "-m", "tests.campaigns.leaks", "--runs", "6", "--killed", "3"]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    expected = (
        r"6 runs, 3 of them killed: nothing is left "
        r"\(processes 0, shared_memories 0, files 0, descriptors 0, rss_bytes -?\d+\)\n"
    )
    assert re.fullmatch(expected, done.stdout)
    assert done.returncode == 0


@pytest.mark.parametrize("place", range(5))
def test_anything_that_is_left_is_a_leak(place: int) -> None:
    """The verdict depends on every figure."""
    assert Left(0, 0, 0, 0, 10_000).is_nothing
    assert not Left(*(10**7 if index == place else 0 for index in range(5))).is_nothing
