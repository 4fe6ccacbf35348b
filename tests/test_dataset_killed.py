"""A dataset of a sweep that was killed, or whose disk was full, is resumed to what an undisturbed one is."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from swept import COLUMNS, identity, left_over, rows

from edgesim.errors import ExecutionError
from edgesim.sweeps import dataset as module
from edgesim.sweeps.dataset import Dataset
from edgesim.sweeps.manifest import read_manifest
from edgesim.sweeps.reading import read_sweep

pytest.importorskip("pyarrow")
FULL = r"cannot be written, No space left on device; what was written before is kept: free some space"


def test_a_killed_writer_is_resumed(tmp_path: Path) -> None:
    """Before every step, and again while it is resumed, and at random moments: no row is lost or there twice."""
    if not hasattr(os, "fork"):
        pytest.skip("writers are killed in processes that are forked")
    program = [sys.executable, Path(__file__).with_name("killing_sweeps.py"), tmp_path]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["steps"] > 40
    assert found["kills"] > 0


@pytest.mark.parametrize("number", range(12))
def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Wherever it is noticed; nothing half-written stays, what was written does, and the rest follows."""
    synchronised, left = os.fsync, [number]

    def full(descriptor: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        synchronised(descriptor)

    monkeypatch.setattr(module, "ROWS", 3)
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(ExecutionError, match=FULL):
            write(tmp_path / "out", 12)
    assert left_over(tmp_path / "out") == []
    write(tmp_path / "out", 12)
    pd.testing.assert_frame_equal(read_sweep(tmp_path / "out"), rows(range(12)))


def write(folder: Path, points: int) -> None:
    """Write what is missing of a sweep, three rows at a time."""
    with Dataset.open(folder, identity(points), COLUMNS, resume=True) as dataset:
        pending = dataset.pending()
        for first in range(0, len(pending), 3):
            dataset.add(rows(pending[first : first + 3]))
        dataset.close(complete=True)


PROGRAM = """
import sys, shutil
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from edgesim.errors import ExecutionError
from test_dataset_killed import module, write
module.ROWS = 3
disk, kept = map(Path, sys.argv[2:])
try:
    write(disk / "out", 3000)
except ExecutionError as error:
    print(error)
shutil.copytree(disk / "out", kept)
"""


def test_a_small_disk_runs_full(tmp_path: Path) -> None:
    """The same with a real disk of 1 MB, which is then copied to a larger one."""
    mounted = f'mount -t tmpfs -o size=1m none "{tmp_path}" && exec "$@"'
    alone = ["unshare", "--mount", "--map-root-user", "sh", "-c", mounted, "sh"]
    kept = tmp_path.with_name(tmp_path.name + "-kept")
    if not shutil.which("unshare") or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs to mount a tmpfs")
    program = [sys.executable, "-c", PROGRAM, Path(__file__).parent, tmp_path, kept]
    done = subprocess.run([*alone, *program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "cannot be written, No space left on device" in done.stdout
    assert not left_over(kept)
    before = read_sweep(kept)
    assert 0 < len(before) < 3000
    assert not read_manifest(kept).complete
    write(kept, 3000)
    pd.testing.assert_frame_equal(read_sweep(kept), rows(range(3000)))
